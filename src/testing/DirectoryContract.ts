/**
 * What a `Directory` and the store beside it have to do, as a list of named effects, like `messageStoreContract`: run each
 * against a store of your own. Each case uses names of its own, so all of them can run on one store.
 */
import assert from "node:assert/strict"
import * as Conversation from "../domain/Conversation.ts"
import type { ConversationId, UserId } from "../domain/Ids.ts"
import { change, commit, created, text } from "./contract/commands.ts"
import { type DirectoryCase, directoryCase } from "./directory/DirectoryCase.ts"
import { profileCases } from "./directory/profiles.ts"

export type { DirectoryCase }

const direct = (a: UserId, b: UserId): ConversationId => Conversation.direct(a, b)

export const directoryContract: ReadonlyArray<DirectoryCase> = [
  directoryCase(
    "users are listed once, in the order of the bytes of their ids, whatever makes them known",
    function*({ directory, listed, store, user }) {
      const names = ["a", "B", "b.", "b+", "b@c", "c", "constructor", "d_", "d-"]
      const inOrder = names.toSorted()
      // In several ways each, and in another order.
      yield* commit(
        text(user("c"), direct(user("c"), user("a")), "hello"),
        text(user("b+"), direct(user("b+"), user("c")), "hello"),
        text(user("b+"), direct(user("b+"), user("a")), "hello")
      )
      yield* store.putLastSeen([{ user: user("constructor"), at: 5 }, { user: user("c"), at: 6 }])
      yield* store.putBan({ kind: "user", id: user("B"), at: 1 })
      yield* store.putBan({ kind: "user", id: user("d-"), at: 1, until: 2 })
      yield* store.putBan({ kind: "token", id: user("token"), at: 1 })
      for (const name of ["b.", "b@c", "d_", "a"]) {
        yield* directory.putProfile({ user: user(name), name: `The ${name}`, updatedAt: 1 })
      }
      for (const limit of [1, 2, 3, 8, 9, 10, 100]) assert.deepEqual(yield* listed(limit), inOrder, String(limit))
    }
  ),

  directoryCase("a page tells of each user what is known", function*({ directory, store, user }) {
    yield* store.putLastSeen([{ user: user("a"), at: 5 }])
    yield* directory.putProfile({ user: user("b"), name: "Bob", avatar: "file", updatedAt: 7 })
    yield* directory.putProfile({ user: user("c"), updatedAt: 7 })
    yield* store.putLastSeen([{ user: user("b"), at: 6 }])
    const { users } = yield* directory.users({ after: user(""), limit: 3 })
    assert.deepEqual(users, [
      { user: user("a"), lastSeen: 5 },
      { user: user("b"), name: "Bob", lastSeen: 6 },
      { user: user("c") }
    ])
  }),

  directoryCase(
    "a user's conversations and groups are counted, without those that they left",
    function*({ directory, group, store, user }) {
      const [alice, bob, carol] = [user("alice"), user("bob"), user("carol")]
      const [tea, bye] = [group("tea"), group("bye")]
      assert.equal(yield* directory.user(alice), undefined)
      yield* commit(
        text(alice, direct(alice, bob), "hello"),
        created(tea, alice, { [bob]: "member" }),
        created(bye, alice, { [bob]: "member", [carol]: "member" })
      )
      yield* commit(change(alice, bye, { action: "members_removed", members: [bob, carol] }))
      yield* store.putLastSeen([{ user: bob, at: 9 }])
      yield* directory.putProfile({ user: bob, name: "Bob", avatar: "file", updatedAt: 1 })
      assert.deepEqual(yield* directory.user(alice), { user: alice, conversations: 3, groups: 2 })
      assert.deepEqual(yield* directory.user(bob), {
        user: bob,
        name: "Bob",
        avatar: "file",
        source: "admin",
        lastSeen: 9,
        conversations: 2,
        groups: 1
      })
      // Of whom there is only what they said once.
      assert.deepEqual(yield* directory.user(carol), { user: carol, conversations: 0, groups: 0 })
    }
  ),

  directoryCase("a profile is replaced as a whole, and given for many at once", function*({ directory, user }) {
    const [a, b, c] = [user("a"), user("b"), user("c")]
    yield* directory.putProfile({ user: a, name: "A", avatar: "one", updatedAt: 1 })
    yield* directory.putProfile({ user: a, name: "名前 👩‍🚀", source: "user", updatedAt: 2 })
    yield* directory.putProfile({ user: b, avatar: "two", status: "Away", updatedAt: 3 })
    const found = yield* directory.profiles([c, b, a])
    assert.deepEqual(found.toSorted((x, y) => x.user < y.user ? -1 : 1), [
      { user: a, name: "名前 👩‍🚀", source: "user", updatedAt: 2 },
      { user: b, avatar: "two", status: "Away", source: "admin", updatedAt: 3 }
    ])
    assert.deepEqual(yield* directory.profiles([]), [])
  }),

  directoryCase(
    "a profile is part of what is exported, and goes with an erasure",
    function*({ directory, store, user }) {
      const alice = user("alice")
      const profile = {
        user: alice,
        name: "Alice",
        avatar: "file",
        status: "Here",
        source: "claims" as const,
        updatedAt: 4
      }
      yield* directory.putProfile(profile)
      assert.deepEqual((yield* store.exportUser(alice)).profile, profile)
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* directory.profiles([alice]), [])
      assert.deepEqual((yield* directory.findUsers({ prefix: alice.toLowerCase(), limit: 9 })).found, [])
      assert.deepEqual(yield* store.exportUser(alice), {
        user: alice,
        bans: [],
        blocks: [],
        devices: [],
        memberships: []
      })
      assert.equal(yield* directory.user(alice), undefined)
    }
  ),

  directoryCase("how much there is grows with what is said, and not with what is repeated", function*(
    { directory, user }
  ) {
    const [alice, bob] = [user("alice"), user("bob")]
    const before = yield* directory.size
    yield* commit(
      text(alice, direct(alice, bob), "one", { id: "1" }),
      text(alice, direct(alice, bob), "one", { id: "1" }),
      text(alice, direct(alice, alice), "two")
    )
    const after = yield* directory.size
    assert.deepEqual([after.conversations - before.conversations, after.entries - before.entries], [2, 2])
    assert.ok(after.kind.length > 0 && (after.bytes === undefined || after.bytes > 0))
  }),

  ...profileCases
]
