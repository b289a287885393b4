/**
 * The write side of the store: whatever has gathered in the mailbox is one transaction (group commit). What became of
 * each request goes on to the ServerActor's deliveries, never back, so that no two actors can wait for each other.
 */
import { type Cause, Clock, Context, Effect, Fiber, Layer, Queue, Result, Schedule } from "effect"
import * as Errors from "../domain/Errors.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { UserId } from "../domain/Ids.ts"
import type { Origin } from "./Messages.ts"
import { type Append, type AppendResult, type CursorMove, type CursorResult, MessageStore, StoreError } from "./storage/MessageStore.ts"

/** One append on its way: what to keep, who asked, and who is to hear of it. */
export interface AppendRequest {
  readonly append: Append
  readonly origin: Origin
  readonly audience: ReadonlyArray<UserId>
}

interface MoveRequest {
  readonly move: CursorMove
  readonly origin: Origin
}

/** What the ServerActor has to tell people, in order of commit. */
export type Outcome =
  | {
    readonly _tag: "Committed"
    readonly appends: ReadonlyArray<readonly [AppendRequest, AppendResult]>
    readonly moves: ReadonlyArray<readonly [MoveRequest, CursorResult]>
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
/** Cursor moves are written together, at most this often; a crash in between means that something is sent again. */
const moveIntervalMillis = 100
/** Moves of this many devices and conversations may wait while the store is down; then new ones are dropped. */
const maxPendingMoves = 100_000

const retryAfterMillis = 1_000

const toChatError = (error: StoreError): ChatError =>
  error.kind === "overloaded"
    ? Errors.overloaded("The server is busy; send it again with the same id in a moment.", retryAfterMillis)
    : Errors.unavailable("Messages cannot be stored at the moment; send it again with the same id.", retryAfterMillis)

const moveKey = (move: CursorMove): string =>
  move.kind === "read"
    ? `${move.user}\0\0${move.conversation}`
    : `${move.user}\0${move.device}\0${move.conversation}`

const isAppend = (message: Message): message is AppendRequest => "append" in message

export class PersistenceActor extends Context.Service<PersistenceActor, {
  /** Waits only while the mailbox is full. */
  append(request: AppendRequest): Effect.Effect<void>
  /** Never waits: moves are coalesced to the furthest one per device and conversation. */
  move(move: CursorMove, origin: Origin): void
  /** Passes through everything told before, and comes out as `Flushed`. */
  flush(done: () => void): Effect.Effect<void>
  /** For the ServerActor alone. */
  readonly outcomes: Queue.Dequeue<Outcome>
  /** Whether the last attempt to use the store worked. */
  readonly ready: Effect.Effect<boolean>
}>()("switchboard/services/PersistenceActor") {
  static readonly layer = Layer.effect(
    PersistenceActor,
    Effect.gen(function*() {
      const store = yield* MessageStore
      const clock = yield* Clock.Clock
      const scope = yield* Effect.scope
      const mailbox = yield* Queue.bounded<Message, Cause.Done>(mailboxCapacity)
      const outcomes = yield* Queue.bounded<Outcome>(64)
      let pendingMoves = new Map<string, MoveRequest>()
      let movesTokenQueued = false
      let lastMovesAt = Number.NEGATIVE_INFINITY
      let down: ChatError | undefined

      const wakeForMoves = () => {
        if (!movesTokenQueued && pendingMoves.size > 0) {
          movesTokenQueued = Queue.offerUnsafe(mailbox, MovesDue)
        }
      }

      const move = (move: CursorMove, origin: Origin) => {
        const key = moveKey(move)
        const waiting = pendingMoves.get(key)
        if (waiting === undefined ? pendingMoves.size >= maxPendingMoves : waiting.move.upTo >= move.upTo) return
        pendingMoves.set(key, { move, origin })
        wakeForMoves()
      }

      const probe = store.check.pipe(
        Effect.retry(Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])),
        Effect.andThen(Effect.suspend(() => {
          down = undefined
          wakeForMoves()
          return Effect.andThen(
            Effect.logInfo("Store.recovered"),
            Queue.offer(outcomes, { _tag: "Recovered" })
          )
        })),
        Effect.ignore
      )

      const failed = Effect.fnUntraced(function*(
        error: StoreError,
        appends: ReadonlyArray<AppendRequest>,
        moves: ReadonlyArray<MoveRequest>
      ) {
        for (const request of moves) {
          const key = moveKey(request.move)
          if (!pendingMoves.has(key)) pendingMoves.set(key, request)
        }
        const refusal = toChatError(error)
        if (error.kind !== "overloaded" && down === undefined) {
          down = refusal
          yield* Effect.logError("Store.failed").pipe(
            Effect.annotateLogs({ kind: error.kind, reason: error.message })
          )
          yield* Effect.forkIn(probe, scope)
        }
        if (appends.length > 0) yield* Queue.offer(outcomes, { _tag: "Refused", appends, error: refusal })
      })

      const write = (appends: ReadonlyArray<AppendRequest>, moves: ReadonlyArray<MoveRequest>) =>
        store.commit(appends.map((request) => request.append), moves.map((request) => request.move)).pipe(
          // A store that breaks is answered like a store that fails; the actor itself must live on.
          Effect.catchDefect((cause) =>
            Effect.fail(new StoreError({ kind: "unavailable", message: "The store broke in the middle of a commit.", cause }))
          )
        )

      const commit = Effect.fnUntraced(function*(
        appends: ReadonlyArray<AppendRequest>,
        moves: ReadonlyArray<MoveRequest>
      ) {
        const result = yield* Effect.result(write(appends, moves))
        if (Result.isFailure(result)) return yield* failed(result.failure, appends, moves)
        yield* Queue.offer(outcomes, {
          _tag: "Committed",
          appends: appends.map((request, i) => [request, result.success.appends[i]!] as const),
          moves: moves.map((request, i) => [request, result.success.moves[i]!] as const)
        })
      })

      /** The moves to write now. Under load they are written every `moveIntervalMillis`, in passing. */
      const takeMoves = (): ReadonlyArray<MoveRequest> => {
        const now = clock.currentTimeMillisUnsafe()
        if (pendingMoves.size === 0 || down !== undefined || now - lastMovesAt < moveIntervalMillis) return []
        lastMovesAt = now
        const moves = Array.from(pendingMoves.values())
        pendingMoves = new Map()
        return moves
      }

      const handle = Effect.fnUntraced(function*(batch: ReadonlyArray<Message>) {
        const appends = batch.filter(isAppend)
        const moves = takeMoves()
        if (batch.includes(MovesDue)) movesTokenQueued = false
        if (down !== undefined) {
          if (appends.length > 0) yield* Queue.offer(outcomes, { _tag: "Refused", appends, error: down })
        } else if (appends.length > 0 || moves.length > 0) {
          yield* commit(appends, moves)
        }
        if (!movesTokenQueued && pendingMoves.size > 0 && down === undefined) {
          // The one timer here, and only while a move waits.
          movesTokenQueued = true
          yield* Effect.sleep(moveIntervalMillis).pipe(
            Effect.andThen(Queue.offer(mailbox, MovesDue)),
            Effect.forkIn(scope)
          )
        }
        for (const message of batch) {
          if ("_tag" in message && message._tag === "Flush") {
            yield* Queue.offer(outcomes, { _tag: "Flushed", done: message.done })
          }
        }
      })

      const fiber = yield* Queue.takeBetween(mailbox, 1, maxBatch).pipe(
        Effect.flatMap(handle),
        Effect.forever,
        Effect.catchTag("Done", () => Effect.void),
        Effect.forkDetach
      )

      // The mailbox ends first and is drained, then the last moves are written: a clean stop loses nothing (P10).
      yield* Effect.addFinalizer(() =>
        Effect.gen(function*() {
          yield* Queue.end(mailbox)
          yield* Fiber.await(fiber)
          if (pendingMoves.size > 0) yield* Effect.ignore(write([], Array.from(pendingMoves.values())))
        })
      )

      return PersistenceActor.of({
        append: (request) =>
          Queue.offerUnsafe(mailbox, request) ? Effect.void : Effect.asVoid(Queue.offer(mailbox, request)),
        move,
        flush: (done) => Effect.asVoid(Queue.offer(mailbox, { _tag: "Flush", done })),
        outcomes,
        ready: Effect.sync(() => down === undefined)
      })
    })
  )
}
