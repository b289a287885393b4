/** What can be uploaded, and whether it can be read a second time. */
import { Effect, Stream } from "effect"
import { isOver } from "../domain/Limit.ts"
import { sizeText } from "../domain/sizeText.ts"
import { ClientError, ended } from "./ClientError.ts"

/** Something that is opened for each attempt, from its beginning, such as a file at a path. */
export interface UploadSource {
  readonly name?: string
  readonly type?: string
  readonly open: () => Blob | Promise<Blob>
}

/** A `Blob` (a `File` is one), bytes and a source can be read again; of a stream, whatever its kind, that is not so. */
export type UploadContent =
  | Blob
  | Uint8Array
  | UploadSource
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Stream.Stream<Uint8Array, unknown>

/** Ready to be sent once. */
export interface OpenContent {
  readonly body: Blob | Stream.Stream<Uint8Array, ClientError>
  readonly size: number | undefined
}

export interface Content {
  readonly name: string | undefined
  readonly type: string | undefined
  /** `maxBytes` is what the server takes; 0 is any size. */
  readonly open: (maxBytes: number) => Effect.Effect<OpenContent, ClientError>
  /** Fails where it cannot be opened another time. */
  readonly again: Effect.Effect<void, ClientError>
}

const failed = (message: string, code?: number) =>
  new ClientError({ reason: "upload", message, ...(code === undefined ? undefined : { code }) })

const unreadable = (error: unknown): ClientError =>
  error instanceof ClientError
    ? error
    : failed(ended(`The file cannot be read: ${error instanceof Error ? error.message : String(error)}`))

/** As the server would say, before all of it has gone there. */
const tooLarge = (maxBytes: number) => failed(`A file may have ${sizeText(maxBytes)}; send a smaller one.`, 413)

/** Reads a byte: a file that is gone, or a folder that somebody dropped, is found before it is sent. */
const readable = (blob: Blob): Effect.Effect<Blob, ClientError> =>
  Effect.as(Effect.tryPromise({ try: () => blob.slice(0, 1).arrayBuffer(), catch: unreadable }), blob)

const openBlob = Effect.fnUntraced(
  function*(open: UploadSource["open"], maxBytes: number): Effect.fn.Return<OpenContent, ClientError> {
    const blob = yield* Effect.tryPromise({
      try: () => new Promise<Blob>((resolve) => resolve(open())),
      catch: unreadable
    })
    if (isOver(maxBytes, blob.size)) return yield* tooLarge(maxBytes)
    return { body: yield* readable(blob), size: blob.size }
  }
)

const isReadableStream = (content: object): content is ReadableStream<Uint8Array> => "getReader" in content

/** A stream as what came last would have it: with neither more nor less than was said, nor more than may be. */
const bounded = (stream: Stream.Stream<Uint8Array, ClientError>, size: number | undefined, maxBytes: number) =>
  Stream.suspend(() => {
    let bytes = 0
    return stream.pipe(
      Stream.mapArrayEffect((chunks) => {
        for (const chunk of chunks) bytes += chunk.length
        if (size !== undefined && bytes > size) {
          return Effect.fail(failed(`The stream has more than the ${size} bytes that were said.`))
        }
        return isOver(maxBytes, bytes) ? Effect.fail(tooLarge(maxBytes)) : Effect.succeed(chunks)
      }),
      Stream.concat(Stream.suspend(() =>
        size === undefined || bytes === size
          ? Stream.empty
          : Stream.fail(failed(`The stream ended after ${bytes} of the ${size} bytes that were said.`))
      ))
    )
  })

const onceOnly = (
  stream: Stream.Stream<Uint8Array, ClientError>,
  size: number | undefined
): Pick<Content, "again" | "open"> => {
  let used = false
  const once = Stream.onStart(stream, Effect.sync(() => void (used = true)))
  const again = Effect.suspend(() =>
    used
      ? Effect.fail(failed("The connection broke, and what was being sent cannot be read again; upload it anew."))
      : Effect.void
  )
  const open = (maxBytes: number) =>
    size !== undefined && isOver(maxBytes, size)
      ? Effect.fail(tooLarge(maxBytes))
      : Effect.succeed({ body: bounded(once, size, maxBytes), size })
  return { again, open }
}

const streamOf = (
  content: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Stream.Stream<Uint8Array, unknown>
): Stream.Stream<Uint8Array, ClientError> =>
  Stream.isStream(content)
    ? Stream.mapError(content as Stream.Stream<Uint8Array, unknown>, unreadable)
    : isReadableStream(content)
    ? Stream.fromReadableStream({ evaluate: () => content, onError: unreadable })
    : Stream.fromAsyncIterable(content, unreadable)

const nameOf = (content: object): string | undefined =>
  "name" in content && typeof content.name === "string" && content.name !== "" ? content.name : undefined

const reread = (open: UploadSource["open"]): Pick<Content, "again" | "open"> => ({
  again: Effect.void,
  open: (maxBytes) => openBlob(open, maxBytes)
})

/** `size` is of a stream, where it is known. */
export const contentOf = (content: UploadContent, size?: number): Content => {
  if (content instanceof Blob) {
    const type = content.type === "" ? undefined : content.type
    return { name: nameOf(content), type, ...reread(() => content) }
  }
  if (content instanceof Uint8Array) {
    const blob = new Blob([content as Uint8Array<ArrayBuffer>])
    return { name: undefined, type: undefined, ...reread(() => blob) }
  }
  if (!Stream.isStream(content) && "open" in content) {
    return { name: nameOf(content), type: content.type, ...reread(() => content.open()) }
  }
  return { name: undefined, type: undefined, ...onceOnly(streamOf(content), size) }
}
