/** What users have reported, in SQL. */
import { Effect } from "effect"
import { defined } from "../../domain/defined.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Sql } from "./Dialect.ts"
import { madeReport, maxClosedReports, maxOpenReports, Reports, type StoredReport } from "./Reports.ts"
import { orStoreError } from "./sqlErrors.ts"
import { numbers } from "./SqlRows.ts"

interface ReportRow {
  readonly id: number
  readonly conversation: ConversationId
  readonly seq: number
  readonly author: UserId
  readonly reporter: UserId
  readonly reason: string | null
  readonly text: string
  readonly said_at: number
  readonly at: number
  readonly closed_at: number | null
}

const columns = "id, conversation, seq, author, reporter, reason, text, said_at, at, closed_at"

const reportOf = (row: ReportRow): StoredReport => {
  const { at, author, closed_at, conversation, id, reason, reporter, said_at, seq, text } = numbers(row)
  return {
    id,
    conversation,
    seq,
    author,
    reporter,
    ...defined({ reason: reason ?? undefined, closedAt: closed_at ?? undefined }),
    text,
    saidAt: said_at,
    at
  }
}

/** Those that this user made. */
export const madeReports = (sql: Sql, user: UserId) =>
  Effect.map(
    sql<ReportRow>`SELECT ${sql.literal(columns)} FROM reports WHERE reporter = ${user} ORDER BY id`,
    (rows) => rows.map((row) => madeReport(reportOf(row)))
  )

export const make = (sql: Sql): Reports["Service"] =>
  Reports.of({
    put: Effect.fn("Reports.put")(
      function*({ at, author, conversation, reason, reporter, saidAt, seq, text }) {
        // Whoever takes a number has it alone until the end.
        const [number] = yield* sql<{ last: number }>`UPDATE report_numbers SET last = last + 1 RETURNING last`
        const known = yield* sql`SELECT id FROM reports
          WHERE reporter = ${reporter} AND conversation = ${conversation} AND seq = ${seq}`
        if (known.length > 0) return "known" as const
        const [open] = yield* sql<{ count: number }>`SELECT count(*) AS count FROM reports WHERE closed_at IS NULL`
        if (numbers(open!).count >= maxOpenReports) return "full" as const
        yield* sql`INSERT INTO reports (${sql.literal(columns)}) VALUES (
          ${numbers(number!).last}, ${conversation}, ${seq}, ${author}, ${reporter}, ${reason ?? null}, ${text},
          ${saidAt}, ${at}, ${null})`
        return "kept" as const
      },
      sql.withTransaction,
      orStoreError
    ),

    list: ({ author, before, conversation, limit, open }) =>
      orStoreError(Effect.map(
        sql<ReportRow>`SELECT ${sql.literal(columns)} FROM reports
          WHERE id < ${before ?? Number.MAX_SAFE_INTEGER}
            ${sql.literal(open === undefined ? "" : open ? "AND closed_at IS NULL" : "AND closed_at IS NOT NULL")}
            ${conversation === undefined ? sql.literal("") : sql`AND conversation = ${conversation}`}
            ${author === undefined ? sql.literal("") : sql`AND author = ${author}`}
          ORDER BY id DESC LIMIT ${limit}`,
        (rows) => rows.map(reportOf)
      )),

    since: (id, limit) =>
      orStoreError(Effect.map(
        sql<ReportRow>`SELECT ${sql.literal(columns)} FROM reports WHERE id > ${id} ORDER BY id LIMIT ${limit}`,
        (rows) => rows.map(reportOf)
      )),

    last: orStoreError(Effect.map(
      sql<{ last: number }>`SELECT last FROM report_numbers`,
      ([row]) => row === undefined ? 0 : numbers(row).last
    )),

    close: Effect.fn("Reports.close")(
      function*(id, at) {
        yield* sql`UPDATE reports SET closed_at = ${at} WHERE id = ${id} AND closed_at IS NULL`
        const [row] = yield* sql<ReportRow>`SELECT ${sql.literal(columns)} FROM reports WHERE id = ${id}`
        yield* sql`DELETE FROM reports WHERE closed_at IS NOT NULL AND id <= COALESCE((
          SELECT id FROM reports WHERE closed_at IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ${maxClosedReports}), 0)`
        return row === undefined ? undefined : reportOf(row)
      },
      sql.withTransaction,
      orStoreError
    )
  })
