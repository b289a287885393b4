/** What a store does for the operator, who is `@system`, is in no conversation and sees all of them. */
import assert from "node:assert/strict"
import type { GroupChange } from "../../domain/Entry.ts"
import { system } from "../../domain/Ids.ts"
import type { Append } from "../../services/storage/MessageStore.ts"
import { change, commit, created, edit, entries, listed, react, remove, text, texts } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const operatorCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P8 the operator deletes anybody's text, and nothing else",
    function*({ alice, bob, conversation, group, store, tea, user }) {
      yield* store.setBlock(bob, alice, true, 500)
      yield* commit(
        text(alice, conversation, "spam", { id: "1" }),
        edit(alice, conversation, 1, "more spam"),
        text(bob, conversation, "good"),
        created(group, alice),
        text(alice, tea, "spam")
      )
      assert.deepEqual(
        yield* commit(
          remove(system, conversation, 1, { at: 9_000 }),
          remove(system, conversation, 1, { at: 9_000 }),
          remove(alice, conversation, 1, { at: 9_000 }),
          remove(system, conversation, 2, { at: 9_000 }),
          remove(system, conversation, 99, { at: 9_000 }),
          remove(system, tea, 2, { at: 9_000 }),
          remove(system, tea, 1, { at: 9_000 }),
          remove(system, `dm:${user("x")}:${user("y")}` as typeof conversation, 1, { at: 9_000 })
        ),
        ["4", "not_found", "not_found", "not_found", "not_found", "3", "not_found", "not_found"]
      )
      assert.deepEqual(yield* texts(conversation), ["deleted", "edit gone", "good", "delete"])
      assert.deepEqual(yield* texts(tea), ["created", "deleted", "delete"])
      const last = (yield* entries(conversation)).at(-1)
      assert.deepEqual([last?.sender, last?.kind === "delete" ? last.target : 0], ["@system", 1])
      // It was said once, and stays so.
      assert.deepEqual(yield* commit(text(alice, conversation, "spam", { id: "1" })), ["1 again"])
      // Nobody else is in it for that.
      assert.deepEqual((yield* listed(bob)).map(({ head_seq, unread }) => [head_seq, unread]), [[4, 0]])
      assert.equal(yield* store.membership(conversation, system), undefined)
      assert.deepEqual(yield* listed(system), [])
    }
  ),

  contractCase(
    "P8 the operator says nothing of their own",
    function*({ alice, bob, conversation, group, tea }) {
      yield* commit(text(alice, conversation), text(bob, conversation), created(group, alice), text(alice, tea))
      const said = (to: typeof tea, target: number): ReadonlyArray<Append> => [
        text(system, to, "hear, hear"),
        edit(system, to, target, "other"),
        react(system, to, target, "👍")
      ]
      assert.deepEqual(
        yield* commit(...said(conversation, 1), ...said(tea, 2)),
        Array.from({ length: 6 }, () => "not_found")
      )
      assert.equal((yield* texts(conversation)).length + (yield* texts(tea)).length, 4)
    }
  ),

  contractCase(
    "groups: the operator changes them as an owner would, also within one batch, and an owner stays",
    function*({ alice, bob, carol, dave, group, store, tea }) {
      const by = (what: GroupChange, maxMembers?: number) =>
        change(system, group, what, maxMembers === undefined ? {} : { maxMembers })
      const members = [{ user: alice, role: "owner" }, { user: bob, role: "member" }] as const
      assert.deepEqual(
        yield* commit(
          by({ action: "renamed", name: "not there yet" }),
          by({ action: "created", name: "tea", members }),
          by({ action: "members_added", members: [carol] }, 2),
          by({ action: "members_added", members: [carol] }, 3),
          by({ action: "members_added", members: [carol] }, 9),
          by({ action: "renamed", name: "Tee" }),
          by({ action: "role_set", user: carol, role: "admin" }),
          by({ action: "role_set", user: alice, role: "member" }),
          by({ action: "role_set", user: dave, role: "admin" }),
          by({ action: "members_removed", members: [alice, bob] }),
          by({ action: "members_removed", members: [dave] }),
          by({ action: "members_removed", members: [bob] })
        ),
        [
          "not_found",
          "1",
          "forbidden",
          "2",
          "invalid_target",
          "3",
          "4",
          "forbidden",
          "not_found",
          "forbidden",
          "not_found",
          "5"
        ]
      )
      const state = yield* store.group(group)
      assert.deepEqual([state?.name, state?.members.map(({ role, user }) => [user, role])], [
        "Tee",
        [[alice, "owner"], [carol, "admin"]]
      ])
      assert.ok((yield* entries(tea)).every(({ sender }) => sender === "@system"))
      // In a batch of its own, where what was before is in the store.
      assert.deepEqual(
        [
          ...yield* commit(by({ action: "members_removed", members: [alice] })),
          ...yield* commit(by({ action: "members_removed", members: [alice, carol] })),
          ...yield* commit(by({ action: "renamed", name: "nobody's" })),
          ...yield* commit(by({ action: "members_added", members: [alice] })),
          ...yield* commit(by({ action: "members_removed", members: [] }))
        ],
        ["forbidden", "6", "not_found", "not_found", "not_found"]
      )
      assert.deepEqual((yield* store.group(group))?.members, [])
      assert.equal((yield* texts(tea)).length, 6)
    }
  ),

  contractCase(
    "P3 a group that the operator begins is begun once",
    function*({ alice, bob, group, groupCalled }) {
      const begin = (name: string, id: string, where = group) =>
        change(system, where, { action: "created", name, members: [{ user: alice, role: "owner" }] }, { id })
      assert.deepEqual(
        yield* commit(begin("tea", group), begin("tea", group), begin("tee", group), begin("tea", "other")),
        ["1", "1 again", "id_conflict", "id_conflict"]
      )
      const theirs = groupCalled("theirs")
      yield* commit(created(theirs, bob))
      assert.deepEqual(yield* commit(begin("tea", theirs, theirs)), ["id_conflict"])
    }
  ),

  contractCase(
    "an erasure of whoever said it, before or after, leaves what the operator did",
    function*({ alice, bob, conversation, store }) {
      yield* commit(text(alice, conversation, "spam"), text(bob, conversation, "worse"))
      yield* commit(remove(system, conversation, 1, { at: 9_000 }))
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* texts(conversation), ["deleted", "worse", "delete"])
      assert.deepEqual(yield* commit(remove(system, conversation, 1), remove(system, conversation, 2)), [
        "not_found",
        "4"
      ])
      assert.deepEqual((yield* entries(conversation)).map(({ sender }) => sender), [alice, bob, "@system", "@system"])
    }
  )
]
