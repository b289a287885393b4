/**
 * Hears of what other servers commit: over the bus at once, and from the journal whatever the bus loses. The journal alone
 * would do, a little later.
 */
import { Effect, Latch } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"
import { limited } from "../kernel/LogLimit.ts"
import {
  type Epoch,
  type EpochState,
  type Journal,
  type JournalRow,
  keptMillis,
  type Position,
  type Run
} from "../storage/Journal.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { type Traceparents, traceparentsIn } from "../telemetry/traceContext.ts"
import type { Item, Listener } from "./Cluster.ts"
import { type Note, readNote } from "./Note.ts"
import { Positions, type Publication } from "./Positions.ts"
import type { Publisher } from "./Publisher.ts"

/** Rows that are read in one step; others have their turn between two. */
const rowsAtOnce = 500
/** Whoever has not read the journal for longer cannot tell whether it has forgotten something meanwhile. */
const awayMillis = keptMillis / 2
/** Runs of entries that are read in one question. */
const runsAtOnce = 200

export interface FollowerOptions {
  readonly journal: Journal["Service"]
  readonly publisher: Publisher
  readonly listener: Listener
  readonly noted: (note: Note) => void
  /** All epochs, each time the journal was asked. */
  readonly seen: (epochs: ReadonlyArray<EpochState>) => void
  /** By the monotonic clock. */
  readonly now: () => number
}

/** Of a group, each entry's version; the run says that of the last. */
const versionsOf = (kinds: ReadonlyArray<string>, last: number | undefined): ReadonlyArray<number | undefined> => {
  if (last === undefined) return kinds.map(() => undefined)
  const versions: Array<number> = []
  let version = last
  for (let i = kinds.length - 1; i >= 0; i--) {
    versions[i] = version
    if (kinds[i] === "group") version--
  }
  return versions
}

export class Follower {
  readonly #options: FollowerOptions
  #positions: Positions<Item, Note>
  /** Open while the journal is to be asked without waiting for the next turn. */
  readonly #due = Latch.makeUnsafe(false)
  /** When all of the journal was known here last. */
  #readAt: number
  /** How often the bus was found to have lost something. */
  gaps = 0
  /** What it was, until the journal has been read. */
  readonly #missed = new Map<Epoch, number>()
  /** Epochs that the journal had then. */
  #named: ReadonlySet<Epoch> = new Set()

  constructor(known: ReadonlyMap<Epoch, number>, options: FollowerOptions) {
    this.#options = options
    this.#positions = this.#from(known)
    this.#readAt = options.now()
  }

  /** Waits until the journal has something that is missing here. */
  readonly due: Effect.Effect<void> = Effect.suspend(() => this.#due.await)

  /** Something may have been missed. */
  ask(): void {
    this.#due.openUnsafe()
  }

  /** The bus has it; the journal has to know its epoch, because somebody may play old news again. */
  heard(publication: Publication<Item, Note>): void {
    const { epoch, prev } = publication
    if (!this.#positions.positions.has(epoch) && !this.#named.has(epoch)) return this.ask()
    this.#lookForGap(epoch, prev)
    this.offer(publication)
  }

  /** Delivers what may be delivered now. */
  offer(publication: Publication<Item, Note>): void {
    // Everybody reads the store anew before anything else is delivered.
    if (this.#options.now() - this.#readAt > awayMillis) return this.ask()
    this.#positions.offer(publication)
    this.#options.listener.flush()
    if (this.#positions.wanted.size > 0) this.ask()
  }

  /** An epoch has come so far, as its server says. */
  reached({ epoch, offset }: Position): void {
    if (epoch !== this.#options.publisher.epoch && (this.#positions.positions.get(epoch) ?? 0) < offset) {
      this.#lookForGap(epoch, offset)
      this.ask()
    }
  }

  /** A server's news come in order. One gap is one, whatever comes after it, until the journal has been read. */
  #lookForGap(epoch: Epoch, before: number): void {
    const { positions, wanted } = this.#positions
    if (wanted.has(epoch) || Math.max(positions.get(epoch) ?? 0, this.#missed.get(epoch) ?? 0) >= before) return
    this.#missed.set(epoch, before)
    this.gaps++
  }

  resume(conversation: ConversationId): void {
    this.#positions.resume(conversation)
    this.#options.listener.flush()
    if (this.#positions.wanted.size > 0) this.ask()
  }

  /** Reads all that was committed and is not known here. */
  readonly read: Effect.Effect<void, StoreError> = Effect.suspend(() => {
    this.#due.closeUnsafe()
    return this.#readAll
  })

  readonly #readAll = Effect.gen({ self: this }, function*() {
    const { journal, now, publisher, seen } = this.#options
    if (now() - this.#readAt > awayMillis) yield* this.#resync()
    for (let more = true; more;) {
      const positions = this.#positions
      const asked = positions.asking()
      const askedAt = now()
      const known = new Map(positions.positions)
      const { epochs, hasMore, rows } = yield* journal.since(known, {
        limit: rowsAtOnce,
        ...(publisher.epoch === undefined ? undefined : { except: publisher.epoch })
      })
      seen(epochs)
      const isLost = epochs.some(({ epoch, first }) => epoch !== publisher.epoch && first > (known.get(epoch) ?? 0) + 1)
      if (isLost || rows.some((row) => row.unreadable === true)) {
        yield* this.#resync()
        return
      }
      yield* this.#offerRows(rows)
      if (!hasMore) {
        const there = epochs.map(({ epoch }) => epoch)
        positions.alive(there, asked)
        this.#named = new Set(there)
        this.#readAt = askedAt
        this.#missed.clear()
      }
      more = hasMore
    }
    this.#options.listener.flush()
  })

  readonly #offerRows = Effect.fnUntraced({ self: this }, function*(rows: ReadonlyArray<JournalRow>) {
    const { journal, listener } = this.#options
    const traced = new Map(rows.flatMap(({ notes }) => Array.from(traceparentsIn(notes) ?? [])))
    const concerned = rows.flatMap(({ runs }) => runs).filter(({ conversation }) => listener.concerns(conversation))
    const items = new Map<Run, ReadonlyArray<Item>>()
    for (let from = 0; from < concerned.length; from += runsAtOnce) {
      const some = concerned.slice(from, from + runsAtOnce)
      const found = yield* journal.entries(some)
      for (const [i, run] of some.entries()) items.set(run, itemsOf(run, found[i] ?? [], traced))
    }
    for (const { epoch, notes, offset, runs } of rows) {
      this.#positions.offer({
        epoch,
        offset,
        prev: offset - 1,
        items: runs.flatMap((run) => items.get(run) ?? [passed(run)]),
        notes: notes.flatMap((note) => readNote(note) ?? [])
      })
    }
  })

  /** This server was away for longer than the journal remembers. */
  readonly #resync = Effect.fnUntraced({ self: this }, function*() {
    const { journal, listener, now } = this.#options
    const askedAt = now()
    this.#positions = this.#from(yield* journal.positions)
    this.#readAt = askedAt
    yield* limited("Cluster.resync", Effect.logWarning("Cluster.resync"))
    listener.resync()
  })

  #from(known: ReadonlyMap<Epoch, number>): Positions<Item, Note> {
    const { listener, noted } = this.#options
    return new Positions<Item, Note>({
      known,
      deliver: listener.deliver,
      note: noted,
      overflowed: listener.resync
    })
  }
}

/** Nobody here is concerned, or nothing is left of it; only its place in the log counts. */
const passed = ({ after, conversation, from }: Run): Item => ({
  conversation,
  seq: from,
  entry: undefined,
  ...(after === undefined ? undefined : { after })
})

const itemsOf = (
  run: Run,
  entries: ReadonlyArray<NonNullable<Item["entry"]>>,
  traced: Traceparents
): ReadonlyArray<Item> => {
  if (entries.length === 0) return [passed(run)]
  const { after, conversation, version } = run
  const versions = versionsOf(entries.map(({ kind }) => kind), version)
  const traceparent = ({ message_id: id }: NonNullable<Item["entry"]>) =>
    traced.has(id) ? { traceparent: traced.get(id)! } : undefined
  return entries.map((entry, i) => ({
    conversation,
    seq: entry.seq,
    entry,
    ...traceparent(entry),
    ...(versions[i] === undefined ? undefined : { version: versions[i] }),
    // The others come right after the one before them.
    ...(i > 0 || after === undefined ? undefined : { after })
  }))
}
