/** What a store has to do for users who are forgotten, for whoever has their name next, and for those who ask. */
import { Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import type { Entry, GroupHistory, Role } from "../../domain/Entry.ts"
import { ClientId, type ConversationId, DeviceId, GroupId, type MessageId, UserId } from "../../domain/Ids.ts"
import { type Append, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

interface ErasureCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

const phone = DeviceId.make("phone")

let counter = 0
const stamp = (sender: UserId, conversation: ConversationId, at = 1_000) => ({
  conversation,
  sender,
  clientId: undefined,
  messageId: `e${counter++}` as MessageId,
  at
})

const text = (sender: UserId, conversation: ConversationId, body: string, replyTo?: number, at?: number): Append => ({
  ...stamp(sender, conversation, at),
  kind: "text",
  text: body,
  replyTo
})

const edit = (sender: UserId, conversation: ConversationId, target: number, body: string): Append => ({
  ...stamp(sender, conversation),
  kind: "edit",
  target,
  text: body
})

const remove = (sender: UserId, conversation: ConversationId, target: number): Append => ({
  ...stamp(sender, conversation),
  kind: "delete",
  target
})

const react = (sender: UserId, conversation: ConversationId, target: number, emoji: string): Append => ({
  ...stamp(sender, conversation),
  kind: "reaction",
  target,
  emoji,
  remove: false
})

const change = (sender: UserId, group: GroupId, change: Extract<Append, { kind: "group" }>["change"]): Append => ({
  ...stamp(sender, Conversation.group(group)),
  kind: "group",
  group,
  change
})

const commit = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
  const store = yield* MessageStore
  return (yield* store.commit(appends, [])).appends.map((result) =>
    result._tag === "Accepted" ? result.seq : result.error.code
  )
})

const entriesOf = Effect.fnUntraced(function*(conversation: ConversationId, from = 1) {
  const store = yield* MessageStore
  return (yield* store.history({ conversation, after: 0, limit: 100, from })).entries
})

const shown = (entry: Entry): string => {
  switch (entry.kind) {
    case "text":
      return entry.text ?? "deleted"
    case "edit":
      return `edit ${entry.text ?? "gone"}`
    case "reaction":
      return `${entry.remove === true ? "-" : "+"}${entry.emoji}`
    case "group":
      return entry.change.action
    case "delete":
      return "delete"
  }
}

interface Names {
  readonly alice: UserId
  readonly bob: UserId
  readonly carol: UserId
  readonly dave: UserId
  readonly conversation: ConversationId
  readonly group: GroupId
}

const erasureCase = (
  name: string,
  body: (names: Names) => Effect.Effect<void, StoreError, MessageStore>
): ErasureCase => ({
  name,
  effect: Effect.gen(function*() {
    const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
    const [alice, bob, carol, dave] = ["alice", "bob", "carol", "dave"].map((user) => UserId.make(`${user}.${suffix}`))
    yield* body({
      alice: alice!,
      bob: bob!,
      carol: carol!,
      dave: dave!,
      conversation: Conversation.direct(alice!, bob!),
      group: GroupId.make(`e-${suffix}`)
    })
  })
})

const created = (names: Names, members: ReadonlyArray<readonly [UserId, Role]>, history: GroupHistory = "joined") =>
  commit(
    change(members[0]![0], names.group, {
      action: "created",
      name: "tea",
      members: members.map(([user, role]) => ({ user, role })),
      history
    })
  )

export const erasureCases: ReadonlyArray<ErasureCase> = [
  erasureCase("P8 whoever has an erased name next begins behind it, for every verb", (names) =>
    Effect.gen(function*() {
      const { alice, bob, conversation } = names
      const store = yield* MessageStore
      yield* commit(text(alice, conversation, "old"), text(bob, conversation, "old too"))
      yield* store.eraseUser(bob)
      assert.equal(yield* store.membership(conversation, bob), undefined)
      // Alone with what they cannot see, and again once they are in.
      assert.deepEqual(
        yield* commit(
          react(bob, conversation, 1, "👍"),
          text(bob, conversation, "re", 1),
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
      assert.deepEqual(yield* commit(text(bob, conversation, "new")), [3])
      assert.equal(yield* read(3), undefined)
      assert.deepEqual(
        yield* commit(
          react(bob, conversation, 1, "👍"),
          text(bob, conversation, "re", 1),
          edit(bob, conversation, 2, "mine"),
          remove(bob, conversation, 2),
          react(alice, conversation, 1, "👍"),
          react(bob, conversation, 3, "👍")
        ),
        ["not_found", "not_found", "not_found", "not_found", 4, 5]
      )
      assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 3 })
      const [item] = (yield* store.conversations({ user: bob, device: phone, limit: 10 })).items
      assert.deepEqual([item?.received, item?.read, item?.unread], [2, 2, 0])
    })),

  erasureCase("both ends of a conversation may be erased, one after the other", (names) =>
    Effect.gen(function*() {
      const { alice, bob, conversation } = names
      const store = yield* MessageStore
      yield* commit(text(alice, conversation, "a"), text(bob, conversation, "b"))
      assert.deepEqual([yield* store.eraseUser(bob), yield* store.eraseUser(alice)], [1, 1])
      yield* commit(text(bob, conversation, "new"))
      for (const user of [alice, bob]) {
        assert.deepEqual(yield* store.membership(conversation, user), { role: "member", firstVisible: 3 })
      }
    })),

  erasureCase("what an erased user reacted with is as if it had been taken back", (names) =>
    Effect.gen(function*() {
      const { alice, bob, conversation } = names
      const store = yield* MessageStore
      yield* commit(text(alice, conversation, "hi"), react(bob, conversation, 1, "🦄"))
      assert.equal(yield* store.eraseUser(bob), 1)
      const [, reaction] = yield* entriesOf(conversation)
      assert.ok(reaction?.kind === "reaction" && reaction.remove === true && reaction.emoji !== "")
      assert.ok(!JSON.stringify(reaction).includes("🦄"))
    })),

  erasureCase(
    "of nobody an erasure removes nothing, and of the same name again neither",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        const store = yield* MessageStore
        assert.equal(yield* store.eraseUser(bob), 0)
        yield* commit(text(bob, conversation, "hi"), text(alice, conversation, "hi"))
        assert.deepEqual([yield* store.eraseUser(bob), yield* store.eraseUser(bob)], [1, 0])
        assert.deepEqual((yield* entriesOf(conversation)).map(shown), ["deleted", "hi"])
      })
  ),

  erasureCase("P2 a group's log says that an erased member left", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol, group } = names
      const store = yield* MessageStore
      const conversation = Conversation.group(group)
      yield* created(names, [[alice, "owner"], [bob, "member"], [carol, "member"]])
      yield* commit(text(bob, conversation, "hi"))
      yield* store.eraseUser(bob)
      const log = yield* entriesOf(conversation)
      assert.deepEqual(log.map(({ seq }) => seq), [1, 2, 3])
      assert.deepEqual(log.map(shown), ["created", "deleted", "left"])
      assert.equal(log[2]?.sender, bob)
      const state = yield* store.group(group)
      assert.deepEqual([state?.headSeq, state?.members.map(({ user }) => user)], [3, [alice, carol]])
      assert.deepEqual([yield* store.membership(conversation, bob), yield* store.wasMember(conversation, bob)], [
        undefined,
        false
      ])
      assert.deepEqual(yield* commit(text(bob, conversation, "again")), ["not_found"])
      yield* commit(change(alice, group, { action: "members_added", members: [bob] }))
      assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 4 })
    })),

  erasureCase(
    "a group whose last owner is erased goes to the longest admin, as an entry of its log",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol, dave, group } = names
        const store = yield* MessageStore
        yield* created(names, [[alice, "owner"], [dave, "member"]])
        yield* commit(
          change(alice, group, { action: "members_added", members: [carol] }),
          change(alice, group, { action: "members_added", members: [bob] }),
          change(alice, group, { action: "role_set", user: bob, role: "admin" }),
          change(alice, group, { action: "role_set", user: carol, role: "admin" })
        )
        yield* store.eraseUser(alice)
        const log = yield* entriesOf(Conversation.group(group))
        assert.deepEqual(log.slice(5).map((entry) => entry.kind === "group" && entry.change), [
          { action: "role_set", user: carol, role: "owner" },
          { action: "left" }
        ])
        const roles = (yield* store.group(group))?.members.map(({ role, user }) => [user, role])
        assert.deepEqual(roles, [[bob, "admin"], [carol, "owner"], [dave, "member"]])
        assert.deepEqual(yield* commit(change(carol, group, { action: "renamed", name: "coffee" })), [8])
      })
  ),

  erasureCase(
    "without an admin it goes to the longest member, also where all of it may be seen",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol, dave, group } = names
        const store = yield* MessageStore
        yield* created(names, [[alice, "owner"], [bob, "member"]], "all")
        yield* commit(
          change(alice, group, { action: "members_added", members: [dave] }),
          change(alice, group, { action: "members_removed", members: [bob] }),
          change(alice, group, { action: "members_added", members: [carol] }),
          change(alice, group, { action: "members_added", members: [bob] })
        )
        yield* store.eraseUser(alice)
        const roles = (yield* store.group(group))?.members.map(({ role, user }) => [user, role])
        assert.deepEqual(roles, [[bob, "member"], [carol, "member"], [dave, "owner"]])
      })
  ),

  erasureCase("another owner stays the owner, and an empty group has none", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol, group } = names
      const store = yield* MessageStore
      yield* created(names, [[alice, "owner"], [bob, "admin"], [carol, "owner"]])
      const roles = Effect.map(store.group(group), (state) => state?.members.map(({ role, user }) => [user, role]))
      yield* store.eraseUser(alice)
      assert.deepEqual(yield* roles, [[bob, "admin"], [carol, "owner"]])
      yield* store.eraseUser(bob)
      yield* store.eraseUser(carol)
      assert.deepEqual(yield* roles, [])
      assert.deepEqual((yield* entriesOf(Conversation.group(group))).map(shown), ["created", "left", "left", "left"])
    })),

  erasureCase("others' blocks and bans of an erased name stay, the user's own go", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol } = names
      const store = yield* MessageStore
      yield* store.setBlock(alice, bob, true, 10)
      yield* store.setBlock(carol, bob, true, 10)
      yield* store.setBlock(carol, bob, false, 20)
      yield* store.setBlock(bob, alice, true, 10)
      yield* store.putBan({ kind: "user", id: bob, at: 5 })
      yield* store.eraseUser(bob)
      assert.deepEqual(yield* store.blocks(alice), [{ blocked: bob, since: 10 }])
      assert.deepEqual([yield* store.blocks(carol), yield* store.blocks(bob)], [[], []])
      assert.ok((yield* store.bans).some(({ id }) => id === bob))
    })),

  erasureCase("servers can ask what was erased since", (names) =>
    Effect.gen(function*() {
      const { alice, bob, conversation } = names
      const store = yield* MessageStore
      yield* store.eraseUser(alice)
      const [last] = yield* store.erasures(undefined)
      assert.equal(last?.user, alice)
      assert.deepEqual(yield* store.erasures(last!.id), [])
      yield* commit(text(bob, conversation, "hi"))
      yield* store.eraseUser(bob)
      const since = yield* store.erasures(last!.id)
      assert.deepEqual(since.map(({ conversation, user }) => [user, conversation]), [[bob, conversation], [
        bob,
        undefined
      ]])
      assert.ok(last!.id < since[0]!.id && since[0]!.id < since[1]!.id)
      yield* store.eraseUser(bob)
      assert.deepEqual((yield* store.erasures(since[1]!.id)).map(({ user }) => user), [bob])
    })),

  erasureCase(
    "export: all that is stored, also of groups that somebody left and of the time before they came again",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol, conversation, group } = names
        const store = yield* MessageStore
        const room = Conversation.group(group)
        yield* created(names, [[alice, "owner"], [bob, "member"]])
        yield* commit(
          text(bob, room, "first"),
          change(alice, group, { action: "members_removed", members: [bob] }),
          text(alice, room, "without bob"),
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
            { conversation: room, kind: "group", role: "member", firstVisible: 1, left: 3, delivered: 0, read: 0 }
          ]
        })
        const own = (limit = 10, after = 0) =>
          Effect.map(
            store.ownEntries({ user: bob, conversation: room, after, limit }),
            (entries) => entries.map((entry) => [entry.seq, shown(entry)])
          )
        assert.deepEqual(yield* own(), [[2, "first"]])
        yield* commit(change(alice, group, { action: "members_added", members: [bob] }), text(bob, room, "second"))
        assert.deepEqual(yield* own(), [[2, "first"], [6, "second"]])
        assert.deepEqual([yield* own(1), yield* own(1, 2), yield* own(1, 6)], [[[2, "first"]], [[6, "second"]], []])
        const again = (yield* store.exportUser(bob)).memberships.find((each) => each.conversation === room)
        assert.deepEqual([again?.name, again?.left, again?.firstVisible], ["tea", undefined, 5])
      })
  ),

  erasureCase("P8 export: nothing of an erased user who had the name before", (names) =>
    Effect.gen(function*() {
      const { alice, bob, conversation, group } = names
      const store = yield* MessageStore
      const room = Conversation.group(group)
      yield* created(names, [[alice, "owner"], [bob, "admin"]])
      yield* commit(
        text(bob, room, "old"),
        change(bob, group, { action: "renamed", name: "bob's" }),
        text(bob, conversation, "old"),
        remove(bob, conversation, 1)
      )
      yield* store.eraseUser(bob)
      yield* commit(
        change(alice, group, { action: "members_added", members: [bob] }),
        text(bob, room, "new"),
        text(bob, conversation, "new")
      )
      for (const where of [room, conversation]) {
        const own = yield* store.ownEntries({ user: bob, conversation: where, after: 0, limit: 10 })
        assert.deepEqual(own.map(shown), ["new"])
      }
    })),

  erasureCase("P3 an erased user's ids are nobody's", (names) =>
    Effect.gen(function*() {
      const { bob, conversation } = names
      const store = yield* MessageStore
      const said = { ...text(bob, conversation, "hi"), clientId: ClientId.make("1") }
      yield* commit(said)
      yield* store.eraseUser(bob)
      assert.deepEqual(yield* commit({ ...text(bob, conversation, "other"), clientId: ClientId.make("1") }), [2])
    })),

  erasureCase("an erasure of much pauses between its steps", (names) =>
    Effect.gen(function*() {
      const { bob, conversation } = names
      const store = yield* MessageStore
      for (let i = 0; i < 5; i++) {
        yield* commit(...Array.from({ length: 200 }, (_, j) => text(bob, conversation, `${i} ${j}`)))
      }
      let pauses = 0
      const erased = yield* store.eraseUser(bob, Effect.sync(() => void pauses++))
      assert.equal(erased, 1_000)
      assert.ok(store.durability === "memory" || pauses >= 5)
    })),

  erasureCase("retention with a bound that is none removes nothing", (names) =>
    Effect.gen(function*() {
      const { bob, conversation } = names
      const store = yield* MessageStore
      yield* commit(text(bob, conversation, "hi"))
      for (
        const options of [{ keep: -1 }, { keep: Number.NaN }, { keep: 0.5 }, { before: Number.NaN }, { before: 1e99 }]
      ) {
        assert.match((yield* Effect.flip(store.trim(options)).pipe(Effect.orDie)).message, /Nothing was removed/)
      }
      assert.equal((yield* entriesOf(conversation)).length, 1)
    }))
]
