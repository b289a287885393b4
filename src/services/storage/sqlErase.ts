/** A user who wants to be forgotten, in SQL. Long work in short steps. */
import { Clock, Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { ErasureRule } from "../../domain/entries/EntryKind.ts"
import { type GroupHistory, storedChange } from "../../domain/entries/Group.ts"
import { kinds, rulesOf } from "../../domain/entries/index.ts"
import type { ConversationId, FileId, UserId } from "../../domain/Ids.ts"
import { applyAppend } from "./commitRules.ts"
import { dialectOf, type Sql } from "./Dialect.ts"
import { type Candidate, departures, joinedIn, type LoggedChange } from "./erasure.ts"
import type { Erasure } from "./MessageStore.ts"
import { pictureSeq, profileHolder } from "./pictures.ts"
import type { MemberRow } from "./Rows.ts"
import { searchIndexOf } from "./searchIndexOf.ts"
import { dropFilesOf } from "./sqlFileRows.ts"
import { removeFilesOf } from "./sqlFiles.ts"
import { dropMentionsOf, forgetMentions } from "./sqlMentions.ts"
import { lockProfile } from "./sqlProfiles.ts"
import { numbers } from "./SqlRows.ts"
import { SqlUnitOfWork } from "./SqlUnitOfWork.ts"

/** Entries changed in one transaction. */
const step = 200
/** Entries looked through in one read. */
const window = 10_000
/** Memberships read at once. */
const page = 100

interface Log {
  readonly id: ConversationId
  readonly head_seq: number
  readonly first_seq: number
  readonly history: GroupHistory | null
}

/** Stands for the user as a whole, where a conversation would stand. */
const everything = ""

/** Numbered in the order of the commits, so that a server that has heard of one has heard of all before. */
const note = Effect.fnUntraced(function*(sql: Sql, user: UserId, conversation: string, seq: number) {
  const { aloneIn, int } = dialectOf(sql)
  yield* aloneIn(sql, "erasures")
  yield* sql`INSERT INTO erasures (user_id, conversation, seq, id)
    SELECT CAST(${user} AS text), CAST(${conversation} AS text), CAST(${seq} AS ${sql.literal(int)}),
      COALESCE(max(id), 0) + 1 FROM erasures WHERE true
    ON CONFLICT (user_id, conversation) DO UPDATE SET seq = excluded.seq, id = excluded.id`
})

/** What the user left in a piece of a log: the places of at most `step` entries. */
const left = (sql: Sql, user: UserId, id: ConversationId, from: number, to: number) =>
  Effect.map(
    sql<{ seq: number }>`SELECT seq FROM entries
      WHERE conversation = ${id} AND seq >= ${from} AND seq <= ${to} AND sender = ${user}
        AND (client_id IS NOT NULL OR original IS NOT NULL OR attachments IS NOT NULL OR data IS NOT NULL OR mentions IS NOT NULL OR (kind <> 'group' AND body IS NOT NULL))
      ORDER BY seq LIMIT ${step}`,
    (rows) => rows.map((row) => numbers(row).seq)
  )

/** As a commit does, which writes back what it has read. */
const lockLog = (sql: Sql, id: ConversationId) =>
  Effect.map(
    sql<Pick<Log, "head_seq">>`SELECT head_seq FROM conversations
      WHERE id = ${id} ${sql.literal(dialectOf(sql).forUpdate)}`,
    ([row]) => numbers(row!).head_seq
  )

const kindsWith = (rule: ErasureRule): string =>
  kinds.filter((kind) => rulesOf(kind).erasure === rule).map((kind) => `'${kind}'`).join()
const whatStays = { all: kindsWith("all"), flagged: kindsWith("flagged") }

/** Takes what the user said from these places, and answers how many of them had something. */
const wipe = Effect.fnUntraced(function*(sql: Sql, user: UserId, id: ConversationId, from: number, to: number) {
  yield* lockLog(sql, id)
  const [row] = yield* sql<{ count: number }>`SELECT count(*) AS count FROM entries
    WHERE conversation = ${id} AND seq >= ${from} AND seq <= ${to} AND sender = ${user}
      AND kind NOT IN (${sql.literal(whatStays.all)}) AND body IS NOT NULL`
  yield* dropFilesOf(sql, id, from, to, user)
  yield* dropMentionsOf(sql, id, from, to, user)
  yield* searchIndexOf(sql).wiped(sql, id, user, from, to)
  yield* sql`UPDATE entries SET client_id = NULL, original = NULL, attachments = NULL, mentions = NULL, data = NULL,
      body = CASE WHEN kind IN (${sql.literal(whatStays.all)}) THEN body END,
      flag = CASE WHEN kind IN (${sql.literal(whatStays.flagged)}) THEN 1 ELSE flag END
    WHERE conversation = ${id} AND seq >= ${from} AND seq <= ${to} AND sender = ${user}`
  return numbers(row!).count
})

const wipeLog = Effect.fnUntraced(function*(sql: Sql, user: UserId, log: Log, pause: Effect.Effect<void>) {
  let gone = 0
  let from = log.first_seq
  while (from <= log.head_seq) {
    const to = Math.min(from + window - 1, log.head_seq)
    const found = yield* left(sql, user, log.id, from, to)
    if (found.length > 0) {
      gone += yield* sql.withTransaction(wipe(sql, user, log.id, found[0]!, found.at(-1)!))
      yield* pause
    }
    from = found.length === step ? found.at(-1)! + 1 : to + 1
    yield* Effect.yieldNow
  }
  return gone
})

/** Where everything may be seen, memberships begin at 1; only the log knows who came when. */
const joined = Effect.fnUntraced(function*(sql: Sql, { first_seq, head_seq, history, id }: Log) {
  if (history !== "all") return undefined
  const log: Array<LoggedChange> = []
  for (let from = first_seq; from <= head_seq; from += window) {
    const rows = yield* sql<{ seq: number; sender: UserId; body: string }>`SELECT seq, sender, body FROM entries
      WHERE conversation = ${id} AND seq >= ${from} AND seq < ${from + window} AND kind = 'group' ORDER BY seq`
    for (const { body, sender, seq } of rows.map(numbers)) {
      log.push({ seq, sender, change: storedChange(body) })
    }
    yield* Effect.yieldNow
  }
  return joinedIn(log)
})

/** The log first, as in a commit, so that neither brings back what the other removes. */
const forget = Effect.fnUntraced(
  function*(sql: Sql, user: UserId, { head_seq, id }: Log, since: ReadonlyMap<UserId, number> | undefined) {
    const head = yield* lockLog(sql, id)
    // What was said while the steps went on.
    const gone = head > head_seq ? yield* wipe(sql, user, id, head_seq + 1, head) : 0
    const members = yield* sql<Pick<MemberRow, "user_id" | "role" | "joined_seq">>`
      SELECT user_id, role, joined_seq FROM members WHERE conversation = ${id} AND left_seq IS NULL`
    const candidates = members.map(numbers).map(({ joined_seq, role, user_id }): Candidate => ({
      user: user_id,
      role,
      joined: since?.get(user_id) ?? joined_seq
    }))
    const appends = departures(user, id, candidates, yield* Clock.currentTimeMillis)
    const work = new SqlUnitOfWork()
    yield* work.fetch(sql, appends, [])
    for (const append of appends) applyAppend(work, append)
    yield* work.flush(sql)
    yield* sql`UPDATE conversations SET vacant = CASE WHEN kind = 'direct' THEN 1 ELSE 0 END, version = version + 1
      WHERE id = ${id}`
    // The membership first, as in a commit: cursors that are being moved have ended by then, and none begins.
    yield* sql`DELETE FROM members WHERE user_id = ${user} AND conversation = ${id}`
    yield* sql`DELETE FROM devices WHERE user_id = ${user} AND conversation = ${id}`
    yield* forgetMentions(sql, user, id)
    yield* sql`DELETE FROM preferences WHERE user_id = ${user} AND conversation = ${id}`
    yield* note(sql, user, id, head + appends.length)
    return gone
  }
)

/** First, so that no message names them any more, and last, for what came meanwhile. Whoever sweeps removes them. */
const removeFiles = Effect.fnUntraced(function*(sql: Sql, user: UserId, pause: Effect.Effect<void>) {
  let after: FileId | undefined
  do {
    after = yield* sql.withTransaction(removeFilesOf(sql, user, after, step))
    if (after !== undefined) yield* pause
  } while (after !== undefined)
})

export const eraseUser = Effect.fn("MessageStore.eraseUser")(function*(
  sql: Sql,
  user: UserId,
  pause: Effect.Effect<void> = Effect.void
): Effect.fn.Return<number, SqlError.SqlError> {
  let gone = 0
  // At the beginning, so that the user is let go before, and at the end, for whoever has come back meanwhile.
  yield* sql.withTransaction(note(sql, user, everything, 0))
  yield* removeFiles(sql, user, pause)
  while (true) {
    const logs = yield* sql<Log>`SELECT c.id, c.head_seq, c.first_seq, c.history FROM members m
      JOIN conversations c ON c.id = m.conversation WHERE m.user_id = ${user} ORDER BY c.id LIMIT ${page}`
    for (const log of logs.map(numbers)) {
      gone += yield* wipeLog(sql, user, log, pause)
      // Last, so that an erasure that was cut short finds the log again.
      gone += yield* sql.withTransaction(forget(sql, user, log, yield* joined(sql, log)))
      yield* pause
    }
    if (logs.length === 0) break
  }
  yield* removeFiles(sql, user, pause)
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`DELETE FROM file_room WHERE owner = ${user} AND files = 0`
    yield* sql`DELETE FROM devices WHERE user_id = ${user}`
    yield* sql`DELETE FROM device_uses WHERE user_id = ${user}`
    yield* sql`DELETE FROM spent_ids WHERE sender = ${user}`
    // Others' blocks of the name stay while they hold, as bans do: they are theirs to lift.
    yield* sql`DELETE FROM block_spans WHERE user_id = ${user} OR (blocked = ${user} AND until IS NOT NULL)`
    yield* sql`DELETE FROM last_seen WHERE user_id = ${user}`
    yield* lockProfile(sql, user)
    yield* dropFilesOf(sql, profileHolder(user), pictureSeq, pictureSeq)
    yield* sql`DELETE FROM profile_words WHERE user_id = ${user}`
    yield* sql`DELETE FROM profiles WHERE user_id = ${user}`
    yield* sql`DELETE FROM preferences WHERE user_id = ${user}`
    yield* sql`DELETE FROM private_readers WHERE user_id = ${user}`
    yield* sql`DELETE FROM push_subscriptions WHERE user_id = ${user}`
    yield* sql`DELETE FROM reports WHERE author = ${user} OR reporter = ${user}`
    yield* sql`UPDATE group_details SET avatar = NULL WHERE avatar IN (SELECT file FROM files WHERE owner = ${user})`
    yield* sql`DELETE FROM subscription_events WHERE user_id = ${user} AND user_id <> ''`
    yield* note(sql, user, everything, 0)
  }))
  return gone
})

interface ErasureRow {
  readonly id: number
  readonly user_id: UserId
  readonly conversation: ConversationId | typeof everything
}

export const erasures = (
  sql: Sql,
  after: number | undefined
): Effect.Effect<ReadonlyArray<Erasure>, SqlError.SqlError> =>
  Effect.map(
    after === undefined
      ? sql<ErasureRow>`SELECT id, user_id, conversation FROM erasures ORDER BY id DESC LIMIT 1`
      : sql<ErasureRow>`SELECT id, user_id, conversation FROM erasures WHERE id > ${after} ORDER BY id LIMIT 1000`,
    (rows) =>
      rows.map(numbers).map(({ conversation, id, user_id: user }) =>
        conversation === everything ? { id, user } : { id, user, conversation }
      )
  )
