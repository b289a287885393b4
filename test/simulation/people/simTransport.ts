/** The way of the typed client to its server in a simulation. It sees all that goes over it. */
import { Cause, Effect, Queue } from "effect"
import { LinkClosed, OpenFailed, type TransportService } from "../../../src/client/Transport.ts"
import type { Line } from "../world/Line.ts"
import type { Attempt, AttemptEnd } from "../world/Network.ts"

export interface SimTransportOptions {
  readonly connect: (user: string, end: AttemptEnd) => Attempt
  readonly opened: (line: Line) => void
  readonly said: (text: string) => void
  readonly heard: (text: string) => void
  readonly closed: (code: number, reason: string) => void
}

const isPermanent = (status: number) => status >= 400 && status < 500 && status !== 429

export const simTransport = (options: SimTransportOptions): TransportService => ({
  open: ({ headers }) =>
    Effect.gen(function*() {
      const texts = yield* Queue.unbounded<string, LinkClosed | Cause.Done>()
      const line = yield* Effect.callback<Line, OpenFailed | LinkClosed>((resume) => {
        const attempt = options.connect(headers["Phone-Number"]!, {
          opened: (line) => {
            options.opened(line)
            resume(Effect.succeed(line))
          },
          heard: (text) => {
            options.heard(text)
            Queue.offerUnsafe(texts, text)
          },
          took: () => {},
          closed: (code, reason) => {
            options.closed(code, reason)
            const closed = new LinkClosed({ code, reason })
            resume(Effect.fail(closed))
            Queue.failCauseUnsafe(texts, Cause.fail(closed))
          },
          refused: (status, retryAfterMillis) =>
            resume(Effect.fail(
              new OpenFailed({
                message: "refused",
                permanent: status !== undefined && isPermanent(status),
                ...(status === undefined ? undefined : { status }),
                ...(retryAfterMillis === undefined ? undefined : { retryAfterMillis })
              })
            ))
        })
        return Effect.sync(() => attempt.abandon())
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => line.leave()))
      return {
        send: (said) =>
          Effect.sync(() => {
            for (const text of said) {
              options.said(text)
              line.say(text)
            }
          }),
        receive: Queue.takeAll(texts).pipe(
          Effect.catchTag("Done", () => Effect.fail(new LinkClosed({ code: 1006, reason: "" })))
        )
      }
    })
})
