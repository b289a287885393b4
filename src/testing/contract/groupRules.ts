/** What a store has to judge about groups and about what somebody may see: at the place in the log that counts. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, UserId } from "../../domain/Ids.ts"
import type { Append } from "../../services/storage/MessageStore.ts"
import { behind, change, commit, created, edit, move, react, read, received, remove, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

const about = (sender: UserId, conversation: ConversationId, target: number): ReadonlyArray<Append> => [
  react(sender, conversation, target, "👍", false, { at: 9_000 }),
  edit(sender, conversation, target, "other", { at: 9_000 }),
  remove(sender, conversation, target, { at: 9_000 }),
  text(sender, conversation, "about that", { at: 9_000, replyTo: target })
]

const none = ["not_found", "not_found", "not_found", "not_found"]

export const groupRuleCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P8 groups: a change is judged by the roles at its place in the log, also within one batch",
    function*({ alice, bob, carol, dave, group, store }) {
      yield* commit(created(group, alice, { [bob]: "member", [carol]: "admin", [dave]: "admin" }))
      assert.deepEqual(
        yield* commit(
          change(alice, group, { action: "role_set", user: dave, role: "member" }),
          change(dave, group, { action: "members_removed", members: [bob] }),
          change(dave, group, { action: "renamed", name: "mine" }),
          change(dave, group, { action: "role_set", user: dave, role: "owner" }),
          change(bob, group, { action: "members_added", members: [UserId.make("somebody")] }),
          change(carol, group, { action: "members_removed", members: [alice] }),
          change(carol, group, { action: "members_added", members: [bob] }),
          change(carol, group, { action: "members_removed", members: [bob] }),
          change(carol, group, { action: "members_removed", members: [bob] })
        ),
        ["2", "forbidden", "forbidden", "forbidden", "forbidden", "forbidden", "invalid_target", "3", "not_found"]
      )
      const state = yield* store.group(group)
      assert.deepEqual(state?.members.map(({ role, user }) => [user, role]), [
        [alice, "owner"],
        [carol, "admin"],
        [dave, "member"]
      ])
      assert.equal(state?.name, "tea")
    }
  ),

  contractCase(
    "groups: an owner stays and the bound on members holds, whoever changed the group before",
    function*({ alice, bob, carol, group }) {
      yield* commit(created(group, alice, { [bob]: "owner" }))
      assert.deepEqual(
        yield* commit(
          change(bob, group, { action: "role_set", user: alice, role: "member" }),
          change(bob, group, { action: "role_set", user: bob, role: "admin" }),
          change(bob, group, { action: "left" }),
          change(bob, group, { action: "members_added", members: [carol] }, { maxMembers: 2 }),
          change(bob, group, { action: "members_added", members: [carol] }, { maxMembers: 3 }),
          change(bob, group, { action: "members_removed", members: [alice, carol] }),
          change(bob, group, { action: "left" })
        ),
        ["2", "forbidden", "forbidden", "forbidden", "3", "4", "5"]
      )
    }
  ),

  contractCase(
    "P8 groups: the version grows with every change, and comes with every entry",
    function*({ alice, bob, carol, group, tea, store }) {
      const versions = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
        return (yield* store.commit(appends, [])).appends.map((result) =>
          result._tag === "Accepted" ? result.version : result.error.code
        )
      })
      assert.equal(yield* store.groupHead(group), undefined)
      yield* commit(created(group, alice, { [bob]: "member" }))
      const first = (yield* store.groupHead(group))!
      assert.equal(first.headSeq, 1)
      const [said, added, saidThen] = yield* versions(
        text(alice, tea),
        change(alice, group, { action: "members_added", members: [carol] }),
        text(bob, tea)
      )
      assert.equal(said, first.version)
      assert.ok(Number(added) > first.version)
      assert.equal(saidThen, added)
      assert.deepEqual(yield* store.groupHead(group), { headSeq: 4, version: added })
      assert.equal((yield* store.group(group))?.version, added)
      // An erasure is no entry, and changes the members all the same.
      yield* store.eraseUser(carol)
      const erased = (yield* store.groupHead(group))!.version
      assert.ok(erased > Number(added))
      assert.deepEqual(yield* versions(text(alice, tea)), [erased])
      const direct = yield* store.commit([text(alice, Conversation.direct(alice, bob))], [])
      assert.ok(direct.appends.every((result) => result._tag === "Accepted" && !("version" in result)))
    }
  ),

  contractCase(
    "P8 groups: what was said before somebody came is not there for them, whatever they do with it",
    function*({ alice, bob, carol, group, tea }) {
      yield* commit(created(group, alice, { [bob]: "member" }))
      yield* commit(text(alice, tea), text(bob, tea))
      yield* commit(change(alice, group, { action: "members_added", members: [carol] }))
      assert.deepEqual(yield* commit(...about(carol, tea, 2)), none)
      assert.deepEqual(
        yield* commit(text(alice, tea), ...about(carol, tea, 5)),
        ["5", "6", "forbidden", "forbidden", "7"]
      )
      // Who comes back begins anew, also with their own words.
      yield* commit(change(alice, group, { action: "members_removed", members: [bob] }))
      yield* commit(change(alice, group, { action: "members_added", members: [bob] }))
      assert.deepEqual(yield* commit(...about(bob, tea, 3)), none)
      const moves = yield* move(received(bob, tea, 3), read(bob, tea, 3))
      assert.deepEqual(moves.map((each) => typeof each === "object" && each.moved), [false, false])
      assert.deepEqual(yield* behind(bob), [{ conversation: tea, received: 8, head: 9 }])
    }
  ),

  contractCase(
    "groups: with history for all, what was said before is there for who comes",
    function*({ alice, bob, group, tea }) {
      yield* commit(created(group, alice, {}, "all"))
      yield* commit(text(alice, tea), change(alice, group, { action: "members_added", members: [bob] }))
      assert.deepEqual(yield* commit(...about(bob, tea, 2)), ["4", "forbidden", "forbidden", "5"])
    }
  ),

  contractCase(
    "P8 what a block keeps from somebody is not there for them, also when it is over",
    function*({ alice, bob, carol, conversation, group, tea, store }) {
      yield* commit(text(bob, conversation, "hi", { at: 10 }), text(bob, conversation, "hi", { at: 11 }))
      yield* store.setBlock(alice, bob, true, 20)
      yield* commit(
        text(bob, conversation, "hi", { at: 25 }),
        edit(bob, conversation, 2, "other", { at: 30 })
      )
      const tried = Effect.forEach([1, 2, 3], (target) => commit(react(alice, conversation, target, "🎉")))
      assert.deepEqual(yield* tried, [["5"], ["not_found"], ["not_found"]])
      yield* store.setBlock(alice, bob, false, 40)
      yield* commit(text(bob, conversation, "hi", { at: 50 }))
      assert.deepEqual(
        yield* commit(...[2, 3, 6].map((target) => text(alice, conversation, "hi", { at: 60, replyTo: target }))),
        ["not_found", "not_found", "7"]
      )
      // Whoever is blocked sees everything, and so does everybody else.
      assert.deepEqual(yield* commit(react(bob, conversation, 3, "🎉")), ["8"])
      yield* commit(created(group, alice, { [bob]: "member", [carol]: "member" }))
      yield* store.setBlock(alice, bob, true, 70)
      yield* commit(text(bob, tea, "hi", { at: 80 }))
      assert.deepEqual(
        yield* commit(react(alice, tea, 2, "🎉"), react(carol, tea, 2, "🎉")),
        ["not_found", "3"]
      )
    }
  )
]
