/** The journal where several servers write and forget at the same time, which memory cannot show. */
import { assert, describe } from "@effect/vitest"
import { Array, Context, Effect, Redacted } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { type ConversationId, GroupId, UserId } from "../../../src/domain/Ids.ts"
import { Journal, keptMillis, type Position, trimStep } from "../../../src/services/storage/Journal.ts"
import { type AppendResult, MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { change, created, text } from "../../../src/testing/contract/commands.ts"
import { afters, fails, writer } from "../../../src/testing/journal/JournalCase.ts"
import { besidePostgres, whileAnother } from "../../support/besidePostgres.ts"

const alice = UserId.make("alice")
const bob = UserId.make("bob")
const conversation = Conversation.direct(alice, bob)
const old = keptMillis + 1_000

const beside = besidePostgres("journals")

/** Which position wrote each entry, and which one it says was before it. */
const chainOf = Effect.gen(function*() {
  const journal = yield* Journal
  const { rows } = yield* journal.since(new Map(), { limit: 10_000 })
  const wrote = new Map<string, Position>()
  const said: Array<readonly [ConversationId, number, Position | undefined]> = []
  for (const { epoch, offset, runs } of rows) {
    for (const { after, conversation, from, to } of runs) {
      said.push([conversation, from, after])
      for (let seq = from; seq <= to; seq++) wrote.set(`${conversation} ${seq}`, { epoch, offset })
    }
  }
  return { wrote, said }
})

describe("a journal that several servers write", () => {
  beside(
    "P2 two servers begin conversations at the same time and go on in them: one order, and each entry knows its place",
    function*({ another }) {
      const other = yield* another
      const [a, b] = [yield* writer("a"), yield* Effect.provide(writer("b"), other)]
      const hot = Conversation.direct(alice, alice)
      const results = new Map<string, AppendResult>()
      for (let round = 0; round < 40; round++) {
        const fresh = Conversation.direct(alice, UserId.make(`new${round}`))
        const appends = () => [text(alice, fresh), text(alice, hot), text(alice, hot), text(alice, fresh)]
        const both = yield* Effect.all([a.say(...appends()), b.say(...appends())], { concurrency: "unbounded" })
        for (const answers of both) {
          for (const [i, result] of answers.entries()) {
            if (result._tag === "Accepted") results.set(`${i % 3 === 0 ? fresh : hot} ${result.seq}`, result)
          }
        }
      }
      const { said, wrote } = yield* chainOf
      assert.strictEqual(results.size, 40 * 8)
      assert.strictEqual(wrote.size, 40 * 8)
      for (let seq = 1; seq <= 160; seq++) assert.isTrue(wrote.has(`${hot} ${seq}`), `${seq}`)
      for (const [conversation, from, after] of said) {
        assert.deepStrictEqual(after, wrote.get(`${conversation} ${from - 1}`), `${conversation} ${from}`)
      }
      for (const [place, result] of results) {
        const [conversation, seq] = place.split(" ") as [string, string]
        assert.deepStrictEqual(afters([result]), [wrote.get(`${conversation} ${Number(seq) - 1}`)], place)
      }
    }
  )

  beside("P2 who was second to begin a conversation is told who was first", function*({ sql }) {
    const [a, b] = [yield* writer("a"), yield* writer("b")]
    const results = yield* whileAnother(
      Effect.gen(function*() {
        yield* sql`INSERT INTO conversations (id, kind, head_seq, first_seq, head_epoch, head_offset)
          VALUES (${conversation}, 'direct', 1, 1, ${b.epoch}, 1)`
        yield* sql`INSERT INTO entries (conversation, seq, message_id, sender, kind, flag, at)
          VALUES (${conversation}, 1, 'm', ${bob}, 'text', 0, 1)`
      }),
      a.say(text(alice, conversation))
    )
    assert.deepStrictEqual(results.map((result) => result._tag === "Accepted" && result.seq), [2])
    assert.deepStrictEqual(afters(results), [b.at(1)])
  })

  beside("P2 an epoch that began while a commit waited for the conversation is one to wait for", function*({ sql }) {
    const a = yield* writer("a")
    yield* a.say(text(alice, conversation))
    const results = yield* whileAnother(
      sql`SELECT 1 FROM conversations FOR NO KEY UPDATE`,
      a.say(text(alice, conversation)),
      Effect.gen(function*() {
        yield* sql`INSERT INTO epochs (epoch, node, beat_at) VALUES (99, 'new', now())`
        yield* sql`UPDATE conversations SET head_epoch = 99, head_offset = 1`
      })
    )
    assert.deepStrictEqual(afters(results), [{ epoch: 99, offset: 1 }])
  })

  beside("P1 a commit that was rolled back leaves its position to the next", function*({ sql }) {
    const a = yield* writer("a")
    yield* a.say(text(alice, conversation))
    // Longer than a commit waits.
    yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`SELECT 1 FROM conversations FOR NO KEY UPDATE`
      assert.isTrue(yield* fails(a.say(text(alice, conversation, "lost"))))
    }))
    yield* a.say(text(bob, conversation))
    const { said } = yield* chainOf
    assert.deepStrictEqual(said, [[conversation, 1, undefined], [conversation, 2, a.at(1)]])
  })

  beside("a row that cannot be read counts as passed, and says so", function*({ sql }) {
    const a = yield* writer("a")
    yield* a.say(text(alice, conversation))
    const bodies = ["{\"v\":3,\"t\":[],\"k\":[]}", "not JSON", "{\"v\":1,\"t\":[[\"x\",0,0,null,null,null]],\"k\":[]}"]
    for (const [i, body] of bodies.entries()) {
      yield* sql`INSERT INTO journal (epoch, at_offset, body) VALUES (${a.epoch}, ${i + 2}, ${body})`
    }
    const journal = yield* Journal
    const { rows } = yield* journal.since(new Map([[a.epoch, 1]]), { limit: 10 })
    assert.deepStrictEqual(rows.map(({ notes, offset, runs, unreadable }) => [offset, runs, notes, unreadable]), [
      [2, [], [], true],
      [3, [], [], true],
      [4, [], [], true]
    ])
  })

  beside("much is forgotten in steps, by two servers at the same time, and nothing that is young", function*({
    another,
    sql
  }) {
    const other = Context.get(yield* another, Journal)
    const journal = yield* Journal
    const [a, b] = [yield* writer("a"), yield* writer("b")]
    const many = trimStep * 2 + 10
    yield* sql`INSERT INTO journal (epoch, at_offset, at, body)
      SELECT ${a.epoch}::int8, n, now() - ${old} * interval '1 millisecond', '{"v":1,"t":[],"k":[]}'
      FROM generate_series(1, ${many}) AS n`
    yield* sql`INSERT INTO journal (epoch, at_offset, body)
      SELECT ${a.epoch}::int8, n, '{"v":1,"t":[],"k":[]}' FROM generate_series(${many + 1}::int8, ${many + 5}) AS n`
    yield* Effect.all([journal.trim, other.trim, journal.trim], { concurrency: "unbounded" })
    const { epochs, rows } = yield* journal.since(new Map([[a.epoch, 7]]), { limit: 10 })
    assert.deepStrictEqual(rows.map(({ offset }) => offset), Array.range(many + 1, many + 5))
    assert.deepStrictEqual(epochs.map(({ epoch, first }) => [epoch, first]), [[a.epoch, many + 1], [b.epoch, 1]])
  })

  beside("a clock that was set back leaves no gap", function*({ sql }) {
    const journal = yield* Journal
    const a = yield* writer("a")
    for (const offset of [1, 2, 3]) {
      yield* sql`INSERT INTO journal (epoch, at_offset, at, body) VALUES (${a.epoch}, ${offset},
        now() - ${offset === 2 ? 0 : old} * interval '1 millisecond', '{"v":1,"t":[],"k":[]}')`
    }
    yield* journal.trim
    const { epochs, rows } = yield* journal.since(new Map(), { limit: 10 })
    assert.deepStrictEqual([epochs[0]?.first, rows.map(({ offset }) => offset)], [2, [2, 3]])
  })

  beside("P5 an epoch is not forgotten while a late commit of it is under way", function*({ sql }) {
    const journal = yield* Journal
    const a = yield* writer("a")
    yield* sql`UPDATE epochs SET beat_at = now() - ${old} * interval '1 millisecond'`
    yield* whileAnother(
      sql`INSERT INTO journal (epoch, at_offset, body) VALUES (${a.epoch}, 1, '{"v":1,"t":[],"k":[]}')`,
      journal.trim
    )
    const { epochs, rows } = yield* journal.since(new Map(), { limit: 10 })
    assert.deepStrictEqual([epochs.map(({ epoch }) => epoch), rows.map(({ offset }) => offset)], [[a.epoch], [1]])
  })

  beside("servers that ask for the key at the same time get one", function*({ another }) {
    const stores = yield* Effect.all([another, another, another])
    const keys = yield* Effect.all(stores.map((store) => Context.get(store, Journal).key), { concurrency: "unbounded" })
    assert.strictEqual(new Set(keys.map((key) => Redacted.value(key).toString())).size, 1)
  })

  beside("cursors leave no trace in the journal", function*({ sql }) {
    const store = yield* MessageStore
    const a = yield* writer("a")
    yield* a.say(text(alice, conversation))
    yield* store.commit([], [{ kind: "read", user: bob, conversation, upTo: 1 }], { ...a.at(2), notes: [] })
    const heads = yield* sql`SELECT head_epoch, head_offset FROM conversations`
    assert.deepStrictEqual<unknown>(heads, [{ head_epoch: BigInt(a.epoch), head_offset: 1n }])
    assert.strictEqual((yield* (yield* Journal).positions).get(a.epoch), 1)
  })

  beside(
    "a commit with what older servers would follow wrongly says a later version, and is read as all others",
    function*(
      { sql }
    ) {
      const tea = GroupId.make("tea")
      const a = yield* writer("a")
      yield* a.say(created(tea, alice, { [bob]: "member" }), change(alice, tea, { action: "renamed", name: "cake" }))
      yield* a.say(change(alice, tea, { action: "members_banned", members: [bob] }))
      yield* a.say(text(alice, conversation), change(alice, tea, { action: "described", description: "at five" }))
      yield* a.say(text(alice, Conversation.group(tea)))
      const rows = yield* sql<{ body: string }>`SELECT body FROM journal ORDER BY at_offset`
      assert.deepStrictEqual(rows.map(({ body }) => JSON.parse(body).v), [1, 2, 2, 1])
      const read = yield* (yield* Journal).since(new Map(), { limit: 10 })
      assert.deepStrictEqual(
        read.rows.map(({ runs, unreadable }) => [runs.length, unreadable]),
        [[1, undefined], [1, undefined], [2, undefined], [1, undefined]]
      )
    }
  )
})
