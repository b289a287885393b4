/** Users who are forgotten, and whoever has their name next. */
import { Clock, Effect } from "effect"
import assert from "node:assert/strict"
import type { GroupId } from "../../domain/Ids.ts"
import { MessageStore } from "../../services/storage/MessageStore.ts"
import {
  behind,
  change,
  commit,
  created,
  edit,
  entries,
  listed,
  many,
  move,
  react,
  received,
  remove,
  shown,
  text
} from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

const rolesIn = Effect.fnUntraced(function*(group: GroupId) {
  const store = yield* MessageStore
  return (yield* store.group(group))?.members.map(({ role, user }) => [user, role])
})

export const erasureCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P4 P8 after an erasure the name begins anew: new messages arrive, old ones stay unseen",
    function*({ alice, bob, conversation, store }) {
      yield* commit(text(alice, conversation, "old", { id: "1" }), text(bob, conversation, "old too"))
      yield* move(received(bob, conversation, 1))
      yield* store.setBlock(bob, alice, true, 1)
      yield* store.eraseUser(alice)
      const [item] = yield* listed(bob)
      assert.deepEqual([item?.peer, item?.peer_delivered, item?.peer_read], [alice, undefined, undefined])
      assert.deepEqual(yield* move(received(alice, conversation, 1)), ["not_found"])
      assert.deepEqual(yield* commit(text(bob, conversation, "new"), text(alice, conversation, "new", { id: "1" })), [
        "3",
        "4"
      ])
      assert.deepEqual(yield* behind(alice), [{ conversation, received: 2, head: 4 }])
      assert.deepEqual(yield* store.membership(conversation, alice), { role: "member", firstVisible: 3 })
      assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 1 })
    }
  ),

  contractCase(
    "P3 the ids of an erased user are free, also those of changes of a group that retention removes later",
    function*({ alice, bob, conversation, group, store, tea }) {
      const now = yield* Clock.currentTimeMillis
      yield* commit(created(group, alice, { [bob]: "owner" }, undefined, { id: "1", at: now - 2 }))
      yield* store.eraseUser(alice)
      yield* commit(text(bob, tea, "later", { at: now }))
      yield* store.trim({ before: now - 1 })
      assert.deepEqual(yield* commit(text(alice, conversation, "new", { id: "1", at: now })), ["1"])
    }
  ),

  contractCase(
    "P8 whoever has an erased name next begins behind it, for every verb",
    function*({ alice, bob, conversation, store }) {
      yield* commit(text(alice, conversation, "old"), text(bob, conversation, "old too"))
      yield* store.eraseUser(bob)
      assert.equal(yield* store.membership(conversation, bob), undefined)
      // Alone with what they cannot see, and again once they are in.
      assert.deepEqual(
        yield* commit(
          react(bob, conversation, 1, "👍"),
          text(bob, conversation, "re", { replyTo: 1 }),
          edit(bob, conversation, 2, "mine"),
          remove(bob, conversation, 2)
        ),
        ["not_found", "not_found", "not_found", "not_found"]
      )
      // Nobody is told how far the other one reads what they do not see.
      const read = (upTo: number) =>
        Effect.map(
          store.commit([], [{ kind: "read", user: alice, conversation, upTo }]),
          ({ moves: [move] }) => move?._tag === "Moved" && move.alone
        )
      assert.equal(yield* read(2), true)
      assert.deepEqual(yield* commit(text(bob, conversation, "new")), ["3"])
      assert.equal(yield* read(3), undefined)
      assert.deepEqual(
        yield* commit(
          react(bob, conversation, 1, "👍"),
          text(bob, conversation, "re", { replyTo: 1 }),
          edit(bob, conversation, 2, "mine"),
          remove(bob, conversation, 2),
          react(alice, conversation, 1, "👍"),
          react(bob, conversation, 3, "👍")
        ),
        ["not_found", "not_found", "not_found", "not_found", "4", "5"]
      )
      assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 3 })
      const [item] = yield* listed(bob)
      assert.deepEqual([item?.received, item?.read, item?.unread], [2, 2, 0])
    }
  ),

  contractCase(
    "both ends of a conversation may be erased, one after the other",
    function*({ alice, bob, conversation, store }) {
      yield* commit(text(alice, conversation, "a"), text(bob, conversation, "b"))
      assert.deepEqual([yield* store.eraseUser(bob), yield* store.eraseUser(alice)], [1, 1])
      yield* commit(text(bob, conversation, "new"))
      for (const user of [alice, bob]) {
        assert.deepEqual(yield* store.membership(conversation, user), { role: "member", firstVisible: 3 })
      }
    }
  ),

  contractCase(
    "what an erased user reacted with is as if it had been taken back",
    function*({ alice, bob, conversation, store }) {
      yield* commit(text(alice, conversation), react(bob, conversation, 1, "🦄"))
      assert.equal(yield* store.eraseUser(bob), 1)
      const [, reaction] = yield* entries(conversation)
      assert.ok(reaction?.kind === "reaction" && reaction.remove === true && reaction.emoji !== "")
      assert.ok(!JSON.stringify(reaction).includes("🦄"))
    }
  ),

  contractCase(
    "of nobody an erasure removes nothing, and of the same name again neither",
    function*({ alice, bob, conversation, store }) {
      assert.equal(yield* store.eraseUser(bob), 0)
      yield* commit(text(bob, conversation), text(alice, conversation))
      assert.deepEqual([yield* store.eraseUser(bob), yield* store.eraseUser(bob)], [1, 0])
      assert.deepEqual((yield* entries(conversation)).map(shown), ["deleted", "hi"])
    }
  ),

  contractCase("P2 a group's log says that an erased member left", function*({ alice, bob, carol, group, store, tea }) {
    yield* commit(created(group, alice, { [bob]: "member", [carol]: "member" }, "joined"))
    yield* commit(text(bob, tea))
    yield* store.eraseUser(bob)
    const log = yield* entries(tea)
    assert.deepEqual(log.map(({ seq }) => seq), [1, 2, 3])
    assert.deepEqual(log.map(shown), ["created", "deleted", "left"])
    assert.equal(log[2]?.sender, bob)
    const state = yield* store.group(group)
    assert.deepEqual([state?.headSeq, state?.members.map(({ user }) => user)], [3, [alice, carol]])
    assert.deepEqual([yield* store.membership(tea, bob), yield* store.wasMember(tea, bob)], [undefined, false])
    assert.deepEqual(yield* commit(text(bob, tea, "again")), ["not_found"])
    yield* commit(change(alice, group, { action: "members_added", members: [bob] }))
    assert.deepEqual(yield* store.membership(tea, bob), { role: "member", firstVisible: 4 })
  }),

  contractCase(
    "a group whose last owner is erased goes to the longest admin, as an entry of its log",
    function*({ alice, bob, carol, dave, group, tea, store }) {
      yield* commit(created(group, alice, { [dave]: "member" }))
      yield* commit(
        change(alice, group, { action: "members_added", members: [carol] }),
        change(alice, group, { action: "members_added", members: [bob] }),
        change(alice, group, { action: "role_set", user: bob, role: "admin" }),
        change(alice, group, { action: "role_set", user: carol, role: "admin" })
      )
      yield* store.eraseUser(alice)
      const log = yield* entries(tea)
      assert.deepEqual(log.slice(5).map((entry) => entry.kind === "group" && entry.change), [
        { action: "role_set", user: carol, role: "owner" },
        { action: "left" }
      ])
      assert.deepEqual(yield* rolesIn(group), [[bob, "admin"], [carol, "owner"], [dave, "member"]])
      assert.deepEqual(yield* commit(change(carol, group, { action: "renamed", name: "coffee" })), ["8"])
    }
  ),

  contractCase(
    "without an admin it goes to the longest member, also where all of it may be seen",
    function*({ alice, bob, carol, dave, group, store }) {
      yield* commit(created(group, alice, { [bob]: "member" }, "all"))
      yield* commit(
        change(alice, group, { action: "members_added", members: [dave] }),
        change(alice, group, { action: "members_removed", members: [bob] }),
        change(alice, group, { action: "members_added", members: [carol] }),
        change(alice, group, { action: "members_added", members: [bob] })
      )
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* rolesIn(group), [[bob, "member"], [carol, "member"], [dave, "owner"]])
    }
  ),

  contractCase(
    "another owner stays the owner, and an empty group has none",
    function*({ alice, bob, carol, group, tea, store }) {
      yield* commit(created(group, alice, { [bob]: "admin", [carol]: "owner" }))
      const roles = rolesIn(group)
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* roles, [[bob, "admin"], [carol, "owner"]])
      yield* store.eraseUser(bob)
      yield* store.eraseUser(carol)
      assert.deepEqual(yield* roles, [])
      assert.deepEqual((yield* entries(tea)).map(shown), ["created", "left", "left", "left"])
    }
  ),

  contractCase(
    "others' blocks and bans of an erased name stay, the user's own go",
    function*({ alice, bob, carol, store }) {
      yield* store.setBlock(alice, bob, true, 10)
      yield* store.setBlock(carol, bob, true, 10)
      yield* store.setBlock(carol, bob, false, 20)
      yield* store.setBlock(bob, alice, true, 10)
      yield* store.putBan({ kind: "user", id: bob, at: 5 })
      yield* store.eraseUser(bob)
      assert.deepEqual(yield* store.blocks(alice), [{ blocked: bob, since: 10 }])
      assert.deepEqual([yield* store.blocks(carol), yield* store.blocks(bob)], [[], []])
      assert.ok((yield* store.bans).some(({ id }) => id === bob))
    }
  ),

  contractCase("servers can ask what was erased since", function*({ alice, bob, conversation, store }) {
    yield* store.eraseUser(alice)
    const [last] = yield* store.erasures(undefined)
    assert.equal(last?.user, alice)
    assert.deepEqual(yield* store.erasures(last!.id), [])
    yield* commit(text(bob, conversation))
    yield* store.eraseUser(bob)
    const since = yield* store.erasures(last!.id)
    assert.deepEqual(since.map(({ conversation, user }) => [user, conversation]), [[bob, conversation], [
      bob,
      undefined
    ]])
    assert.ok(last!.id < since[0]!.id && since[0]!.id < since[1]!.id)
    yield* store.eraseUser(bob)
    assert.deepEqual((yield* store.erasures(since[1]!.id)).map(({ user }) => user), [bob])
  }),

  contractCase("P3 an erased user's ids are nobody's", function*({ bob, conversation, store }) {
    yield* commit(text(bob, conversation, "hi", { id: "1" }))
    yield* store.eraseUser(bob)
    assert.deepEqual(yield* commit(text(bob, conversation, "other", { id: "1" })), ["2"])
  }),

  contractCase("an erasure of much pauses between its steps", function*({ bob, conversation, store }) {
    yield* many(bob, conversation, 1_000)
    let pauses = 0
    const erased = yield* store.eraseUser(bob, Effect.sync(() => void pauses++))
    assert.equal(erased, 1_000)
    assert.ok(store.durability === "memory" || pauses >= 5)
  })
]
