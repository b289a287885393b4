/**
 * The write side of the store: whatever has gathered in the mailbox is one transaction (group commit). What became of
 * each request goes on to the ServerActor's deliveries, never back, so that no two actors can wait for each other.
 */
import { Cause, Context, Effect, Exit, Fiber, Layer, Option, Queue } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { Cluster } from "../cluster/Cluster.ts"
import type { Note } from "../cluster/Note.ts"
import type { Publisher } from "../cluster/Publisher.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import { exitInTime, inTime } from "../kernel/inTime.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import { ask, drain, offer } from "../kernel/Mailbox.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { FileRecords } from "../storage/FileRecords.ts"
import type { Stamp } from "../storage/Journal.ts"
import { type AppendResult, type CursorResult, MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { commitMillis, stopMillis } from "../storage/storeBounds.ts"
import { noAnswer, storeBroke, StoreHealth } from "../storage/StoreHealth.ts"
import { CommitTrace } from "../telemetry/MessageTrace.ts"
import { CurrentMeters, type Meters } from "../telemetry/Meters.ts"
import { isPublished, notKept, refuseAppend, toChatError, toldWith } from "./commitWords.ts"
import { CursorBatcher, moveIntervalMillis } from "./CursorBatcher.ts"
import type { CursorSource, MoveRequest } from "./Cursors.ts"
import {
  type AppendRequest,
  isAppend,
  isNote,
  isSettle,
  type Message,
  MovesDue,
  type NoteRequest,
  refuse
} from "./PersistenceMessage.ts"

export type { AppendRequest } from "./PersistenceMessage.ts"

/** What the ServerActor has to tell people, in order of commit. Results stand in the order of their requests. */
export type Outcome =
  | {
    readonly _tag: "Committed"
    readonly appends: ReadonlyArray<AppendRequest>
    readonly appendResults: ReadonlyArray<AppendResult>
    readonly moves: ReadonlyArray<MoveRequest>
    readonly moveResults: ReadonlyArray<CursorResult>
    /** When the store had answered, by the monotonic clock. */
    readonly at: number
    /** Where it stands in the journal, if other servers are to hear of it. */
    readonly stamp: Stamp | undefined
  }
  | { readonly _tag: "Refused"; readonly appends: ReadonlyArray<AppendRequest>; readonly error: ChatError }
  /** The store is back after a failure in which a commit may have happened without an answer. */
  | { readonly _tag: "Recovered" }
  | { readonly _tag: "Flushed"; readonly done: () => void }

/** Senders wait beyond this many; their sockets are paused then. */
const mailboxCapacity = 8_192
/** More would make the first of a batch wait for the last. */
const maxBatch = 1_024

export class PersistenceActor extends Context.Service<PersistenceActor, {
  /** There is something to wait for only while the mailbox is full. */
  append(request: AppendRequest): Effect.Effect<void> | undefined
  /** This connection has cursors to move. Never waits, and costs nothing if it said so before. */
  enqueueCursors(source: CursorSource): void
  /** Tells all other servers, for certain once this succeeds; where there can be none, it does nothing. */
  note(note: Note): Effect.Effect<void, ChatError>
  /** Succeeds once all is written that this connection has confirmed before. */
  settle(source: CursorSource): Effect.Effect<void, ChatError>
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
      const cluster = yield* Cluster
      const files = Option.isSome(yield* Effect.serviceOption(FileRecords))
      const keeps = { files, words: store.keepsWords === true }
      const meters = yield* CurrentMeters
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

      meters.gauges.mailboxes.PersistenceActor = () => Queue.sizeUnsafe(mailbox)
      meters.gauges.mailboxes.Deliveries = () => Queue.sizeUnsafe(outcomes)
      meters.gauges.storeIsUp = () => health.down() === undefined

      const commit = makeCommit({ store, health, batcher, meters, now, outcomes, publisher: cluster?.publisher })

      const handle = Effect.fnUntraced(function*(batch: ReadonlyArray<Message>) {
        const appends = batch.filter(isAppend)
        const notes = cluster === undefined ? [] : batch.filter(isNote)
        const down = health.down()
        batch.filter(isSettle).forEach((request) => batcher.settle(request))
        if (batch.includes(MovesDue)) movesTokenQueued = false
        if (down !== undefined) {
          if (appends.length > 0) yield* Queue.offer(outcomes, { _tag: "Refused", appends, error: toChatError(down) })
          for (const { done } of [...notes, ...batcher.giveUpSettling()]) done(Effect.fail(toChatError(down)))
        } else {
          const { moves, settled } = batcher.take(now(), appends.length > 0)
          const isEmpty = appends.length === 0 && moves.length === 0 && notes.length === 0
          const error = isEmpty ? undefined : yield* commit(appends, moves, notes)
          if (error === undefined) { for (const { done } of settled) done(Effect.void) }
          else for (const { done } of [...settled, ...batcher.giveUpSettling()]) done(Effect.fail(toChatError(error)))
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
        // A commit is in the traces of its messages; its statements, which nobody waits for alone, would be traces apart.
      ).pipe(Effect.withTracerEnabled(false), (loop) => vital("PersistenceActor", loop), Effect.forkDetach)

      // The mailbox ends first and is drained, then the last moves are written: a clean stop loses nothing (P10).
      yield* Effect.addFinalizer(() =>
        Effect.gen(function*() {
          yield* Queue.end(mailbox)
          yield* Fiber.await(fiber)
          for (const { done } of batcher.giveUpSettling()) done(Effect.fail(Errors.stopping()))
          if (batcher.waiting && health.down() === undefined) yield* commit([], batcher.takeAll(), [])
        }).pipe((stop) => inTime(stop, { millis: stopMillis, late: () => Effect.void }))
      )

      return PersistenceActor.of({
        append: (request) => {
          const refusal = notKept(request.append, keeps)
          return refusal === undefined
            ? offer<Message, Cause.Done>(mailbox, request, refuse)
            : void refuseAppend(request, refusal)
        },
        enqueueCursors,
        note: (note) =>
          cluster === undefined
            ? Effect.void
            : ask((done) => offer<Message, Cause.Done>(mailbox, { _tag: "Note", note, done }, refuse)),
        settle: (source) =>
          ask((done) => offer<Message, Cause.Done>(mailbox, { _tag: "Settle", source, done }, refuse)),
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
  readonly meters: Meters
  readonly now: Monotonic.Now
  readonly outcomes: Queue.Enqueue<Outcome>
  readonly publisher: Publisher | undefined
}

/** One transaction, and what became of it; answers why nothing of it was kept, if so. */
const makeCommit = ({ batcher, health, meters, now, outcomes, publisher, store }: CommitOptions) => {
  const failed = Effect.fnUntraced(function*(
    error: StoreError,
    appends: ReadonlyArray<AppendRequest>,
    moves: ReadonlyArray<MoveRequest>,
    notes: ReadonlyArray<NoteRequest>
  ) {
    publisher?.doubt()
    batcher.restore(moves)
    for (const { done } of notes) done(Effect.fail(toChatError(error)))
    yield* health.failed(error)
    if (appends.length > 0) yield* Queue.offer(outcomes, { _tag: "Refused", appends, error: toChatError(error) })
    return error
  })

  return Effect.fnUntraced(function*(
    appends: ReadonlyArray<AppendRequest>,
    moves: ReadonlyArray<MoveRequest>,
    notes: ReadonlyArray<NoteRequest>
  ) {
    let stamp: Stamp | undefined
    const trace = CommitTrace.of(appends, moves.length)
    const write = () =>
      store.commit(appends.map((request) => request.append), moves.map((request) => request.move), stamp)
    const begun = now()
    const answer = yield* exitInTime(
      publisher === undefined || (appends.length === 0 && notes.length === 0)
        ? Effect.suspend(write)
        : Effect.flatMap(publisher.next(toldWith(notes, trace)), (next) => {
          stamp = next
          return write()
        }),
      commitMillis
    )
    const at = now()
    meters.commitDuration.observe((at - begun) / 1_000)
    if (appends.length > 0) meters.commitEntries.observe(appends.length)
    if (!Exit.isExit(answer)) {
      health.late(answer)
      trace?.failed(noAnswer())
      return yield* failed(noAnswer(), appends, moves, notes)
    }
    if (Exit.isFailure(answer)) {
      // A store that breaks is answered like a store that fails; the actor itself must live on.
      const error = Option.getOrElse(
        Cause.findErrorOption(answer.cause),
        () => storeBroke(Cause.squash(answer.cause))
      )
      trace?.failed(error)
      return yield* failed(error, appends, moves, notes)
    }
    trace?.succeeded(answer.value.appends)
    if (stamp !== undefined && isPublished(answer.value.appends, stamp)) publisher!.wrote(stamp)
    else stamp = undefined
    for (const { done } of notes) done(Effect.void)
    yield* Queue.offer(outcomes, {
      _tag: "Committed",
      appends,
      appendResults: answer.value.appends,
      moves,
      moveResults: answer.value.moves,
      at,
      stamp
    })
    return undefined
  })
}
