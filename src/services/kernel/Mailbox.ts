/** The loop of every actor. */
import { type Cause, Effect, Queue } from "effect"

/**
 * Takes whatever has gathered in the mailbox and handles it in order, until the mailbox has ended and is empty.
 * `handle` gets a batch and an index to begin at; it answers with an effect only where it has to wait, and with the
 * index to go on from afterwards. A wake-up is what costs, so a batch that waits for nothing is one step of the fiber.
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
          batch = taken as ReadonlyArray<A>
          waiting = handle(batch, 0)
        } else {
          waiting = handle(batch, waiting.next)
        }
      }
    })
  }).pipe(Effect.catchTag("Done", () => Effect.void))

export interface Waiting {
  readonly effect: Effect.Effect<void>
  /** The index of the first message that is not handled yet. */
  readonly next: number
}

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
