/** How a file gets to the server: a service, so that tests and other platforms can take its place. */
import { Context, Effect, Schema, Stream } from "effect"
import type { ClientError } from "./ClientError.ts"

/** One attempt. */
export interface UploadRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Blob | Stream.Stream<Uint8Array, ClientError>
  /** Bytes of the body, where that is known before it is read. */
  readonly size: number | undefined
  /** Told how many bytes are on their way, where that can be seen. */
  readonly onSent: (bytes: number) => void
}

export interface UploadAnswer {
  readonly status: number
  readonly body: string
  /** The header of that name. */
  readonly retryAfter?: string | null | undefined
}

/** There was no answer. The body may have failed: then that is why. */
export class UploadBroken extends Schema.TaggedError<UploadBroken>()("UploadBroken", { message: Schema.String }) {}

export interface UploadsService {
  /** Interrupted, it is given up at once. */
  readonly post: (request: UploadRequest) => Effect.Effect<UploadAnswer, UploadBroken>
}

export const broken = (message = "the connection broke"): UploadBroken => new UploadBroken({ message })

/** Where nothing else is known. A browser's has no progress, and no other that says the size of what it streams. */
const fetchUploads: UploadsService = {
  post: ({ body, headers, onSent, url }) =>
    Effect.tryPromise({
      try: (signal) => {
        let sent = 0
        const counted = (stream: Stream.Stream<Uint8Array, ClientError>) =>
          Stream.toReadableStream(
            Stream.map(stream, (chunk) => {
              onSent(sent += chunk.length)
              return chunk
            })
          )
        return globalThis.fetch(url, {
          method: "POST",
          headers: { ...headers },
          body: body instanceof Blob ? body : counted(body),
          duplex: "half",
          redirect: "error",
          credentials: "omit",
          signal
        } as RequestInit).then((response) =>
          response.text().then((text) => ({
            status: response.status,
            body: text,
            retryAfter: response.headers.get("retry-after")
          }))
        )
      },
      catch: () => broken()
    })
}

/** The part of a browser's `XMLHttpRequest` that is used. */
interface Xhr {
  readonly status: number
  readonly responseText: string
  readonly upload: {
    readonly addEventListener: (type: "progress", listener: (event: { readonly loaded: number }) => void) => void
  }
  readonly addEventListener: (type: "load" | "error", listener: () => void) => void
  readonly open: (method: string, url: string) => void
  readonly setRequestHeader: (name: string, value: string) => void
  readonly getResponseHeader: (name: string) => string | null
  readonly send: (body: Blob) => void
  readonly abort: () => void
}

type NewXhr = new() => Xhr

/** A browser sends no stream over HTTP/1.1, so it is gathered first: it is no larger than the server takes. */
const gathered = (body: UploadRequest["body"]): Effect.Effect<Blob, UploadBroken> =>
  body instanceof Blob
    ? Effect.succeed(body)
    : Stream.runCollect(body).pipe(
      Effect.map((chunks) => new Blob(chunks as Array<Uint8Array<ArrayBuffer>>)),
      Effect.mapError(() => broken())
    )

/** A browser's way: the only one there that tells how far it has come. */
const xhrUploads = (Xhr: NewXhr): UploadsService => ({
  post: ({ body, headers, onSent, url }) =>
    Effect.flatMap(gathered(body), (blob) =>
      Effect.callback<UploadAnswer, UploadBroken>((resume) => {
        const xhr = new Xhr()
        xhr.open("POST", url)
        for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
        xhr.upload.addEventListener("progress", ({ loaded }) => onSent(loaded))
        xhr.addEventListener("load", () => {
          const { responseText, status } = xhr
          const retryAfter = xhr.getResponseHeader("retry-after")
          resume(Effect.succeed({ status, body: responseText, retryAfter }))
        })
        xhr.addEventListener("error", () => resume(Effect.fail(broken())))
        xhr.send(blob)
        return Effect.sync(() => xhr.abort())
      }))
})

/** Uploads with what the platform has, unless another layer is provided. */
export const Uploads = Context.Reference<UploadsService>("switchboard/client/Uploads", {
  defaultValue: () => {
    const Xhr = (globalThis as { readonly XMLHttpRequest?: NewXhr }).XMLHttpRequest
    return Xhr === undefined ? fetchUploads : xhrUploads(Xhr)
  }
})
