/** A client's search: in its turn, and beside what else the client asks. */
import { Effect } from "effect"
import { countTargets, type Search } from "../../domain/ClientFrame.ts"
import * as Errors from "../../domain/Errors.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { costOfSearch } from "../limits/FrameLimits.ts"
import type { Searches } from "../search/Searches.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { readable } from "../session/readable.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"
import type { UserRef } from "./UserRef.ts"

export interface SearchingServices {
  readonly searches: Searches["Service"]
  readonly store: MessageStore["Service"]
  readonly traces: MessageTracing | undefined
}

const tooMany = () => Errors.overloaded("You search faster than it can be answered; search again in a moment.", 1_000)

const answered = Effect.fnUntraced(function*(frame: Search, ref: UserRef, { searches, store }: SearchingServices) {
  const place = countTargets(frame) === 0 ? undefined : yield* readable(frame, ref.user, store)
  const { hits, ...rest } = place !== undefined && place.from === undefined
    ? { hits: [] }
    : yield* searches.find(place === undefined ? frame : { ...frame, conversation: place.conversation }, ref)
  return new EncodedFrame({
    type: "search_result",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    hits,
    ...rest
  })
})

/** Never fails: what goes wrong is an `error` frame. */
const answer = (frame: Search, ref: UserRef, services: SearchingServices): Effect.Effect<EncodedFrame> =>
  answered(frame, ref, services).pipe(
    Effect.catchTags({
      ChatError: (error) => Effect.sync(() => ref.refusal(frame.id, error)),
      StoreError: () => Effect.sync(() => ref.refusal(frame.id, Errors.storeSilent()))
    })
  )

/** Whoever searches goes on writing meanwhile. Returns whether it has its turn, which is when the frame is done with. */
export const searching = (frame: Search, ref: UserRef, services: SearchingServices): boolean => {
  const { searches, traces } = services
  const asked = answer(frame, ref, services)
  const traced = traces?.asked(ref.user, frame, asked) ?? asked
  let isOpen = true
  const inTurn = Effect.flatMap(Monotonic.now, (now) => {
    // Nobody waits for it any more.
    if (ref.hasLeft || ref.isClosing) return Effect.void
    const begun = now()
    return Effect.map(traced, (reply) => {
      isOpen = false
      ref.charge(costOfSearch(now() - begun))
      ref.answer(reply)
    })
  })
  const settled = Effect.sync(() => {
    if (isOpen) ref.rejected(frame.id, Errors.storeSilent())
    ref.flush()
    ref.settled()
  })
  if (searches.turns.ask(ref.user, Effect.ensuring(inTurn, settled))) return true
  ref.rejected(frame.id, tooMany())
  return false
}
