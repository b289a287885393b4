/**
 * The journal as the loops of a server ask it. A line to the database may end without a word, and a loop that waited for its
 * answer would never read again; what is not answered in time has failed, and is asked again.
 */
import { Effect, Exit } from "effect"
import { exitInTime } from "../kernel/inTime.ts"
import { Hanging } from "../storage/Hanging.ts"
import type { Journal } from "../storage/Journal.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { askMillis, maxHanging } from "../storage/storeBounds.ts"
import { noAnswer } from "../storage/StoreHealth.ts"

/** It removes much in many steps, and nobody waits for it. */
const trimMillis = 60_000

export const timelyJournal = (journal: Journal["Service"]): Journal["Service"] => {
  const hanging = new Hanging(maxHanging.asks)
  const ask = <A>(call: Effect.Effect<A, StoreError>, millis = askMillis): Effect.Effect<A, StoreError> =>
    Effect.suspend(() => {
      if (hanging.isFull) return Effect.fail(noAnswer())
      return Effect.flatMap(exitInTime(call, millis), (answer): Effect.Effect<A, StoreError> => {
        if (Exit.isExit(answer)) return answer
        hanging.giveUp(answer)
        return Effect.fail(noAnswer())
      })
    })
  return {
    open: (node) => ask(journal.open(node)),
    positions: ask(Effect.suspend(() => journal.positions)),
    since: (known, options) => ask(journal.since(known, options)),
    entries: (runs) => ask(journal.entries(runs)),
    beat: (epoch) => ask(journal.beat(epoch)),
    end: (epoch) => ask(journal.end(epoch)),
    trim: ask(Effect.suspend(() => journal.trim), trimMillis),
    nextOrder: ask(Effect.suspend(() => journal.nextOrder)),
    key: ask(Effect.suspend(() => journal.key)),
    putTicket: (hash, body, millis) => ask(journal.putTicket(hash, body, millis)),
    takeTicket: (hash) => ask(journal.takeTicket(hash))
  }
}
