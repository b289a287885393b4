/** Servers that share a Postgres and write at the same time: who waits for whom, and what neither overwrites. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { GroupId, UserId } from "../../../src/domain/Ids.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { change, commit, created, many, move, read, received, text } from "../../../src/testing/contract/commands.ts"
import { besidePostgres, whileAnother } from "../../support/besidePostgres.ts"

const aaron = UserId.make("aaron")
const alice = UserId.make("alice")
const bob = UserId.make("bob")
const conversation = Conversation.direct(alice, bob)
const group = GroupId.make("tea")
const tea = Conversation.group(group)

const beside = besidePostgres("locks")

describe("two servers that write at the same time", () => {
  beside("P2 a cursor moves while another server has the conversation to append to it", function*({ sql }) {
    yield* many(alice, conversation, 3)
    const moved = yield* sql.withTransaction(Effect.gen(function*() {
      yield* sql`SELECT 1 FROM conversations WHERE id = ${conversation} FOR NO KEY UPDATE`
      return yield* move(received(bob, conversation, 3), read(alice, conversation, 2))
    }))
    assert.deepStrictEqual<unknown>(moved, [
      { moved: true, delivered: 3, read: 0 },
      { moved: true, delivered: 2, read: 2 }
    ])
  })

  beside("P8 a cursor that moves brings nobody back who is removed at the same time", function*({ sql }) {
    yield* commit(created(group, alice, { [bob]: "member" }), text(alice, tea))
    yield* whileAnother(
      sql`UPDATE members SET left_seq = 3 WHERE conversation = ${tea} AND user_id = ${bob}`,
      move(received(bob, tea, 2))
    )
    const rows = yield* sql`SELECT left_seq, delivered_seq FROM members WHERE user_id = ${bob}`
    assert.deepStrictEqual<unknown>(rows, [{ left_seq: 3n, delivered_seq: 0n }])
  })

  beside("a cursor that moves while its user is erased leaves nothing of them", function*({ sql }) {
    yield* many(alice, conversation, 3)
    yield* whileAnother(
      sql`DELETE FROM members WHERE user_id = ${bob}`,
      move(received(bob, conversation, 3)),
      sql`DELETE FROM devices WHERE user_id = ${bob}`
    )
    const rows = yield* sql`SELECT user_id FROM members WHERE user_id = ${bob}
      UNION ALL SELECT user_id FROM devices WHERE user_id = ${bob}`
    assert.deepStrictEqual<unknown>(rows, [])
  })

  beside("P4 a change of a member sets back no cursor that moves at the same time", function*({ sql }) {
    yield* commit(created(group, alice, { [bob]: "member" }), text(alice, tea))
    yield* whileAnother(
      sql`UPDATE members SET read_seq = 2, delivered_seq = 2 WHERE conversation = ${tea} AND user_id = ${bob}`,
      commit(change(alice, group, { action: "role_set", user: bob, role: "admin" }))
    )
    const rows = yield* sql`SELECT role, read_seq, delivered_seq FROM members WHERE user_id = ${bob}`
    assert.deepStrictEqual<unknown>(rows, [{ role: "admin", read_seq: 2n, delivered_seq: 2n }])
  })

  beside("memberships are taken in the order of their key, so that two commits do not wait for each other", function*({
    sql
  }) {
    const other = Conversation.direct(aaron, UserId.make("zoe"))
    yield* commit(text(alice, conversation), text(aaron, other))
    const { commit: commitBoth } = yield* MessageStore
    yield* whileAnother(
      sql`SELECT 1 FROM members WHERE user_id = ${aaron} FOR NO KEY UPDATE`,
      // It moves Alice and Bob up in their lists.
      commitBoth([text(alice, conversation, "a minute later", { at: 70_000 })], [received(aaron, other, 1)]),
      Effect.map(
        sql`SELECT 1 FROM members WHERE conversation = ${conversation} FOR NO KEY UPDATE SKIP LOCKED`,
        (rows) => assert.strictEqual(rows.length, 2, "nothing is taken before what is waited for")
      )
    )
    const rows = yield* sql`SELECT user_id, active_at, delivered_seq FROM members WHERE user_id <> 'zoe' ORDER BY 1`
    assert.deepStrictEqual<unknown>(rows, [
      { user_id: "aaron", active_at: 0n, delivered_seq: 1n },
      { user_id: "alice", active_at: 60_000n, delivered_seq: 0n },
      { user_id: "bob", active_at: 60_000n, delivered_seq: 0n }
    ])
  })

  beside("P4 one batch appends to a conversation and moves in it", function*({ sql }) {
    yield* commit(created(group, alice, { [bob]: "member" }))
    const { commit: commitBoth } = yield* MessageStore
    const { moves } = yield* commitBoth(
      [
        text(alice, tea),
        change(alice, group, { action: "role_set", user: bob, role: "admin" }),
        text(alice, conversation)
      ],
      [received(bob, tea, 3), read(alice, tea, 2), received(bob, conversation, 1)]
    )
    assert.deepStrictEqual(moves.map(({ _tag }) => _tag), ["Moved", "Moved", "Moved"])
    const rows = yield* sql`SELECT conversation, user_id, role, delivered_seq, read_seq FROM members ORDER BY 1, 2`
    assert.deepStrictEqual<unknown>(rows, [
      { conversation, user_id: alice, role: "member", delivered_seq: 0n, read_seq: 0n },
      { conversation, user_id: bob, role: "member", delivered_seq: 1n, read_seq: 0n },
      { conversation: tea, user_id: alice, role: "owner", delivered_seq: 2n, read_seq: 2n },
      { conversation: tea, user_id: bob, role: "admin", delivered_seq: 3n, read_seq: 0n }
    ])
  })
})
