/** Groups: who is in them, and what they see. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { behind, change, commit, created, entries, listed, move, received, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const groupCases: ReadonlyArray<ContractCase> = [
  contractCase("groups: members, roles and name follow the log", function*({ alice, bob, carol, group, tea, store }) {
    yield* commit(created(group, alice, { [bob]: "member" }))
    assert.deepEqual(
      yield* commit(
        change(alice, group, { action: "members_added", members: [carol] }),
        change(alice, group, { action: "role_set", user: bob, role: "admin" }),
        change(bob, group, { action: "renamed", name: "coffee" })
      ),
      ["2", "3", "4"]
    )
    assert.deepEqual(yield* store.group(group), {
      group,
      conversation: tea,
      name: "coffee",
      members: [
        { user: alice, role: "owner", firstVisible: 1 },
        { user: bob, role: "admin", firstVisible: 1 },
        { user: carol, role: "member", firstVisible: 2 }
      ],
      headSeq: 4,
      version: 4,
      history: "joined"
    })
    assert.deepEqual(yield* store.membership(tea, carol), { role: "member", firstVisible: 2 })
    const [first] = yield* entries(tea)
    assert.equal(first?.kind === "group" && first.change.action, "created")
  }),

  contractCase(
    "groups: who was removed or left has no membership, no backlog and no place in the list",
    function*({ alice, bob, group, tea, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      yield* commit(change(alice, group, { action: "members_removed", members: [bob] }))
      assert.equal(yield* store.membership(tea, bob), undefined)
      assert.deepEqual(yield* behind(bob), [])
      assert.deepEqual(yield* listed(bob), [])
      assert.deepEqual(yield* move(received(bob, tea, 1)), ["not_found"])
      yield* commit(change(alice, group, { action: "left" }))
      assert.deepEqual((yield* store.group(group))?.members, [])
    }
  ),

  contractCase("groups: a new member sees from where they joined", function*({ alice, bob, carol, group, tea, store }) {
    yield* commit(created(group, alice, { [bob]: "member" }))
    yield* commit(text(alice, tea, "before"))
    yield* commit(change(alice, group, { action: "members_added", members: [carol] }))
    yield* commit(text(alice, tea, "after"))
    const { firstVisible } = (yield* store.membership(tea, carol))!
    assert.deepEqual((yield* entries(tea, firstVisible)).map((e) => e.seq), [3, 4])
    assert.deepEqual(yield* behind(carol), [{ conversation: tea, received: 2, head: 4 }])
    const [item] = yield* listed(carol)
    assert.deepEqual([item?.unread, item?.received, item?.group], [1, 2, group])
  }),

  contractCase(
    "groups: who is in is not added again; who returns begins anew",
    function*({ alice, bob, group, tea, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      assert.deepEqual(
        yield* commit(
          change(alice, group, { action: "role_set", user: bob, role: "admin" }),
          change(alice, group, { action: "members_added", members: [bob] })
        ),
        ["2", "invalid_target"]
      )
      assert.deepEqual(yield* store.membership(tea, bob), { role: "admin", firstVisible: 1 })
      assert.deepEqual(
        yield* commit(
          change(alice, group, { action: "members_removed", members: [bob] }),
          change(alice, group, { action: "role_set", user: bob, role: "owner" }),
          change(alice, group, { action: "members_added", members: [bob] })
        ),
        ["3", "not_found", "4"]
      )
      assert.deepEqual(yield* store.membership(tea, bob), { role: "member", firstVisible: 4 })
    }
  ),

  contractCase(
    "P8 a group is created once, and changes only its own conversation",
    function*({ alice, bob, carol, conversation, group, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      yield* commit(text(alice, conversation))
      const members = [{ user: carol, role: "owner" as const }]
      assert.deepEqual(
        yield* commit(
          change(carol, group, { action: "created", name: "mine", members }),
          { ...change(alice, group, { action: "renamed", name: "x" }), conversation }
        ),
        ["id_conflict", "not_found"]
      )
      assert.deepEqual((yield* store.group(group))?.members.map((m) => m.user), [alice, bob])
    }
  ),

  contractCase("groups: what was never created is not there", function*({ alice, group, store, tea }) {
    assert.deepEqual(
      yield* commit(text(alice, tea, "x"), change(alice, group, { action: "left" })),
      ["not_found", "not_found"]
    )
    assert.equal(yield* store.group(group), undefined)
  }),

  contractCase("P8 only present members append to a group", function*({ alice, bob, carol, group, tea, store }) {
    yield* commit(created(group, alice, { [bob]: "member" }))
    const results = yield* commit(
      text(carol, tea, "let me in"),
      change(carol, group, { action: "members_added", members: [carol] }),
      change(alice, group, { action: "members_removed", members: [bob] }),
      text(bob, tea, "too late"),
      text(alice, tea)
    )
    assert.deepEqual(results, ["not_found", "not_found", "2", "not_a_member", "3"])
    assert.deepEqual(yield* Effect.forEach([alice, bob, carol], (user) => store.wasMember(tea, user)), [
      false,
      true,
      false
    ])
  }),

  contractCase(
    "groups: with history for all, a new member sees the log from its beginning",
    function*({ alice, bob, group, store, tea }) {
      yield* commit(created(group, alice, {}, "all"))
      yield* commit(text(alice, tea, "before"))
      yield* commit(change(alice, group, { action: "members_added", members: [bob] }))
      assert.equal((yield* store.group(group))?.history, "all")
      assert.deepEqual(yield* store.membership(tea, bob), { role: "member", firstVisible: 1 })
      const [item] = yield* listed(bob)
      assert.deepEqual([item?.unread, item?.read], [0, 2])
    }
  )
]
