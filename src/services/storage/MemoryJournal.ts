/** The journal in memory, for servers that share a store of one process. */
import { Clock, Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import type { Entry } from "../../domain/entries/index.ts"
import { type EpochState, Journal, type Journalled, type JournalRow, keptMillis, type Run } from "./Journal.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import type { Epoch } from "./Position.ts"
import { toEntry } from "./Rows.ts"

interface Written {
  readonly row: JournalRow
  readonly at: number
}

interface Writer {
  readonly node: string
  beatAt: number
  ended: boolean
  /** The offset of the first of `rows`. */
  first: number
  rows: Array<Written>
}

interface Ticket {
  readonly body: string
  readonly expiresAt: number
}

const lastOf = ({ first, rows }: Writer): number => first + rows.length - 1

export class MemoryJournal {
  readonly #now: () => number
  /** In rising order of the epochs. */
  readonly #writers = new Map<Epoch, Writer>()
  readonly #tickets = new Map<string, Ticket>()
  #lastEpoch = 0
  #lastOrder = 0

  /** `now` is good for intervals only. */
  constructor(now: () => number) {
    this.#now = now
  }

  open(node: string): Epoch {
    const epoch = ++this.#lastEpoch
    this.#writers.set(epoch, { node, beatAt: this.#now(), ended: false, first: 1, rows: [] })
    return epoch
  }

  has(epoch: Epoch): boolean {
    return this.#writers.has(epoch)
  }

  /** Where the next row of this epoch has to stand; `undefined` where it is not there any more. */
  next(epoch: Epoch): number | undefined {
    const writer = this.#writers.get(epoch)
    return writer === undefined ? undefined : lastOf(writer) + 1
  }

  write(row: JournalRow): void {
    this.#writers.get(row.epoch)!.rows.push({ row, at: this.#now() })
  }

  get positions(): ReadonlyMap<Epoch, number> {
    return new Map(Array.from(this.#writers, ([epoch, writer]) => [epoch, lastOf(writer)]))
  }

  since(
    known: ReadonlyMap<Epoch, number>,
    { except, limit }: { readonly limit: number; readonly except?: Epoch }
  ): Journalled {
    const rows: Array<JournalRow> = []
    for (const [epoch, writer] of this.#writers) {
      if (epoch === except) continue
      const from = Math.max(0, (known.get(epoch) ?? 0) + 1 - writer.first)
      // One more than is wanted says that there are more.
      for (const { row } of writer.rows.slice(from, from + limit + 1 - rows.length)) rows.push(row)
    }
    return { rows: rows.slice(0, limit), hasMore: rows.length > limit, epochs: this.#states() }
  }

  #states(): ReadonlyArray<EpochState> {
    const now = this.#now()
    return Array.from(this.#writers, ([epoch, { beatAt, ended, first, node }]) => ({
      epoch,
      node,
      silentMillis: Math.round(now - beatAt),
      first,
      ended
    }))
  }

  beat(epoch: Epoch): boolean {
    const writer = this.#writers.get(epoch)
    if (writer !== undefined) writer.beatAt = this.#now()
    return writer !== undefined
  }

  end(epoch: Epoch): void {
    const writer = this.#writers.get(epoch)
    if (writer !== undefined) writer.ended = true
  }

  /** `wallNow` is what tickets expire by. */
  trim(wallNow: number): void {
    const before = this.#now() - keptMillis
    for (const [epoch, writer] of this.#writers) {
      const young = writer.rows.findIndex(({ at }) => at >= before)
      const gone = writer.rows.splice(0, young === -1 ? writer.rows.length : young)
      writer.first += gone.length
      if (writer.rows.length === 0 && (writer.ended || writer.beatAt < before)) this.#writers.delete(epoch)
    }
    for (const [hash, { expiresAt }] of this.#tickets) {
      if (expiresAt < wallNow - keptMillis) this.#tickets.delete(hash)
    }
  }

  nextOrder(): number {
    return ++this.#lastOrder
  }

  putTicket(hash: string, ticket: Ticket): void {
    this.#tickets.set(hash, ticket)
  }

  takeTicket(hash: string, now: number): string | undefined {
    const ticket = this.#tickets.get(hash)
    if (ticket === undefined || ticket.expiresAt <= now) return undefined
    this.#tickets.delete(hash)
    return ticket.body
  }
}

type Entries = ReadonlyArray<Entry>

const entriesOf = (
  tables: MemoryTables,
  { conversation, from, to }: Pick<Run, "conversation" | "from" | "to">
): Entries => {
  const found: Array<Entry> = []
  const row = tables.conversation(conversation)
  if (row === undefined) return found
  const last = Math.min(to, row.head_seq)
  for (let seq = Math.max(from, row.first_seq); seq <= last; seq++) {
    found.push(toEntry(tables.entry(conversation, seq)!))
  }
  return found
}

export const memoryJournal = (journal: MemoryJournal, tables: MemoryTables): Journal["Service"] => {
  const key = Redacted.make(new Uint8Array(randomBytes(32)))
  return Journal.of({
    open: (node) => Effect.sync(() => journal.open(node)),
    positions: Effect.sync(() => journal.positions),
    since: (known, options) => Effect.sync(() => journal.since(known, options)),
    entries: (runs) => Effect.sync(() => runs.map((run) => entriesOf(tables, run))),
    beat: (epoch) => Effect.sync(() => journal.beat(epoch)),
    end: (epoch) => Effect.sync(() => journal.end(epoch)),
    trim: Effect.map(Clock.currentTimeMillis, (now) => journal.trim(now)),
    nextOrder: Effect.sync(() => journal.nextOrder()),
    key: Effect.succeed(key),
    putTicket: (hash, body, expiresAt) => Effect.sync(() => journal.putTicket(hash, { body, expiresAt })),
    takeTicket: (hash, now) => Effect.sync(() => journal.takeTicket(hash, now))
  })
}
