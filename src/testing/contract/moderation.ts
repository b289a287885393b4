/** What owners and admins of a group may do to what others say and to who may be in it, at the place in the log that counts. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import { system, UserId } from "../../domain/Ids.ts"
import { change, commit, created, edit, entries, remove, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const moderationCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P8 moderation: owners and admins delete others' texts and change none; members delete their own",
    function*({ alice, bob, carol, dave, group, store, tea }) {
      yield* commit(created(group, alice, { [bob]: "admin", [carol]: "member" }))
      yield* commit(text(carol, tea, "2"), text(alice, tea, "3"), text(carol, tea, "4"), text(bob, tea, "5"))
      assert.deepEqual(
        yield* commit(
          remove(carol, tea, 5),
          remove(dave, tea, 2),
          edit(alice, tea, 2, "other"),
          edit(bob, tea, 2, "other"),
          remove(bob, tea, 2, { id: "gone" }),
          remove(bob, tea, 2, { id: "gone" }),
          remove(alice, tea, 2),
          remove(bob, tea, 3),
          remove(alice, tea, 5)
        ),
        ["forbidden", "not_found", "forbidden", "forbidden", "6", "6 again", "not_found", "7", "8"]
      )
      // At its place in the log: who is an admin no more does not.
      assert.deepEqual(
        yield* commit(change(alice, group, { action: "role_set", user: bob, role: "member" }), remove(bob, tea, 4)),
        ["9", "forbidden"]
      )
      const [, first, second] = yield* entries(tea)
      assert.ok(first?.kind === "text" && first.deleted === true && second?.kind === "text" && second.deleted === true)
      assert.deepEqual((yield* entries(tea)).filter(({ kind }) => kind === "delete").map(({ sender }) => sender), [
        bob,
        bob,
        alice
      ])
      assert.equal((yield* store.group(group))?.headSeq, 9)
    }
  ),

  contractCase(
    "P8 moderation: what an admin does not see is not there for them to delete",
    function*({ alice, bob, carol, group, store, tea }) {
      yield* commit(created(group, alice, { [bob]: "member" }), text(bob, tea, "2"))
      yield* commit(change(alice, group, { action: "members_added", members: [carol] }))
      yield* commit(change(alice, group, { action: "role_set", user: carol, role: "admin" }))
      yield* store.setBlock(carol, bob, true, 2_000)
      yield* commit(text(bob, tea, "5", { at: 2_001 }))
      assert.deepEqual(yield* commit(remove(carol, tea, 2), remove(carol, tea, 5)), ["not_found", "not_found"])
    }
  ),

  contractCase(
    "P8 moderation: a direct conversation has nobody who looks after it",
    function*({ alice, bob, conversation }) {
      yield* commit(text(alice, conversation))
      assert.deepEqual(yield* commit(remove(bob, conversation, 1)), ["forbidden"])
    }
  ),

  contractCase(
    "P8 moderation: who is banned is out and stays out, whoever tries, until they are let in again",
    function*({ alice, bob, carol, dave, group, store, tea, user }) {
      const eve = user("eve")
      yield* commit(created(group, alice, { [bob]: "admin", [carol]: "member", [eve]: "admin" }))
      const ban = (by: UserId, members: ReadonlyArray<UserId>, reason?: string) =>
        change(by, group, { action: "members_banned", members, ...(reason === undefined ? undefined : { reason }) })
      const lift = (by: UserId, ...members: ReadonlyArray<UserId>) =>
        change(by, group, { action: "members_unbanned", members })
      const add = (by: UserId, ...members: ReadonlyArray<UserId>) =>
        change(by, group, { action: "members_added", members })
      assert.deepEqual(
        yield* commit(
          ban(carol, [dave]),
          ban(bob, [eve]),
          ban(bob, [alice]),
          ban(bob, [bob]),
          // Who is in, and who is not.
          ban(bob, [carol, dave], "noise"),
          text(carol, tea),
          add(bob, carol),
          add(alice, dave),
          add(system, dave),
          lift(carol, carol),
          lift(bob, dave, user("nobody")),
          lift(bob, dave),
          add(alice, dave),
          ban(alice, [eve]),
          ban(system, [alice]),
          ban(system, [bob])
        ),
        [
          "forbidden",
          "forbidden",
          "forbidden",
          "invalid_target",
          "2",
          "not_a_member",
          "forbidden",
          "forbidden",
          "forbidden",
          "not_a_member",
          "not_found",
          "3",
          "4",
          "5",
          "forbidden",
          "6"
        ]
      )
      const state = yield* store.group(group)
      assert.deepEqual(state?.members.map(({ user }) => user), [alice, dave])
      assert.deepEqual(state?.banned, [
        { user: bob, left: 6 },
        { user: carol, reason: "noise", left: 2 },
        { user: eve, left: 5 }
      ])
      assert.deepEqual(state?.gone, [{ user: bob, left: 6 }, { user: carol, left: 2 }, { user: eve, left: 5 }])
      // A name is kept out, whoever has it: an erasure does not open the door.
      yield* store.eraseUser(carol)
      assert.deepEqual(yield* commit(add(alice, carol)), ["forbidden"])
      assert.deepEqual((yield* store.group(group))?.banned?.find(({ user }) => user === carol), {
        user: carol,
        reason: "noise"
      })
    }
  ),

  contractCase(
    "moderation: a group keeps so many out and not more",
    function*({ alice, group, store, user }) {
      yield* commit(created(group, alice))
      const some = (from: number, count: number) => Array.from({ length: count }, (_, i) => user(`u${from + i}`))
      const ban = (members: ReadonlyArray<UserId>) => change(alice, group, { action: "members_banned", members })
      assert.deepEqual(
        yield* commit(
          ban(some(0, 600)),
          ban(some(600, 500)),
          ban(some(500, 500)),
          ban(some(0, 1)),
          ban(some(1_000, 1))
        ),
        ["2", "forbidden", "3", "4", "forbidden"]
      )
      assert.equal((yield* store.group(group))?.banned?.length, 1_000)
      yield* commit(change(alice, group, { action: "members_unbanned", members: some(0, 1) }))
      assert.deepEqual(yield* commit(ban(some(1_000, 1))), ["6"])
    }
  ),

  contractCase(
    "moderation: a group is described by its owners and admins, as a retry, too",
    function*({ alice, bob, carol, group, store }) {
      yield* commit(created(group, alice, { [bob]: "admin", [carol]: "member" }))
      const described = Effect.map(store.group(group), (state) => [state?.name, state?.description])
      assert.deepEqual(
        yield* commit(
          change(carol, group, { action: "described", name: "mine" }),
          change(bob, group, { action: "described" }),
          change(bob, group, { action: "described", name: "Tea", description: "at five" }, { id: "1" }),
          change(bob, group, { action: "described", name: "Tea", description: "at five" }, { id: "1" }),
          change(bob, group, { action: "described", name: "Tea", description: "at six" }, { id: "1" })
        ),
        ["forbidden", "invalid_frame", "2", "2 again", "id_conflict"]
      )
      assert.deepEqual(yield* described, ["Tea", "at five"])
      yield* commit(change(alice, group, { action: "described", name: "Coffee" }))
      assert.deepEqual(yield* described, ["Coffee", "at five"])
      yield* commit(change(system, group, { action: "described", description: "" }))
      assert.deepEqual(yield* described, ["Coffee", undefined])
      // No file of theirs.
      assert.deepEqual(
        yield* commit(change(alice, group, { action: "described", avatar: "nothing-of-that-name" })),
        ["not_found"]
      )
    }
  )
]
