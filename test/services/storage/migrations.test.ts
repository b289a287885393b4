/** What older versions left in a store is put right when this one opens it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Role } from "../../../src/domain/Entry.ts"
import { GroupId } from "../../../src/domain/Ids.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { dataFile, inDatabase, withStore } from "../../support/dataFiles.ts"
import { olderFile } from "../../support/olderFile.ts"

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
})
