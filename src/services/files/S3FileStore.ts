/** Files in a bucket, of Amazon's S3 or what speaks like it. All servers may share one. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import { Config, DateTime, Effect, Layer, Option, Stream } from "effect"
import { FileId } from "../../domain/Ids.ts"
import { FileStore, FileStoreError, type ListedFile } from "./FileStore.ts"
import { isFileId, notAName, within } from "./Intake.ts"
import { type S3Address } from "./S3Address.ts"
import { isGood, makeS3Client, type S3Client, type S3ClientOptions, type S3Credentials } from "./S3Client.ts"
import { elementOf } from "./S3Errors.ts"
import { upload } from "./S3Upload.ts"

export interface S3FileStoreOptions extends Omit<S3Address, "prefix"> {
  readonly prefix?: string
  /** By default those of the standard variables: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`. */
  readonly credentials?: S3Credentials
  /** Silence of the bucket after which a question is given up, in milliseconds; 20,000 by default. */
  readonly silenceMillis?: number
}

/** No file can have this name. */
const checkKey = ".check"

/** As many as S3 says in one answer. */
const maxKeys = 1_000

const contentsOf = (prefix: string, xml: string) =>
  Array.from(xml.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, each]) => {
    const key = elementOf(each!, "Key") ?? ""
    return {
      key,
      file: key.slice(prefix.length),
      size: Number(elementOf(each!, "Size")),
      at: Option.match(DateTime.make(elementOf(each!, "LastModified") ?? ""), {
        onNone: () => 0,
        onSome: DateTime.toEpochMillis
      })
    }
  })

const make = (client: S3Client, prefix: string) => {
  const gone = () =>
    new FileStoreError({ kind: "unavailable", message: "A file was removed before it could be read; nothing is lost." })

  const reading = (file: FileId, from: number, end: number): Stream.Stream<Uint8Array, FileStoreError> =>
    Stream.unwrap(Effect.gen(function*() {
      let waits = () => true
      const request = yield* Effect.acquireRelease(
        client.begin(
          { method: "GET", key: file, headers: { range: `bytes=${from}-${end - 1}` } },
          () => waits()
        ),
        // Where all of it was read this changes nothing, and the connection is kept.
        (request) => Effect.sync(() => request.destroy())
      )
      const answer = client.answered(request)
      request.end()
      const response = yield* answer
      if (response.statusCode === 404) return yield* gone()
      if (!isGood(response.statusCode)) return yield* client.refusal(response, yield* client.textOf(response))
      // All of it in place of a part would be another file.
      if (response.statusCode !== 206 && Number(response.headers["content-length"]) !== end - from) {
        return yield* client.errors.unreachable({ code: "no ranges" })
      }
      // What has come and is not read waits for our reader, and not for the bucket.
      waits = () => response.readableLength === 0
      return NodeStream.fromReadable({ evaluate: () => response, onError: client.errors.unreachable, chunkSize: 4 })
    }))

  const get: FileStore["Service"]["get"] = Effect.fnUntraced(function*(file, range) {
    if (!isFileId(file)) return undefined
    // Whether it is there, and how large it is. A HEAD would not tell a file that is missing from a bucket that is.
    const question = { method: "GET", key: file, headers: { range: "bytes=0-0" } } as const
    const { headers, status, text } = yield* client.ask(question, "NoSuchKey", 416)
    if (status === 404) return undefined
    // Nothing of an empty file can be asked for.
    const size = status === 416 ? 0 : Number(/\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1] ?? text.length)
    const { end, from } = within(size, range)
    return { size, content: from === end ? Stream.empty : reading(file, from, end) }
  })

  const list = Effect.fnUntraced(function*(options: { readonly after?: FileId; readonly limit: number }) {
    const files: Array<ListedFile> = []
    let after = options.after === undefined ? undefined : `${prefix}${options.after}`
    for (let isMore = true; isMore && files.length <= options.limit;) {
      const { text } = yield* client.ask({
        method: "GET",
        query: {
          "list-type": "2",
          "max-keys": String(Math.min(maxKeys, options.limit + 1)),
          ...(prefix === "" ? undefined : { prefix }),
          ...(after === undefined ? undefined : { "start-after": after })
        }
      })
      const contents = contentsOf(prefix, text)
      for (const { at, file, size } of contents) if (isFileId(file)) files.push({ file, size, at })
      after = contents.at(-1)?.key
      isMore = elementOf(text, "IsTruncated") === "true" && after !== undefined
    }
    return { files: files.slice(0, options.limit), hasMore: files.length > options.limit }
  })

  return FileStore.of({
    kind: "s3",
    put: (file, content, options) =>
      isFileId(file) ? upload(client, file, content, options?.size) : Effect.fail(notAName()),
    get,
    remove: (file) =>
      isFileId(file) ? Effect.asVoid(client.ask({ method: "DELETE", key: file }, "NoSuchKey")) : Effect.void,
    list,
    // A PUT that was not finished has left nothing, and there are no uploads in several parts.
    sweep: () => Effect.void,
    check: upload(client, checkKey, Stream.empty, 0).pipe(
      Effect.andThen(client.ask({ method: "DELETE", key: checkKey })),
      Effect.asVoid
    )
  })
}

const noCredentials = (cause: unknown) =>
  new FileStoreError({
    kind: "unavailable",
    message: "A bucket needs credentials; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    cause
  })

const orNothing = <A>(config: Config.Config<A>) => Effect.orElseSucceed(Config.option(config), () => Option.none<A>())

const credentialsOf: Effect.Effect<S3Credentials, FileStoreError> = Effect.gen(function*() {
  const accessKeyId = yield* Config.NonEmptyString("AWS_ACCESS_KEY_ID")
  const secretAccessKey = yield* Config.Redacted("AWS_SECRET_ACCESS_KEY")
  const sessionToken = yield* orNothing(Config.Redacted("AWS_SESSION_TOKEN"))
  return { accessKeyId, secretAccessKey, ...(Option.isSome(sessionToken) ? { sessionToken: sessionToken.value } : {}) }
}).pipe(Effect.mapError(noCredentials))

const variable = (...names: ReadonlyArray<string>) =>
  Effect.map(Effect.forEach(names, (name) => orNothing(Config.NonEmptyString(name))), Option.firstSomeOf)

/** With what the standard variables say where the address says nothing. */
export const s3ClientOptions = Effect.fnUntraced(function*(
  { credentials, endpoint, prefix = "", region, ...rest }: S3FileStoreOptions
): Effect.fn.Return<S3ClientOptions, FileStoreError> {
  const otherEndpoint = yield* variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
  const chosen = endpoint ?? Option.getOrUndefined(otherEndpoint)
  return {
    ...rest,
    prefix,
    region: region ?? Option.getOrElse(yield* variable("AWS_REGION", "AWS_DEFAULT_REGION"), () => "us-east-1"),
    credentials: credentials ?? (yield* credentialsOf),
    ...(chosen === undefined ? undefined : { endpoint: chosen })
  }
})

/** It asks the bucket nothing before there is a file: a chat begins, and goes on, where the bucket is down. */
const layer = (options: S3FileStoreOptions): Layer.Layer<FileStore, FileStoreError> =>
  Layer.effect(
    FileStore,
    Effect.gen(function*() {
      const resolved = yield* s3ClientOptions(options)
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => makeS3Client(resolved)),
        (client) => Effect.sync(() => client.close())
      )
      return make(client, resolved.prefix)
    })
  )

export const S3FileStore = { layer }
