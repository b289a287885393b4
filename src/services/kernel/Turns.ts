/**
 * Questions to the store that no actor's line should wait for. They are asked one at a time for each user and a few in
 * all, in turns of the users: whoever asks much waits for themselves. Overflow policy: past the bounds a question is not
 * taken, and its asker hears `overloaded`.
 */
import { Effect, FiberSet, type Scope } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import * as ActorScheduler from "./ActorScheduler.ts"
import { limited } from "./LogLimit.ts"

/** Questions of one user that may wait. */
export const maxWaitingPerUser = 64

export interface TurnsOptions {
  /** A store that is far away answers several at once; the rest of its connections are for others. */
  readonly atOnce: number
  /** Questions of one user that may wait. */
  readonly maxWaitingPerUser: number
  /** Questions of all users that may wait. */
  readonly maxWaiting: number
}

const usual: TurnsOptions = { atOnce: 4, maxWaitingPerUser, maxWaiting: 4_096 }

export interface Turns {
  /** Never waits. Returns whether the question was taken. */
  readonly ask: (user: UserId, question: Effect.Effect<void>) => boolean
}

/** Waits until it has been this user's turn for it. Returns whether it was taken at all. */
export const inTurn = (turns: Turns, user: UserId, effect: Effect.Effect<void>): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const done = Effect.sync(() => resume(Effect.succeed(true)))
    if (!turns.ask(user, Effect.ensuring(effect, done))) resume(Effect.succeed(false))
  })

export const turnsWith = Effect.fnUntraced(function*(
  { atOnce, maxWaiting, maxWaitingPerUser }: TurnsOptions
): Effect.fn.Return<Turns, never, Scope.Scope> {
  const run = yield* FiberSet.makeRuntime<never, void>()
  /** Those with something that waits, and those who are being answered; in the order of their turns. */
  const waiting = new Map<UserId, Array<Effect.Effect<void>>>()
  const answering = new Set<UserId>()
  let total = 0

  const next = (): void => {
    if (answering.size >= atOnce) return
    for (const [user, questions] of waiting) {
      if (answering.has(user)) continue
      waiting.delete(user)
      const question = questions.shift()!
      total--
      // To the end of the line of users.
      if (questions.length > 0) waiting.set(user, questions)
      answering.add(user)
      run(question.pipe(
        Effect.catchDefect((defect) => limited("Turns.defect", Effect.logError("Turns.defect", defect))),
        // Nobody is kept waiting for a whole row of answers in one turn of the event loop.
        Effect.andThen(ActorScheduler.nextTurn),
        Effect.ensuring(Effect.sync(() => {
          answering.delete(user)
          next()
        }))
      ))
      if (answering.size >= atOnce) return
    }
  }

  return {
    ask: (user, question) => {
      const questions = waiting.get(user)
      if (total >= maxWaiting || (questions !== undefined && questions.length >= maxWaitingPerUser)) return false
      total++
      if (questions === undefined) waiting.set(user, [question])
      else questions.push(question)
      next()
      return true
    }
  }
})

export const makeTurns: Effect.Effect<Turns, never, Scope.Scope> = turnsWith(usual)
