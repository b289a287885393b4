/** Faults that a seed has found which were there once, and that few seeds find: each has a plan of its own in `kept/`. */
import type { PlantedFault } from "./PlantedFault.ts"

export const keptFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "unblocked-elsewhere",
    promise: "P4",
    what: "What is said after a block has ended at another server, before this one hears of it, is never pushed here.",
    file: "src/services/user/Blocks.ts",
    from: `for (const reader of this.readers) reader.readAgain()`,
    to: ``
  },
  {
    name: "webhooks-ask-for-ever",
    promise: "P4",
    what: "A question of the webhooks that the store never answers is waited for.",
    file: "src/services/webhooks/Webhooks.ts",
    from: `boundedSubscriptions(asking, found.value)`,
    to: `found.value`
  },
  {
    name: "block-accepted-before-told",
    promise: "P8",
    what: "A block is accepted before the other servers hear of it for certain.",
    file: "src/services/user/Relations.ts",
    from: `yield* tell
  ref.answer(answer)`,
    to: `yield* Effect.forkDetach(Effect.ignore(tell))
  ref.answer(answer)`
  },
  {
    name: "place-asked-late",
    promise: "P4",
    what:
      "A connection that was let in while the store was away counts as newer than one that came elsewhere after it.",
    file: "src/services/server/Attendances.ts",
    from: `if (newest !== undefined && newest !== before) ref.tell`,
    to: `if (newest === null) ref.tell`
  },
  {
    name: "slow-watcher-not-answered",
    promise: "P7",
    what: "Whoever asks how others are while much waits for them is not answered, and counts as told.",
    file: "src/services/presence/Presence.ts",
    from: `ref.push(answerOf(`,
    to: `ref.push(newsOf(`
  },
  {
    name: "stop-part-by-part",
    promise: "P10",
    what: "Each part of a stop waits so long for a store that is late that together they are too long.",
    file: "src/services/storage/storeBounds.ts",
    from: `export const stopMillis = 700`,
    to: `export const stopMillis = 1_000`
  },
  {
    name: "taken-out-while-read",
    promise: "P8",
    what: "Whoever is taken out of a group while a page of its history is read for them has what came after that.",
    file: "src/services/session/readable.ts",
    from: `const now = yield* readable(frame, user, store)`,
    to: `const now = place`
  },
  {
    name: "own-confirmed-untaken",
    promise: "P5",
    what: "What a client made itself counts as taken by its application once the server has it.",
    file: "src/client/Incoming.ts",
    from: `const isTaken = !isTold || !this.#options.events.isWanted`,
    to: `const isTaken = true`
  },
  {
    name: "block-passed-over",
    promise: "P4",
    what:
      "Whoever connects while a block is on its way to the store passes over what it would keep back, also if it fails.",
    file: "src/services/user/CatchUp.ts",
    from: `while (ref.blocks.isChanging && isHidden(ref, conversation, entry)) yield* ref.blocks.decided()`,
    to: ``
  },
  {
    name: "backlog-past-a-small-bound",
    promise: "P6",
    what: "The backlog fills 64 KiB of a socket that may hold less.",
    file: "src/services/user/SendQueue.ts",
    from: `Math.min(slowBytes, maxBytes)`,
    to: `slowBytes`
  },
  {
    name: "withheld-from-ahead",
    promise: "P4",
    what: "A block ends by a clock that is behind, before what it has withheld, which counts as never withheld then.",
    file: "src/services/user/Blocks.ts",
    from: `this.#ahead.get(other) ?? 0`,
    to: `0`
  },
  {
    name: "ended-before-it-began",
    promise: "P7",
    what: "An end of a block that a store is late with ends one that was made after it.",
    file: "src/domain/blockSpans.ts",
    from: `if (at < last.since && last.since - at <= maxSkewMillis) return spans`,
    to: ``
  },
  {
    name: "back-in-the-group",
    promise: "P2",
    what: "Whoever is back in a group has what was said before that when the store is read again, behind what is new.",
    file: "src/services/user/SendQueue.ts",
    from: `Math.max(this.sentUpTo(conversation), seq - 1)`,
    to: `this.sentUpTo(conversation)`
  },
  {
    name: "follower-ends-late",
    promise: "P10",
    what: "Whoever follows the log waits at a stop for the store as long as for any question.",
    file: "src/services/events/Following.ts",
    from: `millis: releaseMillis,`,
    to: `millis: 5_000,`
  },
  {
    name: "ended-without-an-answer",
    promise: "P4",
    what: "Of an end of a block for which the store gave no answer other servers are told nothing.",
    file: "src/services/user/Relations.ts",
    from: `Effect.forkDetach(Effect.ignore(tell))`,
    to: `Effect.void`
  }
]
