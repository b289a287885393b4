/** What a store has to judge about groups and about what somebody may see: at the place in the log that counts. */
import { Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import type { GroupChange, GroupHistory, Role } from "../../domain/Entry.ts"
import { ClientId, type ConversationId, GroupId, type MessageId, UserId } from "../../domain/Ids.ts"
import { type Append, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

interface ContractCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

interface Names {
  readonly alice: UserId
  readonly bob: UserId
  readonly carol: UserId
  readonly mallory: UserId
  readonly group: GroupId
  readonly conversation: ConversationId
}

let counter = 0

const stamped = (sender: UserId, conversation: ConversationId, at = 1_000, id?: string) => ({
  conversation,
  sender,
  clientId: id === undefined ? undefined : ClientId.make(id),
  messageId: `groups${counter++}` as MessageId,
  at
})

const text = (sender: UserId, conversation: ConversationId, at?: number, replyTo?: number): Append => ({
  ...stamped(sender, conversation, at),
  kind: "text",
  text: "hi",
  replyTo
})

const about = (sender: UserId, conversation: ConversationId, target: number): ReadonlyArray<Append> => [
  { ...stamped(sender, conversation, 9_000), kind: "reaction", target, emoji: "👍", remove: false },
  { ...stamped(sender, conversation, 9_000), kind: "edit", target, text: "other" },
  { ...stamped(sender, conversation, 9_000), kind: "delete", target },
  { ...stamped(sender, conversation, 9_000), kind: "text", text: "about that", replyTo: target }
]

const react = (
  sender: UserId,
  conversation: ConversationId,
  target: number,
  emoji: string,
  remove = false
): Append => ({
  ...stamped(sender, conversation),
  kind: "reaction",
  target,
  emoji,
  remove
})

const change = (names: Names, sender: UserId, change: GroupChange, maxMembers?: number): Append => ({
  ...stamped(sender, names.conversation),
  kind: "group",
  group: names.group,
  change,
  ...(maxMembers === undefined ? undefined : { maxMembers })
})

const commit = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
  const store = yield* MessageStore
  return (yield* store.commit(appends, [])).appends.map((result) =>
    result._tag === "Rejected" ? result.error.code : `${result.seq}${result.duplicate ? " again" : ""}`
  )
})

const created = (names: Names, roles: Partial<Record<"bob" | "carol" | "mallory", Role>>, history?: GroupHistory) =>
  commit(change(names, names.alice, {
    action: "created",
    name: "tea",
    members: [
      { user: names.alice, role: "owner" },
      ...(["bob", "carol", "mallory"] as const).flatMap((name) => {
        const role = roles[name]
        return role === undefined ? [] : [{ user: names[name], role }]
      })
    ],
    ...(history === undefined ? undefined : { history })
  }))

const contractCase = (
  name: string,
  body: (names: Names) => Effect.Effect<void, StoreError, MessageStore>
): ContractCase => ({
  name,
  effect: Effect.gen(function*() {
    const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
    const user = (name: string) => UserId.make(`${name}-${suffix}`)
    const group = GroupId.make(`r-${suffix}`)
    yield* body({
      alice: user("alice"),
      bob: user("bob"),
      carol: user("carol"),
      mallory: user("mallory"),
      group,
      conversation: Conversation.group(group)
    })
  })
})

const none = ["not_found", "not_found", "not_found", "not_found"]

export const groupCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P8 groups: a change is judged by the roles at its place in the log, also within one batch",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol, mallory } = names
        yield* created(names, { bob: "member", carol: "admin", mallory: "admin" })
        assert.deepEqual(
          yield* commit(
            change(names, alice, { action: "role_set", user: mallory, role: "member" }),
            change(names, mallory, { action: "members_removed", members: [bob] }),
            change(names, mallory, { action: "renamed", name: "mine" }),
            change(names, mallory, { action: "role_set", user: mallory, role: "owner" }),
            change(names, bob, { action: "members_added", members: [UserId.make("somebody")] }),
            change(names, carol, { action: "members_removed", members: [alice] }),
            change(names, carol, { action: "members_added", members: [bob] }),
            change(names, carol, { action: "members_removed", members: [bob] }),
            change(names, carol, { action: "members_removed", members: [bob] })
          ),
          ["2", "forbidden", "forbidden", "forbidden", "forbidden", "forbidden", "invalid_target", "3", "not_found"]
        )
        const store = yield* MessageStore
        const state = yield* store.group(names.group)
        assert.deepEqual(state?.members.map(({ role, user }) => [user, role]), [
          [alice, "owner"],
          [carol, "admin"],
          [mallory, "member"]
        ])
        assert.equal(state?.name, "tea")
      })
  ),

  contractCase(
    "groups: an owner stays and the bound on members holds, whoever changed the group before",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol } = names
        yield* created(names, { bob: "owner" })
        assert.deepEqual(
          yield* commit(
            change(names, bob, { action: "role_set", user: alice, role: "member" }),
            change(names, bob, { action: "role_set", user: bob, role: "admin" }),
            change(names, bob, { action: "left" }),
            change(names, bob, { action: "members_added", members: [carol] }, 2),
            change(names, bob, { action: "members_added", members: [carol] }, 3),
            change(names, bob, { action: "members_removed", members: [alice, carol] }),
            change(names, bob, { action: "left" })
          ),
          ["2", "forbidden", "forbidden", "forbidden", "3", "4", "5"]
        )
      })
  ),

  contractCase(
    "P8 groups: the version grows with every change, and comes with every entry",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol, conversation, group } = names
        const store = yield* MessageStore
        const versions = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
          return (yield* store.commit(appends, [])).appends.map((result) =>
            result._tag === "Accepted" ? result.version : result.error.code
          )
        })
        assert.equal(yield* store.groupHead(group), undefined)
        yield* created(names, { bob: "member" })
        const first = (yield* store.groupHead(group))!
        assert.equal(first.headSeq, 1)
        const [said, added, saidThen] = yield* versions(
          text(alice, conversation),
          change(names, alice, { action: "members_added", members: [carol] }),
          text(bob, conversation)
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
        assert.deepEqual(yield* versions(text(alice, conversation)), [erased])
        const direct = yield* store.commit([text(alice, Conversation.direct(alice, bob))], [])
        assert.ok(direct.appends.every((result) => result._tag === "Accepted" && !("version" in result)))
      })
  ),

  contractCase(
    "P8 groups: what was said before somebody came is not there for them, whatever they do with it",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol, conversation } = names
        yield* created(names, { bob: "member" })
        yield* commit(text(alice, conversation), text(bob, conversation))
        yield* commit(change(names, alice, { action: "members_added", members: [carol] }))
        assert.deepEqual(yield* commit(...about(carol, conversation, 2)), none)
        assert.deepEqual(yield* commit(text(alice, conversation), ...about(carol, conversation, 5)), [
          "5",
          "6",
          "forbidden",
          "forbidden",
          "7"
        ])
        // Who comes back begins anew, also with their own words.
        yield* commit(change(names, alice, { action: "members_removed", members: [bob] }))
        yield* commit(change(names, alice, { action: "members_added", members: [bob] }))
        assert.deepEqual(yield* commit(...about(bob, conversation, 3)), none)
        const store = yield* MessageStore
        const device = "phone" as never
        const moved = yield* store.commit([], [
          { kind: "received", user: bob, device, conversation, upTo: 3 },
          { kind: "read", user: bob, conversation, upTo: 3 }
        ])
        assert.deepEqual(moved.moves.map((move) => move._tag === "Moved" && move.moved), [false, false])
        assert.deepEqual((yield* store.behind({ user: bob, device, limit: 10 })).items, [{
          conversation,
          received: 8,
          head: 9
        }])
      })
  ),

  contractCase(
    "groups: with history for all, what was said before is there for who comes",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        yield* created(names, {}, "all")
        yield* commit(text(alice, conversation), change(names, alice, { action: "members_added", members: [bob] }))
        assert.deepEqual(yield* commit(...about(bob, conversation, 2)), ["4", "forbidden", "forbidden", "5"])
      })
  ),

  contractCase(
    "P8 what a block keeps from somebody is not there for them, also when it is over",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol } = names
        const conversation = Conversation.direct(alice, bob)
        const store = yield* MessageStore
        yield* commit(text(bob, conversation, 10), text(bob, conversation, 11))
        yield* store.setBlock(alice, bob, true, 20)
        const edited: Append = { ...stamped(bob, conversation, 30), kind: "edit", target: 2, text: "other" }
        yield* commit(text(bob, conversation, 25), edited)
        const tried = Effect.forEach([1, 2, 3], (target) => commit(react(alice, conversation, target, "🎉")))
        assert.deepEqual(yield* tried, [["5"], ["not_found"], ["not_found"]])
        yield* store.setBlock(alice, bob, false, 40)
        yield* commit(text(bob, conversation, 50))
        assert.deepEqual(yield* commit(...[2, 3, 6].map((target) => text(alice, conversation, 60, target))), [
          "not_found",
          "not_found",
          "7"
        ])
        // Whoever is blocked sees everything, and so does everybody else.
        assert.deepEqual(yield* commit(react(bob, conversation, 3, "🎉")), ["8"])
        yield* created(names, { bob: "member", carol: "member" })
        yield* store.setBlock(alice, bob, true, 70)
        yield* commit(text(bob, names.conversation, 80))
        assert.deepEqual(
          yield* commit(react(alice, names.conversation, 2, "🎉"), react(carol, names.conversation, 2, "🎉")),
          ["not_found", "3"]
        )
      })
  ),

  contractCase(
    "P3 a reaction is there once, and a removal takes away what is there",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const conversation = Conversation.direct(alice, bob)
        const store = yield* MessageStore
        yield* commit(text(alice, conversation))
        assert.deepEqual(yield* commit(react(bob, conversation, 1, "👍", true)), ["not_found"])
        assert.deepEqual(
          yield* commit(
            react(bob, conversation, 1, "👍"),
            react(bob, conversation, 1, "👍"),
            react(alice, conversation, 1, "👍")
          ),
          ["2", "2 again", "3"]
        )
        assert.deepEqual(
          yield* commit(react(bob, conversation, 1, "👍"), react(bob, conversation, 1, "🎉")),
          ["2 again", "4"]
        )
        assert.deepEqual(
          yield* commit(react(bob, conversation, 1, "👍", true), react(bob, conversation, 1, "👍", true)),
          ["5", "5 again"]
        )
        assert.deepEqual(yield* commit(react(bob, conversation, 1, "👍", true), react(bob, conversation, 1, "👍")), [
          "5 again",
          "6"
        ])
        const { entries } = yield* store.history({ conversation, after: 0, limit: 100 })
        assert.equal(entries.length, 6)
      })
  )
]
