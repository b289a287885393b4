/** Several conversations in hand at once, as long as the receiver is to be asked. */
import { Clock, Effect, FiberSet } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Following } from "../events/Following.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { atOnce, type KeptEvent } from "../storage/Subscriptions.ts"
import { type Courier, maxRequests } from "./Courier.ts"

/** When a store that did not answer is asked again. */
export const storeMillis = 1_000
const defectMillis = 10_000
/** When it is looked again whether the receiver may be asked; whoever has asked it says so. */
const busyMillis = 250
/** How often what an operator has asked for is looked up. */
export const askedMillis = 2_000

/** What becomes of a conversation that was in hand: nothing is left of it, or there is more, or it rests until then. */
export type Then = "done" | "again" | { readonly until: number }

export const keepWorking = Effect.fnUntraced(function*(
  { backlog, bells, isHeld, name, now }: Following,
  { inFlight, isStopped, target }: Courier,
  handle: (conversation: ConversationId) => Effect.Effect<Then, StoreError>
) {
  const fork = yield* FiberSet.makeRuntime<never>()
  let count = 0

  const handled = Effect.fnUntraced(function*(conversation: ConversationId) {
    const then = yield* handle(conversation).pipe(
      Effect.catchTag("StoreError", () => Effect.sync((): Then => ({ until: now() + storeMillis }))),
      Effect.catchDefect((defect) =>
        Effect.as(Effect.logError(`${name}.defect`, defect), { until: now() + defectMillis } as const)
      )
    )
    // In one go: whoever is woken may take it again at once.
    count--
    if (then === "done") backlog.done(conversation)
    else if (then === "again") backlog.again(conversation)
    else backlog.sleep(conversation, then.until)
    bells.ring()
  })

  const bell = yield* bells.listen
  while (true) {
    bell.reset()
    const at = now()
    const mayTry = isHeld() && !isStopped() && target.mayTry(at, inFlight()) &&
      count < (target.isDown ? 1 : maxRequests)
    const conversation = mayTry ? backlog.take(at) : undefined
    if (conversation !== undefined) {
      count++
      fork(handled(conversation))
      continue
    }
    const until = isStopped() ? at + askedMillis : mayTry ? backlog.nextDue : Math.max(target.until, at + busyMillis)
    yield* bell.wait(Math.min(Math.max(until, at + 1), at + 60_000))
  }
})

/** How long this one still has to wait by the wall clock, which may have been set meanwhile. */
export const restOf = ({ nextAt }: KeptEvent, wall: number, most: number): number =>
  nextAt === undefined || nextAt === atOnce ? 0 : Math.min(most, Math.max(0, nextAt - wall))

/** An entry that may have been trimmed since. */
export const entryAt = (
  history: (
    options: { readonly conversation: ConversationId; readonly after: number; readonly limit: number }
  ) => Effect.Effect<
    { readonly entries: ReadonlyArray<Entry> },
    StoreError
  >,
  conversation: ConversationId,
  seq: number
): Effect.Effect<Entry | undefined, StoreError> =>
  Effect.map(
    history({ conversation, after: seq - 1, limit: 1 }),
    ({ entries: [entry] }) => entry?.seq === seq ? entry : undefined
  )

/** For what people and other machines read. */
export const wallClock = Effect.map(Clock.Clock, (clock) => () => clock.currentTimeMillisUnsafe())

/** Milliseconds since the epoch, which only go forward and at one pace. */
export type Steady = () => number

/**
 * For when something is tried again, which is kept as a date: as the wall clock is now, and by the measured time from here
 * on. Where it is set meanwhile, nothing waits for longer, and nothing is given up early.
 */
export const steadyClock: Effect.Effect<Steady> = Effect.map(Clock.Clock, (clock) => {
  const now = Monotonic.nowOf(clock)
  const began = clock.currentTimeMillisUnsafe() - now()
  return () => Math.round(began + now())
})
