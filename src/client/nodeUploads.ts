/** Uploads over `node:http`: they say their size, are read no faster than the line takes them, and tell why they broke. */
import { Effect, type Scope, Stream } from "effect"
import { openAsBlob } from "node:fs"
import { stat } from "node:fs/promises"
import { type ClientRequest, type IncomingMessage, request as overHttp } from "node:http"
import { request as overHttps } from "node:https"
import { basename, extname } from "node:path"
import type { ClientError } from "./ClientError.ts"
import { distrust } from "./distrust.ts"
import type { UploadSource } from "./UploadContent.ts"
import { broken, type UploadAnswer, type UploadBroken, type UploadRequest, type UploadsService } from "./Uploads.ts"

/** An answer is a few lines; what else comes is not read. */
const maxAnswer = 65_536

const opened = ({ headers, size, url }: UploadRequest): Effect.Effect<ClientRequest, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const ask = url.startsWith("https:") ? overHttps : overHttp
      const length = size === undefined ? undefined : { "content-length": size }
      // A line of its own: one that was used before may have been closed, which the first bytes would find out too late.
      return ask(url, { method: "POST", headers: { ...headers, ...length }, agent: false })
    }),
    (ask) => Effect.sync(() => void ask.destroy())
  )

/** The answer may come before all is written; what breaks after it has begun takes nothing from it. */
const answerTo = (ask: ClientRequest): Effect.Effect<UploadAnswer, UploadBroken> =>
  Effect.callback((resume) => {
    let isAnswered = false
    ask.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      if (!isAnswered) resume(Effect.fail(broken(distrust(code))))
    })
    ask.on("response", (response: IncomingMessage) => {
      isAnswered = true
      let body = ""
      response.on("data", (chunk: Buffer) => {
        if (body.length < maxAnswer) body += chunk.toString()
      })
      response.on("error", () => {})
      response.once("close", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, body, retryAfter: response.headers["retry-after"] })))
    })
  })

const write = (ask: ClientRequest, chunk: Uint8Array): Effect.Effect<void> =>
  Effect.callback((resume) => {
    // Who is gone takes no more; why they are is told elsewhere.
    ask.write(chunk, (error) => resume(error ? Effect.never : Effect.void))
  })

/** What one write has at most: a `Blob` of memory comes in one piece, of which nobody would see how far it is. */
const pieceBytes = 65_536

const pieces = (chunk: Uint8Array): ReadonlyArray<Uint8Array> =>
  chunk.length <= pieceBytes
    ? [chunk]
    : Array.from(
      { length: Math.ceil(chunk.length / pieceBytes) },
      (_, i) => chunk.subarray(i * pieceBytes, (i + 1) * pieceBytes)
    )

const bytesOf = (body: UploadRequest["body"]): Stream.Stream<Uint8Array, ClientError | UploadBroken> =>
  body instanceof Blob
    ? Stream.fromReadableStream({ evaluate: () => body.stream(), onError: () => broken("the file cannot be read") })
    : body

const sent = (ask: ClientRequest, { body, onSent }: UploadRequest): Effect.Effect<void, ClientError | UploadBroken> =>
  Effect.suspend(() => {
    let bytes = 0
    return bytesOf(body).pipe(
      Stream.flatMap((chunk) => Stream.fromArray(pieces(chunk))),
      Stream.runForEach((chunk) => Effect.map(write(ask, chunk), () => onSent(bytes += chunk.length))),
      Effect.andThen(Effect.sync(() => void ask.end()))
    )
  })

export const nodeUploads: UploadsService = {
  post: Effect.fnUntraced(function*(request) {
    const ask = yield* opened(request)
    return yield* Effect.raceFirst(
      answerTo(ask),
      sent(ask, request).pipe(Effect.catch(() => Effect.fail(broken())), Effect.andThen(Effect.never))
    )
  }, Effect.scoped)
}

/** Of those that a server shows as they are. */
const types: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".mp3": "audio/mpeg",
  ".mp4": "video/mp4",
  ".webm": "video/webm",
  ".pdf": "application/pdf",
  ".txt": "text/plain"
}

/** The file at a path, for `upload`: read as it goes, and again from its beginning when the line breaks. */
export const fileAt = (path: string): UploadSource => {
  const type = types[extname(path).toLowerCase()] ?? "application/octet-stream"
  return {
    name: basename(path),
    type,
    open: () =>
      stat(path).then((file) => {
        if (file.isFile()) return openAsBlob(path, { type })
        throw new Error(`${path} is not a file`)
      })
  }
}
