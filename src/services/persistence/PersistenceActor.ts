/**
 * The write side of the store: whatever has gathered in the mailbox is one transaction (group commit). What became of
 * each request goes on to the ServerActor's deliveries, never back, so that no two actors can wait for each other.
 */
import { Cause, Context, Effect, Exit, Fiber, Layer, Option, Queue } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { UserId } from "../../domain/Ids.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import { exitInTime, inTime } from "../kernel/inTime.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import { drain, offer } from "../kernel/Mailbox.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import type { Audience } from "../session/Audience.ts"
import type { Requester } from "../session/Requester.ts"
import {
  type Append,
  type AppendResult,
  type CursorResult,
  MessageStore,
  type StoreError
} from "../storage/MessageStore.ts"
import { commitMillis, stopMillis } from "../storage/storeBounds.ts"
import { noAnswer, storeBroke, StoreHealth } from "../storage/StoreHealth.ts"
import { CursorBatcher, moveIntervalMillis } from "./CursorBatcher.ts"
import type { CursorSource, MoveRequest } from "./Cursors.ts"

/** One append on its way: what to keep, who asked, and who is to hear of it. */
export interface AppendRequest {
  readonly append: Append
  readonly requester: Requester
  readonly audience: Audience
  /** They hear of this entry, and of none after it: who was taken out of a group, or left. */
  readonly removed?: ReadonlyArray<UserId>
}

/** What the ServerActor has to tell people, in order of commit. Results stand in the order of their requests. */
export type Outcome =
  | {
    readonly _tag: "Committed"
    readonly appends: ReadonlyArray<AppendRequest>
    readonly appendResults: ReadonlyArray<AppendResult>
    readonly moves: ReadonlyArray<MoveRequest>
    readonly moveResults: ReadonlyArray<CursorResult>
  }
  | { readonly _tag: "Refused"; readonly appends: ReadonlyArray<AppendRequest>; readonly error: ChatError }
  /** The store is back after a failure in which a commit may have happened without an answer. */
  | { readonly _tag: "Recovered" }
  | { readonly _tag: "Flushed"; readonly done: () => void }

type Message =
  | AppendRequest
  | { readonly _tag: "MovesDue" }
  | { readonly _tag: "Flush"; readonly done: () => void }

const MovesDue: Message = { _tag: "MovesDue" }

/** Senders wait beyond this many; their sockets are paused then. */
const mailboxCapacity = 8_192
/** More would make the first of a batch wait for the last. */
const maxBatch = 1_024
const retryAfterMillis = 1_000

export class PersistenceActor extends Context.Service<PersistenceActor, {
  /** There is something to wait for only while the mailbox is full. */
  append(request: AppendRequest): Effect.Effect<void> | undefined
  /** This connection has cursors to move. Never waits, and costs nothing if it said so before. */
  enqueueCursors(source: CursorSource): void
  /** Passes through everything told before, and comes out as `Flushed`. */
  flush(done: () => void): Effect.Effect<void>
  /** For the ServerActor alone. */
  readonly outcomes: Queue.Dequeue<Outcome>
}>()("switchboard/services/persistence/PersistenceActor") {
  static readonly layer = Layer.effect(
    PersistenceActor,
    Effect.gen(function*() {
      const store = yield* MessageStore
      const health = yield* StoreHealth
      const { vital } = yield* Lifeline
      const now = yield* Monotonic.now
      const scope = yield* Effect.scope
      const mailbox = yield* Queue.bounded<Message, Cause.Done>(mailboxCapacity)
      const outcomes = yield* Queue.bounded<Outcome>(64)
      const batcher = new CursorBatcher()
      let movesTokenQueued = false
      let timerSet = false

      const wakeForMoves = () => {
        if (movesTokenQueued || (timerSet && !batcher.due) || !batcher.waiting) return
        movesTokenQueued = Queue.offerUnsafe(mailbox, MovesDue)
      }

      const enqueueCursors = (source: CursorSource) => {
        batcher.add(source)
        wakeForMoves()
      }

      health.onUnseen(Effect.asVoid(Effect.suspend(() => {
        wakeForMoves()
        return Queue.offer(outcomes, { _tag: "Recovered" })
      })))

      const commit = makeCommit({ store, health, batcher, outcomes })

      const handle = Effect.fnUntraced(function*(batch: ReadonlyArray<Message>) {
        const appends = batch.filter(isAppend)
        const down = health.down()
        const moves = down === undefined ? batcher.take(now()) : []
        if (batch.includes(MovesDue)) movesTokenQueued = false
        if (down !== undefined) {
          if (appends.length > 0) yield* Queue.offer(outcomes, { _tag: "Refused", appends, error: toChatError(down) })
        } else if (appends.length > 0 || moves.length > 0) {
          yield* commit(appends, moves)
        }
        if (health.down() === undefined) {
          if (batcher.due) {
            // Sockets are read between two commits of a long round; without it one user's round took 150 ms.
            yield* ActorScheduler.nextTurn
            wakeForMoves()
          } else if (!timerSet && batcher.waiting) {
            // The one timer here, and only while a move waits.
            timerSet = true
            yield* Effect.sleep(moveIntervalMillis).pipe(
              Effect.andThen(Effect.sync(() => {
                timerSet = false
                wakeForMoves()
              })),
              Effect.forkIn(scope)
            )
          }
        }
        for (const message of batch) {
          if ("_tag" in message && message._tag === "Flush") {
            yield* Queue.offer(outcomes, { _tag: "Flushed", done: message.done })
          }
        }
      })

      const fiber = yield* drain(
        mailbox,
        (batch, from) => from < batch.length ? { effect: handle(batch), next: batch.length } : undefined,
        maxBatch
      ).pipe((loop) => vital("PersistenceActor", loop), Effect.forkDetach)

      // The mailbox ends first and is drained, then the last moves are written: a clean stop loses nothing (P10).
      yield* Effect.addFinalizer(() =>
        Effect.gen(function*() {
          yield* Queue.end(mailbox)
          yield* Fiber.await(fiber)
          if (batcher.waiting && health.down() === undefined) yield* commit([], batcher.takeAll())
        }).pipe((stop) => inTime(stop, { millis: stopMillis, late: () => Effect.void }))
      )

      return PersistenceActor.of({
        append: (request) => offer<Message, Cause.Done>(mailbox, request, refuse),
        enqueueCursors,
        flush: (done) => offer<Message, Cause.Done>(mailbox, { _tag: "Flush", done }, refuse) ?? Effect.void,
        outcomes
      })
    })
  )
}

interface CommitOptions {
  readonly store: MessageStore["Service"]
  readonly health: StoreHealth["Service"]
  readonly batcher: CursorBatcher
  readonly outcomes: Queue.Enqueue<Outcome>
}

/** One transaction, and what became of it. */
const makeCommit = ({ batcher, health, outcomes, store }: CommitOptions) => {
  const failed = Effect.fnUntraced(function*(
    error: StoreError,
    appends: ReadonlyArray<AppendRequest>,
    moves: ReadonlyArray<MoveRequest>
  ) {
    batcher.restore(moves)
    yield* health.failed(error)
    if (appends.length > 0) yield* Queue.offer(outcomes, { _tag: "Refused", appends, error: toChatError(error) })
  })

  return Effect.fnUntraced(function*(
    appends: ReadonlyArray<AppendRequest>,
    moves: ReadonlyArray<MoveRequest>
  ) {
    const answer = yield* exitInTime(
      Effect.suspend(() =>
        store.commit(appends.map((request) => request.append), moves.map((request) => request.move))
      ),
      commitMillis
    )
    if (!Exit.isExit(answer)) {
      health.late(answer)
      return yield* failed(noAnswer(), appends, moves)
    }
    if (Exit.isFailure(answer)) {
      // A store that breaks is answered like a store that fails; the actor itself must live on.
      const error = Option.getOrElse(
        Cause.findErrorOption(answer.cause),
        () => storeBroke(Cause.squash(answer.cause))
      )
      return yield* failed(error, appends, moves)
    }
    yield* Queue.offer(outcomes, {
      _tag: "Committed",
      appends,
      appendResults: answer.value.appends,
      moves,
      moveResults: answer.value.moves
    })
  })
}

const toChatError = (error: StoreError): ChatError =>
  error.kind === "overloaded"
    ? Errors.overloaded("The server is busy; send it again with the same id in a moment.", retryAfterMillis)
    : Errors.unavailable("Messages cannot be stored at the moment; send it again with the same id.", retryAfterMillis)

/** The store is closed. */
const refuse = (message: Message): void => {
  if (isAppend(message)) {
    message.requester.settled()
    message.requester.rejected(
      message.append.clientId,
      Errors.stopping()
    )
    message.requester.flush()
  } else if (message._tag === "Flush") {
    message.done()
  }
}

const isAppend = (message: Message): message is AppendRequest => "append" in message
