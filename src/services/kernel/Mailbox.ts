/** The loop of every actor, and how others speak to it. */
import { type Cause, Deferred, Effect, Queue } from "effect"

export interface Waiting {
  readonly effect: Effect.Effect<void>
  /** The index of the first message that is not handled yet. */
  readonly next: number
}

/** What a handler comes to: nothing in most cases, because an effect for each message is what costs. */
export type Handled = Effect.Effect<void> | undefined | void

/**
 * Takes whatever has gathered in the mailbox and handles it in order, until the mailbox has ended and is empty.
 * `handle` gets a batch and an index to begin at; it returns an effect only where it has to wait, and the index to go on
 * from afterwards. A wake-up is what costs, so a batch that waits for nothing is one step of the fiber.
 */
export const drain = <A>(
  mailbox: Queue.Dequeue<A, Cause.Done>,
  handle: (batch: ReadonlyArray<A>, from: number) => Waiting | undefined,
  maxBatch = Number.POSITIVE_INFINITY
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const take = Queue.takeBetween(mailbox, 1, maxBatch)
    let batch: ReadonlyArray<A> = []
    let waiting: Waiting | undefined
    return Effect.whileLoop({
      while: () => true,
      body: (): Effect.Effect<ReadonlyArray<A> | void, Cause.Done> => waiting === undefined ? take : waiting.effect,
      step: (taken) => {
        if (waiting === undefined) {
          // While nothing is waited for, the loop takes.
          batch = taken as ReadonlyArray<A>
          waiting = handle(batch, 0)
        } else {
          waiting = handle(batch, waiting.next)
        }
      }
    })
  }).pipe(Effect.catchTag("Done", () => Effect.void))

/** One message after the other. */
export const drainEach = <A>(
  mailbox: Queue.Dequeue<A, Cause.Done>,
  handleOne: (message: A) => Handled
): Effect.Effect<void> =>
  drain(mailbox, (batch, from) => {
    for (let i = from; i < batch.length; i++) {
      const effect = handleOne(batch[i]!)
      if (effect) return { effect, next: i + 1 }
    }
    return undefined
  })

/**
 * Puts a message into a bounded mailbox; there is something to wait for only while it is full. A mailbox that has ended
 * takes nothing, and nobody will ever read it: `refuse` is told at once, because somebody may wait for an answer.
 */
export const offer = <A, E>(
  mailbox: Queue.Enqueue<A, E>,
  message: A,
  refuse: (message: A) => void
): Effect.Effect<void> | undefined => {
  if (Queue.offerUnsafe(mailbox, message)) return undefined
  if (mailbox.state._tag !== "Open") return void refuse(message)
  return Effect.map(Queue.offer(mailbox, message), (isIn) => isIn ? undefined : refuse(message))
}

/** Tells an actor something that is answered once, and waits for the answer. */
export const ask = <A = void, E = never>(
  tell: (answer: (answer: Effect.Effect<A, E>) => void) => Handled
): Effect.Effect<A, E> =>
  Effect.suspend(() => {
    const answer = Deferred.makeUnsafe<A, E>()
    const told = tell((effect) => {
      Deferred.doneUnsafe(answer, effect)
    })
    return told ? Effect.andThen(told, Deferred.await(answer)) : Deferred.await(answer)
  })
