/** What older versions left in a store is put right when this one opens it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { Role } from "../../../src/domain/Entry.ts"
import { DeviceId, FileId, GroupId, UserId } from "../../../src/domain/Ids.ts"
import { FileRecords } from "../../../src/services/storage/FileRecords.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { migrationsUpTo, table } from "../../../src/services/storage/migrations.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { commit, edit, text } from "../../../src/testing/contract/commands.ts"
import { shownFiles, withFiles } from "../../../src/testing/files/messages.ts"
import { afters, writer } from "../../../src/testing/journal/JournalCase.ts"
import { dataFile, inDatabase, withStore } from "../../support/dataFiles.ts"
import { olderFile } from "../../support/olderFile.ts"
import { freshSchema, hasPostgres, inSchema, postgresUrl } from "../../support/postgres.ts"

const owners = Effect.fnUntraced(function*(group: GroupId) {
  const store = yield* MessageStore
  return (yield* store.group(group))?.members.filter(({ role }) => role === "owner").map(({ user }) => user)
})

/** As an older version left it, after the only owner had been erased. */
const groupsOf = (filename: string, members: Readonly<Record<string, ReadonlyArray<readonly [string, Role]>>>) => {
  inDatabase(filename, (db) => {
    for (const [group, users] of Object.entries(members)) {
      db.prepare("INSERT INTO conversations (id, kind, name, head_seq, first_seq) VALUES (?, 'group', 'tea', 1, 1)")
        .run(`group:${group}`)
      const join = db.prepare(`INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq)
      VALUES (?, ?, ?, 1, 0, 0)`)
      for (const [user, role] of users) join.run(user, `group:${group}`, role)
    }
  })
}

describe("migrations", () => {
  it.effect("a group that lost its only owner is given one: an admin, or else a member; others stay as they are", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* olderFile(filename, 5)
      groupsOf(filename, {
        admins: [["bob", "member"], ["carol", "admin"], ["dave", "admin"]],
        members: [["carol", "member"], ["bob", "member"]],
        owned: [["carol", "owner"], ["bob", "admin"]],
        empty: []
      })
      const groups = ["admins", "members", "owned", "empty"].map((name) => GroupId.make(name))
      const found = yield* withStore(filename, Effect.forEach(groups, owners))
      assert.deepStrictEqual<unknown>(found, [["carol"], ["bob"], ["carol"], []])
    }))

  it.effect("P3 what was said before there were mentions and data is as it was, also beside a server that knows nothing of them", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* olderFile(filename, 12)
      const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
      const conversation = Conversation.direct(alice, bob)
      const attachments = JSON.stringify([{ file: "f", name: "x", type: "y", size: 1 }])
      inDatabase(filename, (db) => {
        db.prepare("INSERT INTO conversations (id, kind, head_seq, first_seq) VALUES (?, 'direct', 3, 1)")
          .run(conversation)
        const join = db.prepare(`INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq)
          VALUES (?, ?, 'member', 1, 0, 0)`)
        for (const user of [alice, bob]) join.run(user, conversation)
        const say = db.prepare(`INSERT INTO entries
          (conversation, seq, message_id, sender, client_id, kind, target, body, flag, original, at, attachments)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 1, ?)`)
        const hash = (words: string) => createHash("sha256").update(words).digest("base64")
        say.run(conversation, 1, "m1", alice, "1", "text", null, "hello!", hash("m1\0hello"), null)
        say.run(conversation, 2, "m2", alice, "2", "edit", 1, "hello!", hash("m2\0hello!"), null)
        say.run(conversation, 3, "m3", alice, "3", "text", null, "file", null, attachments)
      })
      const wordsOf = Effect.map(
        Effect.flatMap(MessageStore, (store) => store.history({ conversation, after: 0, limit: 10 })),
        ({ entries }) => entries.flatMap((entry) => ["data" in entry || "mentions" in entry])
      )
      yield* withStore(
        filename,
        Effect.gen(function*() {
          const data = "{\"a\":1}"
          assert.deepStrictEqual(
            yield* commit(
              text(alice, conversation, "hello", { id: "1" }),
              text(alice, conversation, "hello", { id: "1", data }),
              edit(alice, conversation, 1, "hello!", { id: "2" }),
              edit(alice, conversation, 1, "hello!", { id: "2", data }),
              withFiles(alice, conversation, [FileId.make("f")], { id: "3", body: "file" }),
              text(alice, conversation, "four", { data, mentions: [bob] }),
              edit(alice, conversation, 4, "five", { data })
            ),
            ["1 again", "id_conflict", "2 again", "id_conflict", "3 again", "4", "5"]
          )
          assert.deepStrictEqual(yield* wordsOf, [false, false, false, true, true])
        })
      )
      // A server of that version, which was not updated yet, deletes it: it knows nothing of what is beside the words.
      inDatabase(filename, (db) =>
        db.exec(`UPDATE entries SET body = NULL, flag = 1, attachments = NULL WHERE seq = 4;
          UPDATE entries SET body = NULL WHERE seq = 5`))
      yield* withStore(
        filename,
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* wordsOf, [false, false, false, false, false])
          const store = yield* MessageStore
          const { items } = yield* store.conversations({ user: bob, device: DeviceId.make("d"), limit: 10 })
          assert.notProperty(items[0]!, "mentions")
        })
      )
    }))

  it.effect("P3 what was said before there were files is as it was, and known when it is said again", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* olderFile(filename, 10)
      const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
      const conversation = Conversation.direct(alice, bob)
      inDatabase(filename, (db) => {
        db.prepare("INSERT INTO conversations (id, kind, head_seq, first_seq) VALUES (?, 'direct', 2, 1)")
          .run(conversation)
        const join = db.prepare(`INSERT INTO members (user_id, conversation, role, joined_seq, read_seq, delivered_seq)
          VALUES (?, ?, 'member', 1, 0, 0)`)
        for (const user of [alice, bob]) join.run(user, conversation)
        const say = db.prepare(`INSERT INTO entries
          (conversation, seq, message_id, sender, client_id, kind, body, flag, original, at)
          VALUES (?, ?, ?, ?, ?, 'text', ?, 0, ?, 1)`)
        say.run(conversation, 1, "m1", alice, "1", "hello", null)
        // Edited since: what is known of it is what that version made of it.
        const original = createHash("sha256").update("m2\0first").digest("base64")
        say.run(conversation, 2, "m2", alice, "2", "second", original)
      })
      yield* withStore(
        filename,
        Effect.gen(function*() {
          const files = yield* Effect.map(Effect.serviceOption(FileRecords), Option.getOrThrow)
          const file = FileId.make("f")
          yield* files.begin({ file, owner: alice, name: "x", type: "y", size: 1, at: 1 }, 0)
          yield* files.finish(file, { size: 1, sha256: "00", state: "ready" })
          assert.deepStrictEqual(yield* shownFiles(conversation), [undefined, undefined])
          assert.deepStrictEqual(
            yield* commit(
              text(alice, conversation, "hello", { id: "1" }),
              text(alice, conversation, "first", { id: "2" }),
              withFiles(alice, conversation, [file], { id: "1", body: "hello" }),
              withFiles(alice, conversation, [file], { id: "2", body: "first" }),
              withFiles(alice, conversation, [file], { id: "3" })
            ),
            ["1 again", "2 again", "id_conflict", "id_conflict", "3"]
          )
        })
      )
      // A server of that version, which was not updated yet, deletes it: it knows nothing of files.
      inDatabase(filename, (db) => db.exec("UPDATE entries SET body = NULL, flag = 1 WHERE seq = 3"))
      yield* withStore(
        filename,
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* shownFiles(conversation), [undefined, undefined, undefined])
          yield* (yield* MessageStore).eraseUser(alice)
        })
      )
      const left = inDatabase(
        filename,
        (db) => db.prepare("SELECT seq FROM entries WHERE attachments IS NOT NULL").all()
      )
      assert.deepStrictEqual(left, [])
    }))

  it.live.skipIf(!hasPostgres)(
    "a Postgres of the version before has a journal, and its old entries have no place in it",
    () =>
      Effect.gen(function*() {
        const schema = yield* freshSchema("older")
        yield* Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          yield* sql`CREATE SCHEMA ${sql(schema)}`
          yield* Migrator.make({})({ loader: migrationsUpTo(7), table })
          yield* sql`INSERT INTO conversations (id, kind, head_seq, first_seq) VALUES ('dm:alice:bob', 'direct', 1, 2)`
        }).pipe(Effect.provide(inSchema(schema)))
        yield* Effect.gen(function*() {
          const a = yield* writer("a")
          const conversation = Conversation.direct(UserId.make("alice"), UserId.make("bob"))
          const say = a.say(text(UserId.make("alice"), conversation))
          assert.deepStrictEqual(afters([...yield* say, ...yield* say]), [undefined, a.at(1)])
        }).pipe(Effect.provide(PostgresMessageStore.layer({ url: postgresUrl, schema })))
      }).pipe(Effect.scoped)
  )
})
