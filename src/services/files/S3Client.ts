/**
 * Questions to a bucket, signed. By Node's own requests: bodies go through them chunk by chunk, at the pace of the slower
 * side.
 */
import aws4 from "aws4"
import { Clock, DateTime, Effect, Redacted } from "effect"
import * as http from "node:http"
import * as https from "node:https"
import type { FileStoreError } from "./FileStore.ts"
import type { S3Address } from "./S3Address.ts"
import { elementOf, s3Errors } from "./S3Errors.ts"

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: Redacted.Redacted<string>
  readonly sessionToken?: Redacted.Redacted<string>
}

export interface S3ClientOptions extends S3Address {
  readonly region: string
  readonly credentials: S3Credentials
  /** Silence of the bucket after which it is given up, in milliseconds; it may be twice as long. */
  readonly silenceMillis?: number
}

export interface S3Question {
  readonly method: "GET" | "PUT" | "DELETE"
  /** Behind the prefix; without it the bucket itself is asked. */
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string | number>>
  /** Of the body, where it is known before it is sent; the bucket checks it then. */
  readonly sha256?: string
  /** What must not be said twice has a connection that no server is just about to close. */
  readonly fresh?: boolean
}

export interface S3Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

/** A list of a thousand files has a third of it. */
const maxAnswerBytes = 4_194_304

const hostOf = ({ bucket, endpoint, region, style }: S3ClientOptions) => {
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`)
  // A certificate of Amazon's is good for one name before its own.
  const usual = endpoint === undefined && !bucket.includes(".") ? "host" : "path"
  return (style ?? usual) === "path"
    ? { url, host: url.host, hostname: url.hostname, base: `/${bucket}` }
    : { url, host: `${bucket}.${url.host}`, hostname: `${bucket}.${url.hostname}`, base: "" }
}

const read = (
  response: http.IncomingMessage,
  broken: (cause: unknown) => FileStoreError
): Effect.Effect<string, FileStoreError> =>
  Effect.callback((resume) => {
    let text = ""
    response.setEncoding("utf8")
    response.on("data", (more: string) => {
      text += more
      if (text.length > maxAnswerBytes) response.destroy(new Error("too long"))
    })
    response.once("end", () => resume(Effect.succeed(text)))
    response.once("error", (cause) => resume(Effect.fail(broken(cause))))
  })

/** A socket's own time-out tells of a silence once, whoever's it is. */
const whenSilent = Effect.fnUntraced(function*(
  request: http.ClientRequest,
  millis: number,
  isOurs: () => boolean,
  giveUp: () => void
) {
  let before = 0
  while (true) {
    yield* Effect.sleep(millis)
    const now = (request.socket?.bytesRead ?? 0) + (request.socket?.bytesWritten ?? 0)
    if (now === before && isOurs()) return giveUp()
    before = now
  }
})

export const makeS3Client = (options: S3ClientOptions) => {
  const { bucket, credentials, prefix, region, silenceMillis = 20_000 } = options
  const { base, host, hostname, url } = hostOf(options)
  const errors = s3Errors(bucket, url.host)
  const library = url.protocol === "https:" ? https : http
  const kept = new library.Agent({ keepAlive: true, maxFreeSockets: 16, scheduling: "lifo" })
  const fresh = new library.Agent({ keepAlive: false })

  const signed = (question: S3Question, at: number) => {
    const query = new URLSearchParams(question.query).toString()
    const path = `${base}/${question.key === undefined ? "" : `${prefix}${question.key}`}`
    return aws4.sign({
      service: "s3",
      region,
      host,
      method: question.method,
      path: query === "" ? path : `${path}?${query}`,
      headers: {
        ...question.headers,
        "X-Amz-Content-Sha256": question.sha256 ?? "UNSIGNED-PAYLOAD",
        "X-Amz-Date": DateTime.formatIso(DateTime.makeUnsafe(at)).replaceAll(/[:-]|\.\d{3}/g, "")
      }
    }, {
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: Redacted.value(credentials.secretAccessKey),
      ...(credentials.sessionToken === undefined
        ? undefined
        : { sessionToken: Redacted.value(credentials.sessionToken) })
    })
  }

  /**
   * The caller ends it. Silence counts only while the bucket is the one that is waited for, which `isOurs` tells: whoever
   * sends or reads a body slowly is somebody else's to look after.
   */
  const begin = (question: S3Question, isOurs: () => boolean = () => true): Effect.Effect<http.ClientRequest> =>
    Effect.tap(
      Effect.map(Clock.currentTimeMillis, (at) => {
        const { headers, path } = signed(question, at)
        const request = library.request({
          protocol: url.protocol,
          hostname: hostname.replace(/^\[|\]$/g, ""),
          port: url.port,
          method: question.method,
          path,
          headers,
          agent: question.fresh === true ? fresh : kept
        })
        // One that nobody listens to would end the process; whoever asks hears of it too.
        request.on("error", () => {})
        return request
      }),
      (request) =>
        Effect.map(
          Effect.forkDetach(whenSilent(request, silenceMillis, isOurs, () => request.destroy(errors.silent()))),
          (fiber) => request.once("close", () => fiber.interruptUnsafe())
        )
    )

  const answered = (request: http.ClientRequest): Effect.Effect<http.IncomingMessage, FileStoreError> =>
    Effect.callback((resume) => {
      request.once("response", (response) => {
        response.on("error", () => {})
        resume(Effect.succeed(response))
      })
      request.once("error", (cause) => resume(Effect.fail(errors.unreachable(cause))))
    })

  const textOf = (response: http.IncomingMessage) => read(response, errors.unreachable)

  const refusal = (response: Pick<http.IncomingMessage, "headers" | "statusCode">, text: string): FileStoreError =>
    errors.refused({
      status: response.statusCode ?? 0,
      code: elementOf(text, "Code") ?? "",
      region: elementOf(text, "Region") ?? response.headers["x-amz-bucket-region"]?.toString()
    })

  const once = (question: S3Question) =>
    Effect.acquireUseRelease(
      begin(question),
      (request) => {
        const answer = answered(request)
        request.end()
        return Effect.flatMap(
          answer,
          (response) =>
            Effect.map(textOf(response), (text) => ({
              refused: refusal(response, text),
              answer: { status: response.statusCode ?? 0, headers: response.headers, text }
            }))
        )
      },
      (request, exit) => Effect.sync(() => exit._tag === "Failure" && request.destroy())
    )

  /** A question without a body; `others` are answers that are none of a failure. */
  const ask = (
    question: S3Question,
    ...others: ReadonlyArray<string | number>
  ): Effect.Effect<S3Answer, FileStoreError> =>
    // The server may have closed a connection that was kept; none of these does anything more when it is said again.
    Effect.retry(once(question), { times: 1, while: ({ cause }) => isReset(cause) }).pipe(
      Effect.flatMap(({ answer, refused }) =>
        isGood(answer.status) || others.includes(answer.status) || others.includes(elementOf(answer.text, "Code") ?? "")
          ? Effect.succeed(answer)
          : Effect.fail(refused)
      )
    )

  return { errors, begin, answered, textOf, refusal, ask, close: () => [kept, fresh].forEach((each) => each.destroy()) }
}

export type S3Client = ReturnType<typeof makeS3Client>

export const isGood = (status: number | undefined): boolean => status !== undefined && status >= 200 && status < 300

const isReset = (cause: unknown): boolean =>
  typeof cause === "object" && cause !== null && "code" in cause &&
  (cause.code === "ECONNRESET" || cause.code === "EPIPE")
