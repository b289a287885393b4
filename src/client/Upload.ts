/**
 * Files on their way to the server, a few at a time and in order. What breaks is begun again for as long as it can be read
 * again; what the server refuses for good fails with its sentence.
 */
import { Deferred, Effect, Random, Semaphore, Stream } from "effect"
import { defined } from "../domain/defined.ts"
import type { Welcome } from "../domain/ServerFrame.ts"
import { ClientError, ended } from "./ClientError.ts"
import { type Address, httpRequest } from "./Credentials.ts"
import { isPermanent, retryAfterMillis, sentenceOf } from "./httpAnswer.ts"
import { parse } from "./json.ts"
import { canRenew, decide, type Decision, spread } from "./Reconnect.ts"
import { OpenFailed } from "./Transport.ts"
import { contentOf, type OpenContent, type UploadContent } from "./UploadContent.ts"
import { broken, type UploadAnswer, Uploads } from "./Uploads.ts"

/** A file that the server has, as `send` takes it. */
export interface UploadedFile {
  readonly file: string
  readonly name: string
  readonly type: string
  /** In bytes. */
  readonly size: number
  /** In hex. */
  readonly sha256: string
  /** It is being looked at: no message can have it before it has passed. */
  readonly held?: true
}

export interface UploadProgress {
  /** 1 is the first; each further one begins from the beginning. */
  readonly attempt: number
  /** Bytes of this attempt. */
  readonly sent: number
  /** Missing for a stream whose size is not known. */
  readonly total?: number
  /** Why there is another attempt: a part of a sentence. */
  readonly reason?: string
}

export interface UploadOptions {
  /** Without it that of the `File` or the source, or `file`. */
  readonly name?: string
  /** Without it that of the `Blob` or the source, or `application/octet-stream`. */
  readonly type?: string
  /** Bytes of a stream, where that is known: a server that has no room says so at once. */
  readonly size?: number
  readonly onProgress?: (progress: UploadProgress) => void
}

/** More wait until one of these is done. */
const maxAtOnce = 3

/** In the middle of a file and after its end, in milliseconds. A server may look into it before it answers. */
const stalledMillis = 30_000
const unansweredMillis = 300_000

const unauthorized = 401

/** 501 and 507 stay as they are, and a server that made a mistake makes it again. */
const isFinal = (status: number): boolean => isPermanent(status) || [500, 501, 505, 507].includes(status)

const fileOf = ({ body, retryAfter, status }: UploadAnswer): UploadedFile | OpenFailed => {
  const answer = parse(body)
  const { file, held, name, sha256, size, type } = (answer ?? {}) as Partial<UploadedFile>
  return status === 201 && typeof file === "string"
    ? { file, name: name!, type: type!, size: size!, sha256: sha256!, ...(held === true ? { held } : undefined) }
    : new OpenFailed({
      message: sentenceOf(status, body),
      permanent: status < 400 || isFinal(status),
      status,
      ...retryAfterMillis(retryAfter)
    })
}

const refused = ({ code, reason }: Pick<Decision, "code" | "reason">): ClientError =>
  new ClientError({
    reason: "upload",
    message: ended(/^[a-z]/.test(reason) ? `The file was not taken: ${reason}` : reason),
    ...defined({ code })
  })

export interface UploadsOptions {
  readonly address: Address
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

export const makeUploads = Effect.fnUntraced(function*({ address, run }: UploadsOptions) {
  const uploads = yield* Uploads
  const random = yield* Random.Random
  const slots = Semaphore.makeUnsafe(maxAtOnce)
  const closed = Deferred.makeUnsafe<never, ClientError>()
  let maxBytes = 0
  /** Done when the client has a new connection: then there is no sense in waiting. */
  let connection = Deferred.makeUnsafe<void>()

  const listener = (onProgress: UploadOptions["onProgress"]) => (progress: UploadProgress) =>
    // A listener that throws stops no upload.
    run(
      Effect.sync(() => onProgress?.(progress)).pipe(
        Effect.catchDefect((defect) => Effect.logError("A listener of onProgress threw.", defect))
      )
    )

  /** One attempt to its end. What is wrong with the content itself fails for good. */
  const post = Effect.fnUntraced(
    function*(
      { body, size }: OpenContent,
      names: { readonly name: string; readonly type: string },
      onSent: (sent: number) => void
    ) {
      const { headers, url } = yield* httpRequest(address, "v1/files", { name: names.name })
      let sent = 0
      let failure: ClientError | undefined
      const answer = uploads.post({
        url,
        headers: { ...headers, "content-type": names.type },
        body: body instanceof Blob
          ? body
          : Stream.tapError(body, (error) => Effect.sync(() => void (failure = error))),
        size,
        onSent: (bytes) => onSent(sent = bytes)
      }).pipe(Effect.mapError((error) => failure ?? error))
      /** Where the content comes from somewhere else, to stand still is no fault of the line. */
      const watch = Effect.gen(function*() {
        while (true) {
          const seen = sent
          yield* Effect.sleep(seen === size ? unansweredMillis : stalledMillis)
          if (seen > 0 && seen === sent) return yield* broken("the line is dead")
        }
      })
      return yield* body instanceof Blob ? Effect.raceFirst(answer, watch) : answer
    },
    Effect.catchTag("UploadBroken", ({ message }) => Effect.fail(new OpenFailed({ message, permanent: false })))
  )

  const send = Effect.fnUntraced(function*(given: UploadContent, options: UploadOptions) {
    const content = contentOf(given, options.size)
    const name = options.name ?? content.name ?? "file"
    const type = options.type ?? content.type ?? "application/octet-stream"
    const tell = listener(options.onProgress)
    let isUnauthorized = false
    let again: { readonly reason?: string } = {}
    for (let attempt = 1;; attempt++) {
      const opened = yield* content.open(maxBytes)
      const total = defined({ total: opened.size })
      const onSent = (sent: number) => tell({ attempt, sent, ...total, ...again })
      onSent(0)
      const outcome = yield* post(opened, { name, type }, onSent).pipe(
        Effect.map(fileOf),
        Effect.catchTag("OpenFailed", (failure) => Effect.succeed(failure))
      )
      if (!(outcome instanceof OpenFailed)) return outcome
      const decision = decide(outcome, address.credentials, undefined)
      // Once, a token or ticket may have expired on its way.
      const isStale = decision.code === unauthorized && !isUnauthorized && canRenew(address.credentials)
      isUnauthorized = decision.code === unauthorized
      if (decision._tag === "Never" && !isStale) return yield* refused(decision)
      yield* content.again
      again = { reason: decision.reason }
      tell({ attempt: attempt + 1, sent: 0, ...total, ...again })
      const wait = Effect.sleep(spread(decision, attempt - 1, random.nextDoubleUnsafe()))
      yield* decision.afterMillis === undefined ? Effect.raceFirst(wait, Deferred.await(connection)) : wait
    }
  })

  return {
    upload: (content: UploadContent, options: UploadOptions = {}): Effect.Effect<UploadedFile, ClientError> =>
      Effect.raceFirst(Deferred.await(closed), slots.withPermits(1)(send(content, options))),
    connected: ({ limits }: Welcome): void => {
      maxBytes = limits.file_bytes
      Deferred.doneUnsafe(connection, Effect.void)
      connection = Deferred.makeUnsafe()
    },
    close: (error: ClientError): void => void Deferred.doneUnsafe(closed, Effect.fail(error))
  }
})
