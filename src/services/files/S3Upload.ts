/** A file on its way into a bucket: as it comes where its size is known, over a temporary file where it is not. */
import { Effect, type Scope, Stream } from "effect"
import { randomUUID } from "node:crypto"
import { type FileHandle, open, unlink } from "node:fs/promises"
import type { ClientRequest } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { giveBack, lend } from "../kernel/lent.ts"
import { FileStoreError, type StoredFile } from "./FileStore.ts"
import { folderError } from "./FolderPlaces.ts"
import { writeAll } from "./FolderWriting.ts"
import { takeIn } from "./Intake.ts"
import { isGood, type S3Client, type S3Question } from "./S3Client.ts"

const drained = (request: ClientRequest): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const done = () => resume(Effect.void)
    request.once("drain", done)
    return Effect.sync(() => request.off("drain", done))
  })

/** In one piece to the system, and no more before the socket has taken it. */
const write = (request: ClientRequest, chunks: ReadonlyArray<Uint8Array>): Effect.Effect<void> =>
  Effect.suspend(() => {
    request.cork()
    let hasRoom = true
    for (const chunk of chunks) {
      // The system has it when this is called; of a connection that broke nobody knows.
      hasRoom = request.write(chunk, (error) => {
        if (error === undefined || error === null) giveBack(chunk)
      })
    }
    request.uncork()
    return hasRoom ? Effect.void : drained(request)
  })

/** A server that does not know what it was asked is sent the body all the same, after so many milliseconds. */
const expectMillis = 1_000

/**
 * Whoever refuses does so now: a server that closes the connection on a body that it does not want takes its own answer
 * away with it.
 */
const asked = (request: ClientRequest): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    request.once("continue", () => resume(Effect.void))
  }).pipe(Effect.timeoutOption(expectMillis), Effect.asVoid)

/** How long a file that was not wanted after all may take to be removed again. */
const removeMillis = 10_000

/**
 * One PUT, which S3 keeps whole or not at all. `body` writes what comes; nothing is there where it fails, because less
 * came than the length that was said, and where it is interrupted at the end, what may be there is removed.
 */
const send = Effect.fnUntraced(function*<A, E, R>(
  client: S3Client,
  question: S3Question & { readonly key: string },
  size: number,
  body: (write: (chunks: ReadonlyArray<Uint8Array>) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.fn.Return<A, E | FileStoreError, R> {
  let isWriting = true
  const expect = size === 0 ? undefined : { expect: "100-continue" }
  let sent: { readonly value: A } | undefined
  return yield* Effect.acquireUseRelease(
    client.begin(
      {
        ...question,
        fresh: true,
        headers: { "content-length": size, "content-type": "application/octet-stream", ...expect }
      },
      () => isWriting || sent !== undefined
    ),
    (request) => {
      const begun = Effect.map(expect === undefined ? Effect.void : asked(request), () => {
        isWriting = false
      })
      const content = body((chunks) => {
        isWriting = true
        return Effect.map(write(request, chunks), () => {
          isWriting = false
        })
      })
      const written = Effect.flatMap(Effect.andThen(begun, content), (value) => {
        sent = { value }
        request.end()
        return Effect.never
      })
      // A bucket that refuses says so before it has all of it.
      return Effect.raceFirst(client.answered(request), written).pipe(
        Effect.flatMap((response) =>
          Effect.flatMap(client.textOf(response), (text) =>
            isGood(response.statusCode) && sent !== undefined
              ? Effect.succeed(sent.value)
              : Effect.fail(client.refusal(response, text)))
        )
      )
    },
    (request, exit) => {
      if (exit._tag === "Success") return Effect.void
      request.destroy()
      return sent === undefined ? Effect.void : client.ask({ method: "DELETE", key: question.key }).pipe(
        Effect.timeoutOption(removeMillis),
        Effect.ignore
      )
    }
  )
})

const spoolError = folderError(tmpdir())

/** A file without a name: whatever becomes of this process, nothing is left of it. */
const spool: Effect.Effect<FileHandle, FileStoreError, Scope.Scope> = Effect.acquireRelease(
  Effect.tryPromise({
    try: () => {
      const path = join(tmpdir(), `switchboard-${randomUUID()}`)
      return open(path, "wx+", 0o600).then((handle) => unlink(path).then(() => handle))
    },
    catch: spoolError
  }),
  (handle) => Effect.promise(() => handle.close())
)

const spoolBytes = 262_144

const spooled = Effect.fnUntraced(
  function*<E, R>(client: S3Client, key: string, content: Stream.Stream<Uint8Array, E, R>) {
    const handle = yield* spool
    const stored: StoredFile = yield* takeIn(
      content,
      undefined,
      (chunks) => Effect.tryPromise({ try: () => writeAll(handle, chunks), catch: spoolError })
    )
    const { sha256, size } = stored
    return yield* send(client, { method: "PUT", key, sha256 }, size, (write) =>
      Effect.gen(function*() {
        let at = 0
        while (at < size) {
          const buffer = Buffer.allocUnsafeSlow(Math.min(spoolBytes, size - at))
          const { bytesRead } = yield* Effect.tryPromise({
            try: () => handle.read(buffer, 0, buffer.byteLength, at),
            catch: spoolError
          })
          at += bytesRead
          const piece = buffer.subarray(0, bytesRead)
          lend(piece)
          yield* write([piece])
        }
        return stored
      }))
  },
  Effect.scoped
)

export const upload = <E, R>(
  client: S3Client,
  key: string,
  content: Stream.Stream<Uint8Array, E, R>,
  size: number | undefined
): Effect.Effect<StoredFile, FileStoreError | E, R> =>
  size === undefined
    ? spooled(client, key, content)
    : send(client, { method: "PUT", key }, size, (write) => takeIn(content, size, write))
