/** What is stored about somebody. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { change, commit, created, edit, entries, move, phone, received, remove, shown, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const exportCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "export tells what is stored, erase removes it and leaves no gap",
    function*({ alice, bob, carol, conversation, store }) {
      yield* commit(
        text(alice, conversation, "mine", { id: "1" }),
        text(bob, conversation, "yours"),
        edit(alice, conversation, 1, "mine!")
      )
      yield* move(received(alice, conversation, 3))
      yield* store.setBlock(alice, carol, true, 1)
      const before = yield* store.exportUser(alice)
      assert.deepEqual(before.memberships.map((each) => each.conversation), [conversation])
      assert.deepEqual(before.devices, [{ device: phone, conversation, received: 3 }])
      assert.deepEqual(before.blocks, [{ blocked: carol, since: 1 }])
      assert.equal(yield* store.eraseUser(alice), 2)
      const after = yield* store.exportUser(alice)
      assert.deepEqual(after, { user: alice, bans: [], blocks: [], devices: [], memberships: [] })
      const all = yield* entries(conversation)
      assert.deepEqual(all.map((e) => e.seq), [1, 2, 3])
      assert.ok(!JSON.stringify(all).includes("mine"))
      assert.ok(JSON.stringify(all).includes("yours"))
    }
  ),

  contractCase(
    "export: all that is stored, also of groups that somebody left and of the time before they came again",
    function*({ alice, bob, carol, conversation, group, tea, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      yield* commit(
        text(bob, tea, "first"),
        change(alice, group, { action: "members_removed", members: [bob] }),
        text(alice, tea, "without bob"),
        text(bob, conversation, "direct")
      )
      yield* store.putLastSeen([{ user: bob, at: 77 }])
      yield* store.putBan({ kind: "user", id: bob, at: 5, reason: "rude" })
      yield* store.setBlock(bob, carol, true, 10)
      yield* store.setBlock(bob, carol, false, 20)
      assert.deepEqual(yield* store.exportUser(bob), {
        user: bob,
        lastSeen: 77,
        bans: [{ kind: "user", id: bob, at: 5, reason: "rude" }],
        blocks: [{ blocked: carol, since: 10, until: 20 }],
        devices: [],
        memberships: [
          { conversation, kind: "direct", role: "member", firstVisible: 1, delivered: 0, read: 0 },
          { conversation: tea, kind: "group", role: "member", firstVisible: 1, left: 3, delivered: 0, read: 0 }
        ]
      })
      const own = (limit = 10, after = 0) =>
        Effect.map(
          store.ownEntries({ user: bob, conversation: tea, after, limit }),
          (entries) => entries.map((entry) => [entry.seq, shown(entry)])
        )
      assert.deepEqual(yield* own(), [[2, "first"]])
      yield* commit(change(alice, group, { action: "members_added", members: [bob] }), text(bob, tea, "second"))
      assert.deepEqual(yield* own(), [[2, "first"], [6, "second"]])
      assert.deepEqual([yield* own(1), yield* own(1, 2), yield* own(1, 6)], [[[2, "first"]], [[6, "second"]], []])
      const again = (yield* store.exportUser(bob)).memberships.find((each) => each.conversation === tea)
      assert.deepEqual([again?.name, again?.left, again?.firstVisible], ["tea", undefined, 5])
    }
  ),

  contractCase(
    "P8 export: nothing of an erased user who had the name before",
    function*({ alice, bob, conversation, group, store, tea }) {
      yield* commit(created(group, alice, { [bob]: "admin" }))
      yield* commit(
        text(bob, tea, "old"),
        change(bob, group, { action: "renamed", name: "bob's" }),
        text(bob, conversation, "old"),
        remove(bob, conversation, 1)
      )
      yield* store.eraseUser(bob)
      yield* commit(
        change(alice, group, { action: "members_added", members: [bob] }),
        text(bob, tea, "new"),
        text(bob, conversation, "new")
      )
      for (const where of [tea, conversation]) {
        const own = yield* store.ownEntries({ user: bob, conversation: where, after: 0, limit: 10 })
        assert.deepEqual(own.map(shown), ["new"])
      }
    }
  )
]
