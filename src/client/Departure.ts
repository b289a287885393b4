/** A server that is about to stop asks its clients to go elsewhere, each of them at a time of its own. */
import { Clock, Effect, Queue } from "effect"
import * as CloseCode from "../domain/CloseCode.ts"
import { monotonicMillis } from "./monotonic.ts"
import { LinkClosed } from "./Transport.ts"

/** No server takes longer to stop; whatever a broken one says, its clients are not kept away for hours. */
const longestMillis = 600_000

/**
 * How long what has no answer yet keeps a client whose time has come, and how often it looks. A server waits two seconds
 * for the last of its clients.
 */
const patienceMillis = 1_500
const lookMillis = 50

const boundedMillis = (millis: unknown): number =>
  typeof millis === "number" && millis > 0 ? Math.min(millis, longestMillis) : 0

export interface Departure {
  /** The server wants this client to be gone after so many milliseconds. The latest word counts. */
  readonly asked: (millis: unknown) => void
  /** Another connection begins, of which nobody has asked this. */
  readonly forget: () => void
  /** What is left of the time in milliseconds; `undefined` when nobody has asked. */
  readonly left: () => number | undefined
  /** Fails when it is time to go, as if the server had closed then. */
  readonly due: Effect.Effect<never, LinkClosed>
}

/** `isBusy`: something that was asked has no answer yet. */
export const makeDeparture = Effect.fnUntraced(function*(isBusy: () => boolean) {
  const clock = yield* Clock.Clock
  const news = yield* Queue.sliding<void>(1)
  const now = () => monotonicMillis(clock)
  let at: number | undefined
  const left = () => at === undefined ? undefined : Math.max(0, Math.ceil(at - now()))

  const due = Effect.gen(function*() {
    for (let rest = left(); rest !== 0; rest = left()) {
      yield* rest === undefined ? Queue.take(news) : Effect.timeoutOption(Queue.take(news), rest)
    }
    const latest = now() + patienceMillis
    while (isBusy() && now() < latest) yield* Effect.sleep(lookMillis)
    return yield* new LinkClosed(CloseCode.Draining)
  })

  return {
    asked: (millis) => {
      at = now() + boundedMillis(millis)
      Queue.offerUnsafe(news, undefined)
    },
    forget: () => {
      at = undefined
    },
    left,
    due
  } satisfies Departure
})
