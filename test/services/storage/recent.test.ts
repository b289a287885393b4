/** What a page of the latest conversations costs on SQLite, and what becomes of a file from before there were any. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { UserId } from "../../../src/domain/Ids.ts"
import { sqlite } from "../../../src/services/storage/Dialect.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { scanQuery } from "../../../src/services/storage/sqlRecent.ts"
import { commit, phone, text } from "../../../src/testing/contract/commands.ts"
import { dataFile, inDatabase, withStore } from "../../support/dataFiles.ts"
import { olderFile } from "../../support/olderFile.ts"

const alice = UserId.make("alice")

const to = (i: number, at: number) => text(alice, Conversation.direct(alice, UserId.make(`o${i}`)), `to ${i}`, { at })

const hour = 3_600_000

describe("the latest conversations on SQLite", () => {
  it.effect("a page is read by the index, without sorting what it does not return", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* withStore(filename, commit(to(1, hour)))
      const plan = inDatabase(filename, (db) =>
        db.prepare(`EXPLAIN QUERY PLAN ${scanQuery(sqlite)}`).all("alice", hour, "~")
          .map(({ detail }) =>
            String(detail)
          ))
      assert.isTrue(
        plan.some((step) => /SEARCH members USING (COVERING )?INDEX members_by_activity/.test(step)),
        plan.join()
      )
      assert.isFalse(plan.some((step) => /SCAN members|SCAN c\b/.test(step)), plan.join())
    }))

  it.effect("a message moves its conversation at most once a minute, and a file from before has its order", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const listed = Effect.gen(function*() {
        const store = yield* MessageStore
        const { items } = yield* store.recent({ user: alice, device: phone, limit: 3 })
        return items.map(({ last_at, last_message, peer }) => [
          peer as string,
          last_at,
          last_message?.kind === "text" ? last_message.text : undefined
        ])
      })
      yield* withStore(
        filename,
        Effect.gen(function*() {
          for (let i = 0; i < 20; i++) yield* commit(to(i, (i * 7 % 20 + 1) * hour))
          yield* commit(to(5, 30 * hour), to(6, 30 * hour + 1), to(5, 30 * hour + 2))
        })
      )
      const wanted = [["o5", 30 * hour + 2, "to 5"], ["o6", 30 * hour + 1, "to 6"], ["o17", 20 * hour, "to 17"]]
      assert.deepStrictEqual(yield* withStore(filename, listed), wanted)
      inDatabase(filename, (db) => {
        assert.deepStrictEqual(
          db.prepare("SELECT DISTINCT active_at AS at FROM members WHERE conversation = 'dm:alice:o5'").all()
            .map(({ at }) => at),
          [30 * hour]
        )
      })
      const older = yield* dataFile
      yield* olderFile(older, 6)
      inDatabase(older, (db) => {
        db.exec(`ATTACH '${filename}' AS newer`)
        for (const name of ["conversations", "members", "entries"]) {
          const columns = db.prepare(`SELECT name FROM pragma_table_info('${name}', 'main')`).all()
            .map(({ name }) => String(name)).join()
          db.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM newer.${name}`)
        }
      })
      assert.deepStrictEqual(yield* withStore(older, listed), wanted)
    }))
})
