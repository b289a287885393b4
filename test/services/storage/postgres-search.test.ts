/** What is only so of search in Postgres: the index is filled by several servers at once, and holds what a row can hold. */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Context, Effect, Layer } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { fold } from "../../../src/domain/search/words.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { migrations, migrationsUpTo, table } from "../../../src/services/storage/migrations.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import * as PostgresSearch from "../../../src/services/storage/PostgresSearch.ts"
import { Search } from "../../../src/services/storage/Search.ts"
import { commit, edit, many, remove, text } from "../../../src/testing/contract/commands.ts"
import { findAll, placesFound, textsFound } from "../../../src/testing/search/SearchCase.ts"
import { besidePostgres } from "../../support/besidePostgres.ts"
import { freshSchema, hasPostgres, inSchema, postgresUrl } from "../../support/postgres.ts"
import { filled } from "../../support/searchInBlocks.ts"

const alice = UserId.make("alice")
const bob = UserId.make("bob")
const conversation = Conversation.direct(alice, bob)

const beside = besidePostgres("postgres_search")

/** As a version without search left it: texts hours and years apart, many of one time, and what is no text. */
const older = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`INSERT INTO conversations (id, kind, head_seq, first_seq, last_at)
    SELECT 'dm:alice:b' || i, 'direct', 100, 1, 1700000000000 + i FROM generate_series(1, 12) i`
  yield* sql`INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq)
    SELECT 'alice', id, 'member', 1, 0, 0 FROM conversations`
  yield* sql`INSERT INTO entries (conversation, seq, message_id, sender, kind, target, body, flag, at)
    SELECT c.id, s, c.id || s, 'alice', CASE WHEN s % 10 = 0 THEN 'reaction' ELSE 'text' END,
      CASE WHEN s % 10 = 0 THEN 1 END, CASE WHEN s % 7 > 0 THEN 'word ' || s END,
      CASE WHEN s % 7 > 0 THEN 0 ELSE 1 END, c.last_at - CASE WHEN s < 50 THEN 90000000000 ELSE s * 1000 END
    FROM conversations c, generate_series(1, 100) s`
})
const olderTexts = 12 * Arr.range(1, 100).filter((seq) => seq % 10 !== 0 && seq % 7 !== 0).length

/** Nothing is in the index, as when it was new. */
const emptied = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`DELETE FROM search_texts`
  yield* sql`UPDATE search_fill SET at = 9007199254740991, down_to = 0, entries_left = 100`
})

const indexed = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return (yield* sql<{ readonly seq: bigint }>`SELECT seq FROM search_texts ORDER BY seq`).map(({ seq }) => Number(seq))
})

describe("search in Postgres", () => {
  it.live.skipIf(!hasPostgres)(
    "what an older version left is found once two servers have filled the index",
    () =>
      Effect.gen(function*() {
        const schema = yield* freshSchema("search_older")
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* sql`CREATE SCHEMA ${sql(schema)}`
          yield* Migrator.make({})({ loader: migrationsUpTo(10), table })
          yield* older
        }).pipe(Effect.provide(inSchema(schema)))
        const server = () => Layer.build(Layer.fresh(PostgresMessageStore.layer({ url: postgresUrl, schema })))
        const servers = [yield* server(), yield* server()]
        assert.isAbove(yield* Context.get(servers[0]!, Search).fill, 0)
        yield* Effect.forEach(servers, (each) => Effect.provide(filled, each), { concurrency: 2 })
        for (const each of servers) {
          assert.strictEqual(yield* Context.get(each, Search).fill, 0)
          const found = yield* Effect.provide(findAll("word", { user: alice }, 100), each)
          assert.strictEqual(found.length, olderTexts)
        }
      }).pipe(Effect.scoped)
  )

  beside(
    "what is deleted by a commit that goes on while the index is filled does not stay in it",
    function*({ sql }) {
      yield* many(alice, conversation, 3)
      yield* sql.withTransaction(Effect.gen(function*() {
        yield* sql`UPDATE entries SET body = NULL, flag = 1 WHERE conversation = ${conversation} AND seq = 2`
        yield* sql`INSERT INTO search_stale SELECT at, conversation, seq FROM entries
        WHERE conversation = ${conversation} AND seq = 2`
        yield* filled
        assert.deepStrictEqual(yield* indexed, [1, 2, 3])
      }))
      assert.deepStrictEqual(yield* placesFound("text", bob, conversation), [3, 1])
      yield* filled
      assert.deepStrictEqual(yield* indexed, [1, 3])
    }
  )

  beside("what is noted is found, edited and not found any more, before and after it is in the index", function*() {
    yield* commit(
      text(alice, conversation, "one apple", { at: 1 }),
      text(alice, conversation, "two apples", { at: 2 }),
      text(alice, conversation, "three apples", { at: 3 })
    )
    const looks = Effect.fnUntraced(function*(query: string, places: ReadonlyArray<number>) {
      for (const limit of [1, 2, 10]) {
        const found = yield* findAll(query, { user: bob }, limit)
        assert.deepStrictEqual(found.map(({ entry }) => entry.seq), places)
      }
    })
    yield* looks("apple", [3, 2, 1])
    yield* filled
    yield* looks("apple", [3, 2, 1])
    yield* commit(edit(alice, conversation, 2, "two pears"), text(alice, conversation, "a pear", { at: 2 }))
    yield* looks("apple", [3, 1])
    yield* looks("pear", [5, 2])
    yield* commit(edit(alice, conversation, 3, "apples and pears"))
    yield* looks("apple", [3, 1])
    yield* looks("pear", [3, 5, 2])
    yield* filled
    yield* looks("pear", [3, 5, 2])
  })

  beside("an edit of what is not in the index yet brings it there, and the fill leaves it as it is", function*() {
    yield* commit(text(alice, conversation, "first"), text(alice, conversation, "second"))
    yield* filled
    yield* emptied
    yield* commit(edit(alice, conversation, 1, "another"))
    yield* filled
    assert.deepStrictEqual(yield* placesFound("another", bob, conversation), [1])
    assert.deepStrictEqual(yield* placesFound("first", bob, conversation), [])
    assert.deepStrictEqual(yield* placesFound("second", bob, conversation), [2])
  })

  beside("the words of what is deleted, trimmed or erased are in no table any more", function*() {
    const store = yield* MessageStore
    yield* many(alice, conversation, 6)
    yield* many(bob, conversation, 2)
    yield* filled
    yield* commit(remove(alice, conversation, 6))
    yield* filled
    assert.deepStrictEqual(yield* indexed, [1, 2, 3, 4, 5, 7, 8])
    yield* store.trim({ keep: 6 })
    yield* filled
    assert.deepStrictEqual(yield* indexed, [4, 5, 7, 8])
    yield* store.eraseUser(alice)
    yield* filled
    assert.deepStrictEqual(yield* indexed, [7, 8])
  })

  beside("a text of more words than a row can have is accepted, and found by the first of them", function*() {
    const words = Arr.range(1, 200_000).map((i) => `word${i}`)
    yield* commit(text(alice, conversation, words.join(" ")), text(alice, conversation, "few words"))
    yield* filled
    assert.deepStrictEqual(yield* placesFound("word1 word59999", bob, conversation), [1])
    assert.deepStrictEqual(yield* placesFound("word200001", bob, conversation), [])
    assert.deepStrictEqual(yield* placesFound("word", bob, conversation), [2, 1])
    assert.deepStrictEqual(yield* placesFound("few", bob, conversation), [2])
  })

  beside("letters that are taken apart into signs of the database's own are found as they are", function*() {
    const signs = Arr.range(0x80, 0x1f2ff)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .filter((letter) => /[\p{L}\p{N}]/u.test(letter) && /[^\p{L}\p{N}\p{M}]/u.test(fold(letter)))
    assert.isAbove(signs.length, 50)
    yield* commit(...signs.map((letter, at) => text(alice, conversation, `x${letter}y`, { at })))
    yield* filled
    for (const [i, letter] of signs.entries()) {
      const found = yield* textsFound(`x${letter}y`, bob)
      assert.include(found, `x${letter}y`, `${i}`)
    }
  })

  it.live.skipIf(!hasPostgres)(
    "the index of words takes in what was brought in beside it, and of what was noted nothing is left",
    () =>
      Effect.gen(function*() {
        // No server fills this schema beside the test, which would bring in and settle at moments of its own.
        const schema = yield* freshSchema("search_settled")
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* sql`CREATE SCHEMA ${sql(schema)}`
          yield* Migrator.make({})({ loader: migrationsUpTo(10), table })
          yield* older
          yield* Migrator.make({})({ loader: migrations, table })
          yield* sql`INSERT INTO search_pending (at, conversation, seq)
            SELECT at, conversation, seq FROM entries WHERE seq = 99`
          const { search, settle } = yield* PostgresSearch.make(sql, sql)
          while ((yield* search.fill) > 0);
          yield* settle
          const [row] = yield* sql<{ readonly pages: bigint }>`
            SELECT gin_clean_pending_list('search_texts_by_word') AS pages`
          assert.strictEqual(Number(row?.pages), 0)
          assert.strictEqual((yield* indexed).length, olderTexts)
          assert.deepStrictEqual(yield* sql`SELECT * FROM search_pending`, [])
        }).pipe(Effect.provide(inSchema(schema)))
      }).pipe(Effect.scoped)
  )
})
