/**
 * Long reads, in steps. An embedded database works in the server's own thread, so all steps of all readers together have
 * a bounded part of each turn of the event loop, and everybody else the rest.
 */
import { Effect, Semaphore } from "effect"
import { nextTurn } from "../ActorScheduler.ts"
import { isPostgres, type Sql } from "./SqlRows.ts"

/** Measured: 0.3 microseconds for an entry that is looked at, so a turn has about a millisecond of them. */
const perTurn = 4_000

/** A step that looks at that many entries, when it is its turn. */
export type Step = <A, E, R>(entries: number, read: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export const longReads = (sql: Sql): Step => {
  // A database of its own blocks nobody here.
  if (isPostgres(sql)) return (_, read) => read
  const oneAtATime = Semaphore.makeUnsafe(1)
  let spent = 0
  return (entries, read) =>
    oneAtATime.withPermits(1)(Effect.suspend(() => {
      spent += entries
      if (spent <= perTurn) return read
      spent = entries
      return Effect.andThen(nextTurn, read)
    }))
}
