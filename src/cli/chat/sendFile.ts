/** `/file`: a message with a file, while one goes on writing. */
import { Deferred, Effect, Queue, Stream } from "effect"
import { homedir } from "node:os"
import { basename } from "node:path"
import { fileAt } from "../../client/nodeUploads.ts"
import type { Answer } from "../../client/types.ts"
import { progressLine } from "./Sending.ts"
import type { Open, Session } from "./Session.ts"

/** As a shell would have it: `~` is one's home. */
const pathOf = (typed: string): string => typed.replace(/^~(?=\/)/, homedir)

/** Brings it to the server, and shows below the line how far it is. */
const upload = Effect.fnUntraced(function*({ client, refresh, sending }: Session, path: string) {
  const source = fileAt(pathOf(path))
  const name = source.name ?? basename(path)
  const changed = yield* Queue.sliding<void>(1)
  const going = yield* Effect.acquireRelease(
    Effect.sync(() => sending.begin(name)),
    (going) => Effect.andThen(Effect.sync(() => sending.end(going)), refresh)
  )
  yield* Stream.runForEach(Stream.fromQueue(changed), () => refresh).pipe(Effect.forkScoped)
  yield* refresh
  const uploading = client.upload(source, {
    onProgress: (progress) => {
      const line = progressLine(name, progress)
      if (line === going.line) return
      going.line = line
      Queue.offerUnsafe(changed, undefined)
    }
  })
  return yield* Effect.raceFirst(uploading, Deferred.await(going.cancelled))
}, Effect.scoped)

export const sendFile = Effect.fnUntraced(function*(
  session: Session,
  { path, text }: { readonly path: string; readonly text: string },
  open: Open
): Effect.fn.Return<void, Effect.Error<Answer<void>>> {
  const file = yield* upload(session, path)
  const mentions = yield* session.mentionsIn(open, text)
  yield* session.client.send(open.target, text, { attachments: [file], mentions }).pipe(
    // What is refused is shown when the client tells of it.
    Effect.catchTag("ChatError", () => Effect.void)
  )
})
