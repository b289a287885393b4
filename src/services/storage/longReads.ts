/**
 * Reads of much, in steps. An embedded database works in the server's own thread, so all steps of all readers together
 * have a bounded part of each turn of the event loop, and everybody else the rest.
 */
import { Effect, Semaphore } from "effect"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import { dialectOf, type Sql } from "./Dialect.ts"

/** Measured: 0.3 microseconds for an entry that is looked at, so a turn has less than a millisecond of them. */
const perTurn = 2_000

export interface LongReads {
  /** Reads when it is its turn. What it has cost, in entries looked at, others have less in this turn. */
  readonly step: <A, E, R>(read: Effect.Effect<A, E, R>, cost: (answer: A) => number) => Effect.Effect<A, E, R>
  /** Something that did not wait for its turn has cost so much. */
  readonly charge: (cost: number) => void
}

/** A database of its own blocks nobody here. */
const elsewhere: LongReads = { step: (read) => read, charge: () => {} }

const here = (): LongReads => {
  const oneAtATime = Semaphore.makeUnsafe(1)
  let spent = 0
  const charge = (cost: number) => {
    spent += cost
  }
  const turn = Effect.suspend(() => {
    if (spent < perTurn) return Effect.void
    return Effect.map(nextTurn, () => {
      spent = 0
    })
  })
  return {
    charge,
    step: (read, cost) => {
      const step = Effect.map(read, (answer) => {
        charge(cost(answer))
        return answer
      })
      return Effect.suspend(() => spent < perTurn ? step : oneAtATime.withPermits(1)(Effect.andThen(turn, step)))
    }
  }
}

/** One for all readers of a database. */
const known = new WeakMap<Sql, LongReads>()

export const longReads = (sql: Sql): LongReads => {
  let reads = known.get(sql)
  if (reads === undefined) known.set(sql, reads = dialectOf(sql).embedded ? here() : elsewhere)
  return reads
}
