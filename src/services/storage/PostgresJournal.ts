/** The journal in Postgres: a row for each commit, in the same transaction, and no lock that another commit waits for. */
import { Effect, Redacted } from "effect"
import type { SqlError } from "effect/sql"
import { randomBytes } from "node:crypto"
import type { Entry } from "../../domain/entries/index.ts"
import type { Sql } from "./Dialect.ts"
import {
  type EpochState,
  Journal,
  type Journalled,
  type JournalRow,
  keptMillis,
  type Run,
  trimStep
} from "./Journal.ts"
import { readBody, writeBody } from "./journalBody.ts"
import type { Epoch, Stamp } from "./Position.ts"
import { type EntryRow, toEntry } from "./Rows.ts"
import { orStoreError } from "./sqlErrors.ts"
import { type AlsoRow, numbers, overRows } from "./SqlRows.ts"
import { entryColumnsOfE } from "./sqlWrites.ts"

interface StateRow {
  readonly epoch: Epoch
  readonly node: string
  readonly ended: boolean
  readonly silent: number
  readonly first_offset: number
  readonly last_offset: number
}

interface BodyRow {
  readonly epoch: Epoch
  readonly at_offset: number
  readonly body: string
}

/** Within a commit: what it tells, if there is anything. */
export const toldBy = ({ epoch, notes, offset }: Stamp, runs: ReadonlyArray<Run>): AlsoRow | undefined =>
  runs.length === 0 && notes.length === 0 ? undefined : {
    types: ["int8", "int8", "text"],
    statement: (values) => `INSERT INTO journal (epoch, at_offset, body) VALUES ${values}`,
    values: [epoch, offset, writeBody(runs, notes)]
  }

/** Every epoch with its last offset, which is one look at the end of an index for each. */
const statesOf = (sql: Sql) =>
  Effect.map(
    sql<StateRow>`SELECT e.epoch, e.node, e.ended, e.first_offset,
        GREATEST(0, EXTRACT(EPOCH FROM clock_timestamp() - e.beat_at) * 1000)::int8 AS silent,
        COALESCE((SELECT max(j.at_offset) FROM journal j WHERE j.epoch = e.epoch), e.first_offset - 1) AS last_offset
      FROM epochs e ORDER BY e.epoch`,
    (rows) => rows.map(numbers)
  )

const stateOf = ({ ended, epoch, first_offset, node, silent }: StateRow, read: JournalRow | undefined): EpochState => ({
  epoch,
  node,
  silentMillis: silent,
  // What lies between may have been forgotten while this was read.
  first: Math.max(first_offset, read?.offset ?? 0),
  ended
})

const since = (sql: Sql) =>
  Effect.fnUntraced(function*(
    known: ReadonlyMap<Epoch, number>,
    { except, limit }: { readonly limit: number; readonly except?: Epoch }
  ): Effect.fn.Return<Journalled, SqlError.SqlError> {
    const states = yield* statesOf(sql)
    const behind = states.flatMap(({ epoch, last_offset }) => {
      const after = known.get(epoch) ?? 0
      return epoch === except || last_offset <= after ? [] : [{ epoch, after }]
    })
    if (behind.length === 0) {
      return { rows: [], hasMore: false, epochs: states.map((row) => stateOf(row, undefined)) }
    }
    const found = yield* sql<BodyRow>`SELECT j.epoch, j.at_offset, j.body
      FROM json_to_recordset(${JSON.stringify(behind)}::json) AS k (epoch int8, after int8)
      CROSS JOIN LATERAL (SELECT epoch, at_offset, body FROM journal
        WHERE epoch = k.epoch AND at_offset > k.after ORDER BY at_offset LIMIT ${limit + 1}) AS j
      ORDER BY j.epoch, j.at_offset LIMIT ${limit + 1}`
    const rows = found.slice(0, limit).map(numbers).map(({ at_offset: offset, body, epoch }) =>
      readBody({ epoch, offset }, body)
    )
    const gaps = new Map<Epoch, JournalRow>()
    for (const row of rows.toReversed()) gaps.set(row.epoch, row)
    for (const { after, epoch } of behind) if (gaps.get(epoch)?.offset === after + 1) gaps.delete(epoch)
    return {
      rows,
      hasMore: found.length > limit,
      epochs: states.map((row) => stateOf(row, gaps.get(row.epoch)))
    }
  })

interface RunEntryRow extends EntryRow {
  readonly run: number
}

const runEntries = {
  key: "entries of runs",
  types: ["int8", "text", "int8", "int8"] as const,
  template: (values: string) =>
    `SELECT v.column1 AS run, ${entryColumnsOfE} FROM (VALUES ${values}) AS v
     JOIN entries e ON e.conversation = v.column2 AND e.seq >= v.column3 AND e.seq <= v.column4`
}

const entriesOf = (sql: Sql) =>
  Effect.fnUntraced(function*(runs: ReadonlyArray<Pick<Run, "conversation" | "from" | "to">>) {
    const rows = yield* overRows<RunEntryRow>(
      sql,
      runEntries,
      runs.map(({ conversation, from, to }, i) => [i, conversation, from, to])
    )
    const found = runs.map((): Array<Entry> => [])
    for (const row of rows.map(numbers)) found[row.run]!.push(toEntry(row))
    for (const entries of found) entries.sort((a, b) => a.seq - b.seq)
    return found
  })

const old = (sql: Sql) => sql.literal(`clock_timestamp() - interval '${keptMillis} milliseconds'`)

/** Removes the oldest rows of an epoch, at most `trimStep` of them, and says how many. */
const trimRows = (sql: Sql, epoch: Epoch) =>
  Effect.map(
    sql<{ readonly count: number }>`
      WITH oldest AS (SELECT at_offset, at FROM journal WHERE epoch = ${epoch} ORDER BY at_offset LIMIT ${trimStep}),
        kept AS (SELECT COALESCE(min(at_offset) FILTER (WHERE at >= ${old(sql)}), max(at_offset) + 1) AS first
          FROM oldest),
        gone AS (DELETE FROM journal WHERE epoch = ${epoch} AND at_offset < (SELECT first FROM kept)
          RETURNING at_offset)
      UPDATE epochs SET first_offset = (SELECT first FROM kept)
      WHERE epoch = ${epoch} AND first_offset < (SELECT first FROM kept)
      RETURNING (SELECT count(*) FROM gone) AS count`,
    ([row]) => row === undefined ? 0 : numbers(row).count
  )

/** The epoch is taken first: a commit in it is waited for, and seen by the statement after. */
const forget = (sql: Sql, epoch: Epoch) =>
  Effect.andThen(
    sql`SELECT 1 FROM epochs WHERE epoch = ${epoch} FOR UPDATE`,
    sql`DELETE FROM epochs WHERE epoch = ${epoch} AND (ended OR beat_at < ${old(sql)})
      AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.epoch = epochs.epoch)`
  ).pipe(sql.withTransaction)

/** In milliseconds, by the one clock that all servers share. */
const nowOf = (sql: Sql) => sql.literal("(extract(epoch FROM clock_timestamp()) * 1000)::int8")

const trimTickets = Effect.fnUntraced(function*(sql: Sql) {
  // By another server's clock they may be good a little longer.
  while (true) {
    const gone = yield* sql`DELETE FROM tickets WHERE hash IN
      (SELECT hash FROM tickets WHERE expires_at < ${nowOf(sql)} LIMIT ${trimStep}) RETURNING hash`
    if (gone.length < trimStep) return
    yield* Effect.yieldNow
  }
})

const trim = Effect.fn("Journal.trim")(function*(sql: Sql): Effect.fn.Return<void, SqlError.SqlError> {
  const epochs = yield* sql<{ readonly epoch: Epoch; readonly over: boolean }>`
    SELECT epoch, ended OR beat_at < ${old(sql)} AS over FROM epochs ORDER BY epoch`
  for (const { epoch, over } of epochs.map(numbers)) {
    while ((yield* trimRows(sql, epoch)) === trimStep) yield* Effect.yieldNow
    if (over) yield* forget(sql, epoch)
  }
  yield* trimTickets(sql)
})

const keyOf = Effect.fn("Journal.key")(function*(sql: Sql) {
  const find = sql<{ readonly key: Uint8Array }>`SELECT key FROM cluster_key`
  const [found] = yield* find
  if (found !== undefined) return Redacted.make(found.key)
  // Of two servers that make one at the same time, one waits here for the other's.
  yield* sql`INSERT INTO cluster_key (key) VALUES (${new Uint8Array(randomBytes(32))}) ON CONFLICT DO NOTHING`
  const [made] = yield* find
  return Redacted.make(made!.key)
})

/** A sign of life that is lost with the database's machine is given again. */
const beat = (sql: Sql, epoch: Epoch) =>
  Effect.andThen(
    sql`SET LOCAL synchronous_commit = off`,
    sql`UPDATE epochs SET beat_at = clock_timestamp() WHERE epoch = ${epoch} RETURNING epoch`
  ).pipe(sql.withTransaction, Effect.map((rows) => rows.length > 0))

/** On the database of a store, whose tables are there already. */
export const make = (sql: Sql): Journal["Service"] =>
  Journal.of({
    open: Effect.fn("Journal.open")(function*(node) {
      const [row] = yield* sql<{ readonly epoch: Epoch }>`INSERT INTO epochs (epoch, node, beat_at)
        VALUES (nextval('epoch_numbers'), ${node}, clock_timestamp()) RETURNING epoch`
      return numbers(row!).epoch
    }, orStoreError),

    positions: orStoreError(Effect.map(
      statesOf(sql),
      (rows) => new Map(rows.map(({ epoch, last_offset }) => [epoch, last_offset]))
    )),

    since: Effect.fn("Journal.since")(since(sql), orStoreError),

    entries: Effect.fn("Journal.entries")(entriesOf(sql), orStoreError),

    beat: (epoch) => orStoreError(beat(sql, epoch)),

    end: (epoch) => orStoreError(Effect.asVoid(sql`UPDATE epochs SET ended = true WHERE epoch = ${epoch}`)),

    trim: orStoreError(trim(sql)),

    nextOrder: orStoreError(Effect.map(
      sql<{ readonly order: number }>`SELECT nextval('order_numbers') AS "order"`,
      ([row]) => numbers(row!).order
    )),

    key: orStoreError(keyOf(sql)),

    putTicket: (hash, body, millis) =>
      orStoreError(Effect.asVoid(sql`INSERT INTO tickets (hash, body, expires_at)
        VALUES (${hash}, ${body}, ${nowOf(sql)} + ${millis})
        ON CONFLICT (hash) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at`)),

    takeTicket: Effect.fn("Journal.takeTicket")(function*(hash) {
      const [row] = yield* sql<{ readonly body: string; readonly good: boolean }>`DELETE FROM tickets
        WHERE hash = ${hash} RETURNING body, expires_at > ${nowOf(sql)} AS good`
      return row?.good === true ? row.body : undefined
    }, orStoreError)
  })
