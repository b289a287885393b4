/** Who may see something of each other, in SQL: in short steps, because it may be asked of hundreds of strangers. */
import { Effect, PartitionedSemaphore } from "effect"
import type { SqlError } from "effect/sql"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { chunkSizes, numbers, overRows } from "./SqlRows.ts"

type Result<A> = Effect.Effect<A, SqlError.SqlError>
type Names = ReadonlyArray<UserId>

/** Names whose direct conversation is looked for in one turn. */
const namesPerTurn = 64
/** Memberships looked at in one turn of the event loop: a few milliseconds. */
const step = 2_048
/** Whoever is in more groups is asked about from the other's side. */
const manyGroups = 512
/** Names that are walked through from their own side in one turn. */
const walked = 4

/** The groups of a user are a range of the primary key. */
const groupsOf = (alias: string, user: string): string =>
  `${alias}.user_id = ${user} AND ${alias}.conversation >= 'group:' AND ${alias}.conversation < 'group;'
   AND ${alias}.left_seq IS NULL`

/**
 * Looked up for each name, by its key. As `EXISTS`, Postgres may take all memberships at once, every group of one user with
 * every row of the others, as long as it knows nothing of the table: a second for 64 names of somebody with 600 groups.
 */
const isThere = (from: string): string => `(SELECT 1 ${from} LIMIT 1) = 1`

/** Without a block; their direct conversation is known by its name. */
const acquainted = {
  key: "acquainted",
  types: ["text", "text", "text"] as const,
  template: (values: string) =>
    `SELECT v.column2 AS other, CASE WHEN ${
      isThere("FROM members m WHERE m.user_id = v.column1 AND m.conversation = v.column3 AND m.left_seq IS NULL")
    } AND ${
      isThere("FROM members o WHERE o.user_id = v.column2 AND o.conversation = v.column3 AND o.left_seq IS NULL")
    } THEN 1 ELSE 0 END AS met
      FROM (VALUES ${values}) AS v
      WHERE NOT EXISTS (SELECT 1 FROM block_spans b
          WHERE b.user_id = v.column1 AND b.blocked = v.column2 AND b.until IS NULL)
        AND NOT EXISTS (SELECT 1 FROM block_spans b
          WHERE b.user_id = v.column2 AND b.blocked = v.column1 AND b.until IS NULL)`
}

/** From the side of the one who asks. */
const inGroups = {
  key: "in groups",
  types: ["text", "text"] as const,
  template: (values: string) =>
    `SELECT v.column2 AS other FROM (VALUES ${values}) AS v
      WHERE ${
      isThere(
        `FROM members m CROSS JOIN members o WHERE ${groupsOf("m", "v.column1")}
        AND o.user_id = v.column2 AND o.conversation = m.conversation AND o.left_seq IS NULL`
      )
    }`
}

interface Walk {
  readonly other: UserId
  readonly after: ConversationId | "group:"
}

export const makeVisibleTo = (sql: Sql): (user: UserId, others: Names) => Result<Names> => {
  /** One step in a turn, in turn for those who ask: whoever asks for much waits for it and keeps nobody else waiting. */
  const turns = PartitionedSemaphore.makeUnsafe<UserId>({ permits: 1 })
  const inTurn = (user: UserId) => <A>(effect: Result<A>): Result<A> =>
    turns.withPermit(user)(Effect.ensuring(effect, ActorScheduler.nextTurn))

  const countGroups = (user: UserId): Result<number> =>
    Effect.map(
      sql.unsafe<{ count: number }>(
        `SELECT count(*) AS count FROM (SELECT 1 FROM members m WHERE ${groupsOf("m", dialectOf(sql).value(1))} LIMIT ${
          manyGroups + 1
        }) AS g`,
        [user]
      ),
      ([row]) => numbers(row!).count
    )

  const fromMine = Effect.fnUntraced(function*(user: UserId, others: Names, groups: number) {
    const size = chunkSizes.find((each) => each * groups <= step)!
    const found: Array<UserId> = []
    for (let from = 0; from < others.length; from += size) {
      const rows = others.slice(from, from + size).map((other) => [user, other])
      for (const { other } of yield* inTurn(user)(overRows<{ other: UserId }>(sql, inGroups, rows))) found.push(other)
    }
    return found
  })

  /** A page of the other's groups: whether one of them is the user's too, and where the next page begins. */
  const walk = ({ after, other }: Walk, user: UserId) =>
    Effect.map(
      sql<{ count: number; shared: number; last: ConversationId | null }>`
        SELECT count(*) AS count, count(m.user_id) AS shared, max(o.conversation) AS last
        FROM (SELECT conversation FROM members WHERE user_id = ${other} AND conversation > ${after}
          AND conversation < 'group;' AND left_seq IS NULL ORDER BY conversation LIMIT ${step / walked}) AS o
        LEFT JOIN members m ON m.user_id = ${user} AND m.conversation = o.conversation AND m.left_seq IS NULL`,
      ([row]) => numbers(row!)
    )

  const fromTheirs = Effect.fnUntraced(function*(user: UserId, others: Names) {
    const found: Array<UserId> = []
    const waiting: Array<Walk> = others.map((other) => ({ other, after: "group:" }))
    while (waiting.length > 0) {
      const some = waiting.splice(0, walked)
      for (const [i, page] of (yield* inTurn(user)(Effect.forEach(some, (each) => walk(each, user)))).entries()) {
        const { other } = some[i]!
        if (page.shared > 0) found.push(other)
        else if (page.count === step / walked) waiting.push({ other, after: page.last! })
      }
    }
    return found
  })

  return Effect.fnUntraced(function*(user: UserId, others: Names): Effect.fn.Return<Names, SqlError.SqlError> {
    if (others.length === 0) return []
    const rows: Array<{ readonly other: UserId; readonly met: number }> = []
    for (let from = 0; from < others.length; from += namesPerTurn) {
      const some = others.slice(from, from + namesPerTurn)
      const looked = overRows<{ other: UserId; met: number }>(
        sql,
        acquainted,
        some.map((other) => [user, other, Conversation.direct(user, other)])
      )
      rows.push(...yield* others.length > namesPerTurn ? inTurn(user)(looked) : looked)
    }
    const met = rows.flatMap((row) => row.met === 1 ? [row.other] : [])
    const strangers = rows.flatMap((row) => row.met === 1 ? [] : [row.other])
    if (strangers.length === 0) return met
    const groups = yield* countGroups(user)
    if (groups === 0) return met
    return met.concat(
      yield* groups > manyGroups ? fromTheirs(user, strangers) : fromMine(user, strangers, groups)
    )
  })
}
