/** What older versions left in a store is put right when this one opens it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { Role } from "../../../src/domain/Entry.ts"
import { GroupId, type MessageId, UserId } from "../../../src/domain/Ids.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const alice = UserId.make("alice")

const create = (group: GroupId, others: ReadonlyArray<readonly [string, Role]>) =>
  Effect.gen(function*() {
    const store = yield* MessageStore
    yield* store.commit([{
      kind: "group",
      conversation: Conversation.group(group),
      group,
      sender: alice,
      clientId: undefined,
      messageId: `${group}` as MessageId,
      at: 1,
      change: {
        action: "created",
        name: "tea",
        members: [
          { user: alice, role: "owner" },
          ...others.map(([user, role]) => ({ user: UserId.make(user), role }))
        ]
      }
    }], [])
  })

const owners = Effect.fnUntraced(function*(group: GroupId) {
  const store = yield* MessageStore
  return (yield* store.group(group))?.members.filter(({ role }) => role === "owner").map(({ user }) => user)
})

describe("migrations", () => {
  it.effect("a group that lost its only owner is given one: an admin, or else a member; others stay as they are", () =>
    Effect.gen(function*() {
      const filename = join(yield* temporaryDirectory, "chat.db")
      const groups = ["admins", "members", "owned", "empty"].map((name) => GroupId.make(name))
      const [admins, members, owned, empty] = groups as [GroupId, GroupId, GroupId, GroupId]
      yield* Effect.gen(function*() {
        yield* create(admins, [["bob", "member"], ["carol", "admin"], ["dave", "admin"]])
        yield* create(members, [["carol", "member"], ["bob", "member"]])
        yield* create(owned, [["carol", "owner"], ["bob", "admin"]])
        yield* create(empty, [])
      }).pipe(Effect.provide(SqliteMessageStore.layer({ filename })))
      // As a file of an older version was, after its alice had been erased.
      const db = new DatabaseSync(filename)
      db.exec(`DELETE FROM members WHERE user_id = 'alice';
        DELETE FROM switchboard_migrations WHERE migration_id >= 6;
        DROP INDEX reactions_by_target;
        ALTER TABLE conversations DROP COLUMN version`)
      db.close()
      const found = yield* Effect.forEach(groups, owners).pipe(Effect.provide(SqliteMessageStore.layer({ filename })))
      assert.deepStrictEqual(found, [["carol"], ["bob"], ["carol"], []] as never)
    }).pipe(Effect.scoped))
})
