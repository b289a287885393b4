/** The index of a data file: filled in the background, whatever happens meanwhile, and with nothing in it that is gone. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { readFileSync } from "node:fs"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { nextTurn } from "../../../src/services/kernel/ActorScheduler.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { Search } from "../../../src/services/storage/Search.ts"
import { SearchSizes } from "../../../src/services/storage/searchSizes.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { commit, edit, remove, text } from "../../../src/testing/contract/commands.ts"
import { placesFound, textsFound } from "../../../src/testing/search/SearchCase.ts"
import { dataFile, inDatabase } from "../../support/dataFiles.ts"
import { eventually } from "../../support/eventually.ts"
import { olderFile } from "../../support/olderFile.ts"
import { startServer } from "../../support/ServerProcess.ts"

const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => UserId.make(name)) as [UserId, UserId, UserId]
const conversation = Conversation.direct(alice, bob)

/** Of the version before there was a search: the place `seq` says "old <seq>". */
const olderWith = Effect.fnUntraced(function*(filename: string, count: number) {
  yield* olderFile(filename, 10)
  inDatabase(filename, (db) =>
    db.exec(`
      INSERT INTO conversations (id, kind, head_seq, first_seq, last_seq) VALUES ('${conversation}', 'direct', ${count}, 1, ${count});
      INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq)
        VALUES ('alice', '${conversation}', 'member', 1, 0, 0), ('bob', '${conversation}', 'member', 1, 0, 0);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      INSERT INTO entries (conversation, seq, message_id, sender, kind, body, flag, at)
        SELECT '${conversation}', i, 'm' || i, CASE i % 2 WHEN 0 THEN 'bob' ELSE 'alice' END, 'text', 'old ' || i, 0, i FROM n`))
})

const withBlocks = (filename: string, block = 16) =>
  SqliteMessageStore.layer({ filename }).pipe(
    Layer.provide(Layer.succeed(SearchSizes, { block, budget: 60_000, few: 0 }))
  )

const inStore = <A, E>(filename: string, effect: Effect.Effect<A, E, MessageStore | Search>, block?: number) =>
  Effect.provide(effect, withBlocks(filename, block), { local: true })

const filled = Effect.gen(function*() {
  const search = yield* Search
  const left: Array<number> = []
  do left.push(yield* search.fill)
  while (left.at(-1)! > 0)
  return left
})

const downFrom = (last: number) => Array.from({ length: last }, (_, i) => last - i)

/** Every word that blocks have, of whatever text. */
const wordsIn = (filename: string) =>
  new Set(
    inDatabase(filename, (db) =>
      db.prepare("SELECT words FROM search_words").all().flatMap(({ words }) => String(words).split(" ")))
  )

const blocksIn = (filename: string): number =>
  inDatabase(filename, (db) => Number(db.prepare("SELECT count(*) AS count FROM search_blocks").get()!["count"]))

describe("the index of a data file", () => {
  it.effect("what was there before is brought in step by step, the newest first, and a server serves meanwhile", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* olderWith(filename, 100)
      yield* inStore(
        filename,
        Effect.gen(function*() {
          const search = yield* Search
          const store = yield* MessageStore
          assert.deepStrictEqual(yield* placesFound("old", alice, conversation), [])
          yield* commit(text(bob, conversation, "new 101", { at: 101 }))
          assert.deepStrictEqual(yield* placesFound("new", alice, conversation), [101])
          assert.strictEqual(yield* search.fill, 84)
          assert.deepStrictEqual(yield* placesFound("old", alice, conversation), downFrom(100).slice(0, 16))
          yield* commit(
            edit(alice, conversation, 1, "changed before", { at: 102 }),
            edit(alice, conversation, 99, "changed after", { at: 102 }),
            remove(bob, conversation, 2, { at: 102 }),
            remove(bob, conversation, 98, { at: 102 })
          )
          yield* TestClock.setTime(1_000)
          yield* store.trim({ before: 11 })
          const left = yield* filled
          assert.deepStrictEqual(left, left.toSorted((a, b) => b - a))
          assert.deepStrictEqual(
            yield* placesFound("old", alice, conversation),
            downFrom(100).filter((seq) => seq > 10 && seq !== 99 && seq !== 98)
          )
          assert.deepStrictEqual(yield* placesFound("changed", bob, conversation), [99])
          yield* store.eraseUser(bob)
          assert.deepStrictEqual(
            yield* placesFound("old", alice, conversation),
            downFrom(97).filter((seq) => seq > 10 && seq % 2 === 1)
          )
        })
      )
    }))

  it.effect("a fill that was cut short anywhere goes on, and finds each once", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* olderWith(filename, 60)
      for (let turns = 0; turns < 24; turns++) {
        yield* inStore(
          filename,
          Effect.gen(function*() {
            const search = yield* Search
            yield* commit(...[1, 2, 3].map((i) => text(bob, conversation, `new ${turns} ${i}`, { at: 1_000 + turns })))
            const fiber = yield* Effect.forkChild(search.fill)
            for (let i = 0; i < turns; i++) yield* nextTurn
            yield* Fiber.interrupt(fiber)
          }),
          3
        )
      }
      yield* inStore(
        filename,
        Effect.gen(function*() {
          yield* filled
          assert.deepStrictEqual(yield* placesFound("old", alice, conversation), downFrom(60))
          assert.strictEqual((yield* textsFound("new", alice)).length, 72)
        }),
        3
      )
      const [row] = inDatabase(filename, (db) =>
        db.prepare("SELECT count(*) AS unready FROM search_blocks WHERE size = 0").all())
      assert.strictEqual(row!["unready"], 0)
    }))

  it.effect("whoever searches while blocks become one finds all there is", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* olderWith(filename, 200)
      yield* inStore(
        filename,
        Effect.gen(function*() {
          const search = yield* Search
          while (blocksIn(filename) < 15) yield* search.fill
          const found = yield* placesFound("old", alice, conversation)
          assert.strictEqual(found.length, 15 * 4)
          const fiber = yield* Effect.forkChild(search.fill)
          // Several at once have to wait for their turns, and so see blocks go.
          const looks: Array<Fiber.Fiber<ReadonlyArray<number>, unknown>> = []
          while (fiber.pollUnsafe() === undefined) {
            looks.push(yield* Effect.forkChild(placesFound("old", alice, conversation)))
            yield* nextTurn
          }
          assert.isAbove(looks.length, 10)
          for (const look of looks) assert.deepStrictEqual((yield* Fiber.join(look)).slice(0, found.length), found)
          assert.strictEqual(blocksIn(filename), 1)
          assert.strictEqual((yield* placesFound("old", alice, conversation)).length, 16 * 4)
        }),
        4
      )
    }))

  it.live(
    "a server that is killed in the middle of it goes on when it is there again, and says so",
    () =>
      Effect.gen(function*() {
        const filename = yield* dataFile
        const count = 60_000
        yield* olderWith(filename, count)
        const isFilled = () => {
          const [row] = inDatabase(filename, (db) => db.prepare("SELECT sum(size) AS texts FROM search_blocks").all())
          return row!["texts"] === count
        }
        // A machine that is busy may see the end of it before the server is killed.
        for (let round = 0; round < 3; round++) {
          const server = yield* startServer(["--data", filename])
          yield* eventually(Effect.sync(() => server.output().includes("SearchFill.filling") || isFilled()))
          server.kill("SIGKILL")
          yield* server.exited
          if (isFilled()) break
        }
        const server = yield* startServer(["--data", filename])
        yield* eventually(Effect.sync(isFilled))
        // What is done at once is not told.
        const isTold = () => server.output().includes("SearchFill.filled")
        if (server.output().includes("SearchFill.filling")) yield* eventually(Effect.sync(isTold))
        server.kill("SIGTERM")
        yield* server.exited
        yield* inStore(
          filename,
          Effect.gen(function*() {
            for (const seq of [1, 2, count - 1, count, 17_777]) {
              assert.deepStrictEqual(yield* textsFound(`"old ${seq}"`, alice), [`old ${seq}`])
            }
            const search = yield* Search
            assert.strictEqual(yield* search.fill, 0)
          }),
          4_096
        )
        assert.isTrue(isFilled())
      }),
    120_000
  )

  it.effect("words that were edited, deleted, erased or trimmed are gone from it within ten minutes", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* TestClock.setTime(1_000)
      yield* inStore(
        filename,
        Effect.gen(function*() {
          const search = yield* Search
          const store = yield* MessageStore
          const other = Conversation.direct(bob, carol)
          yield* commit(
            text(alice, conversation, "trimmedword stays", { at: 1 }),
            text(bob, conversation, "editedword stays", { at: 11 }),
            text(bob, conversation, "deletedword stays", { at: 12 }),
            text(carol, other, "erasedword goes", { at: 13 }),
            text(bob, other, "keptword stays", { at: 14 })
          )
          yield* commit(...Array.from({ length: 20 }, (_, i) => text(alice, conversation, `more ${i}`, { at: 20 + i })))
          yield* search.fill
          assert.isBelow(blocksIn(filename), 16)
          yield* commit(
            edit(bob, conversation, 2, "otherword stays", { at: 50 }),
            remove(bob, conversation, 3, { at: 51 })
          )
          yield* store.eraseUser(carol)
          yield* store.trim({ before: 10 })
          for (const word of ["editedword", "deletedword", "erasedword", "trimmedword"]) {
            assert.deepStrictEqual(yield* textsFound(word, bob), [], word)
          }
          yield* TestClock.adjust("10 minutes")
          yield* search.fill
          assert.deepStrictEqual(yield* textsFound("stays", bob), ["keptword stays", "otherword stays"])
        }),
        // So that the old words are in a block that was made of others.
        1
      )
      const words = wordsIn(filename)
      for (const word of ["editedword", "deletedword", "erasedword", "trimmedword", "goes"]) {
        assert.isFalse(words.has(word), word)
      }
      assert.isTrue(words.has("keptword"))
      // A block of which nothing is left goes.
      yield* inStore(
        filename,
        Effect.gen(function*() {
          yield* TestClock.setTime(10_000_000)
          const search = yield* Search
          const store = yield* MessageStore
          yield* store.trim({ before: 9_000_000 })
          yield* TestClock.adjust("10 minutes")
          yield* search.fill
        }),
        4
      )
      assert.deepStrictEqual(Array.from(wordsIn(filename)), [])
    }))

  it.effect("a copy, a copy of a file that is being filled and a file that was vacuumed find the same", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const copy = `${filename}.copy`
      const restored = `${filename}.restored`
      yield* olderWith(filename, 80)
      yield* inStore(
        filename,
        Effect.gen(function*() {
          const search = yield* Search
          yield* commit(...Array.from({ length: 30 }, (_, i) => text(alice, conversation, `new ${i}`, { at: 200 + i })))
          // Places in the file where nothing is any more.
          yield* commit(remove(alice, conversation, 1, { at: 300 }))
          yield* search.fill
          yield* search.fill
          yield* SqliteMessageStore.backup(filename, copy)
        })
      )
      inDatabase(filename, (db) => db.exec("VACUUM"))
      yield* SqliteMessageStore.restore(copy, restored)
      for (const file of [filename, restored]) {
        yield* inStore(
          file,
          Effect.gen(function*() {
            yield* filled
            assert.deepStrictEqual(yield* placesFound("old", bob, conversation), downFrom(80).filter((seq) => seq > 1))
            assert.strictEqual((yield* textsFound("new", bob)).length, 30)
          })
        )
      }
      assert.isAbove(readFileSync(copy).length, 0)
    }))

  it.effect("an index that is not to be trusted is made anew once its state is removed", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* inStore(
        filename,
        Effect.gen(function*() {
          yield* commit(...Array.from({ length: 40 }, (_, i) => text(alice, conversation, `word ${i}`, { at: i })))
          yield* filled
        })
      )
      inDatabase(filename, (db) => db.exec("UPDATE search_words SET words = 'nothing'"))
      inDatabase(filename, (db) => db.exec("DELETE FROM search_state"))
      yield* inStore(
        filename,
        Effect.gen(function*() {
          yield* filled
          assert.deepStrictEqual(yield* placesFound("word", bob, conversation), downFrom(40))
        })
      )
    }))
})
