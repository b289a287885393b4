/** What older versions left in a store is put right when this one opens it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Migrator, SqlClient } from "effect/sql"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { Role } from "../../../src/domain/Entry.ts"
import { GroupId, UserId } from "../../../src/domain/Ids.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { migrationsUpTo, table } from "../../../src/services/storage/migrations.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { text } from "../../../src/testing/contract/commands.ts"
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
