/** What a store has to do for a list of conversations with the last spoken in first. */
import { Array, Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, DeviceId, GroupId, type MessageId, UserId } from "../../domain/Ids.ts"
import type { Place } from "../../domain/ListCursor.ts"
import { type Append, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

interface RecentCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

type Change = Extract<Append, { kind: "group" }>["change"]

const phone = DeviceId.make("phone")

const stamped = (sender: UserId, conversation: ConversationId, at: number) => ({
  conversation,
  sender,
  clientId: undefined,
  messageId: "recent" as MessageId,
  at
})

const text = (sender: UserId, conversation: ConversationId, at: number, body = "hi"): Append => ({
  ...stamped(sender, conversation, at),
  kind: "text",
  text: body,
  replyTo: undefined
})

const change = (sender: UserId, group: GroupId, at: number, change: Change): Append => ({
  ...stamped(sender, Conversation.group(group), at),
  kind: "group",
  group,
  change
})

const commit = Effect.fnUntraced(function*(appends: ReadonlyArray<Append>) {
  const store = yield* MessageStore
  for (const chunk of Array.chunksOf(appends, 500)) yield* store.commit(chunk, [])
})

const page = Effect.fnUntraced(function*(user: UserId, limit: number, before?: Place) {
  const store = yield* MessageStore
  return yield* store.recent({ user, device: phone, limit, ...(before === undefined ? {} : { before }) })
})

/** All pages; `between` is done before each further one. */
const listed = Effect.fnUntraced(function*(
  user: UserId,
  limit: number,
  between: Effect.Effect<void, StoreError, MessageStore> = Effect.void
) {
  const found: Array<string> = []
  let before: Place | undefined
  while (true) {
    const { hasMore, items } = yield* page(user, limit, before)
    assert.ok(items.length <= limit)
    found.push(...items.map(({ conversation }) => conversation))
    if (!hasMore) return found
    const last = items.at(-1)!
    before = { at: last.last_at!, conversation: last.conversation }
    yield* between
  }
})

const recentCase = (
  name: string,
  body: (alice: UserId, bob: UserId, suffix: string) => RecentCase["effect"]
): RecentCase => ({
  name,
  effect: Effect.gen(function*() {
    const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
    yield* body(UserId.make(`alice-${suffix}`), UserId.make(`bob-${suffix}`), suffix)
  })
})

const minute = 60_000
const group = (name: string) => ({ id: GroupId.make(name), conversation: Conversation.group(GroupId.make(name)) })

export const recentCases: ReadonlyArray<RecentCase> = [
  recentCase(
    "conversations come with the last spoken in first, at any page size",
    (alice, _, suffix) =>
      Effect.gen(function*() {
        const times = Array.range(1, 700)
        const direct = (i: number) => Conversation.direct(alice, UserId.make(`o${i}-${suffix}`))
        const tea = (i: number) => group(`g${i}-${suffix}`)
        const created = { action: "created" as const, name: "tea", members: [{ user: alice, role: "owner" as const }] }
        // Some within one minute of each other, some hours apart, in no order of name; each tenth is a group.
        const at = (i: number) => 10 * minute + (i * 389 % 700) * (i % 3 === 0 ? 97 : 7 * minute)
        const of = (i: number) => i % 10 === 0 ? tea(i).conversation : direct(i)
        yield* commit(
          times.map((i) => i % 10 === 0 ? change(alice, tea(i).id, at(i), created) : text(alice, direct(i), at(i)))
        )
        // What was spoken in again has moved up.
        yield* commit([text(alice, of(7), 9_000 * minute), text(alice, of(20), 9_000 * minute + 1)])
        const placed = times.map((i) => ({
          id: of(i),
          at: i === 7 ? 9_000 * minute : i === 20 ? 9_000 * minute + 1 : at(i)
        }))
        const wanted = placed.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id)
        assert.deepEqual(yield* listed(alice, 100), wanted)
        assert.deepEqual(yield* listed(alice, 33), wanted)
        assert.deepEqual(yield* listed(alice, 700), wanted)
      })
  ),

  recentCase(
    "nothing that stays is missed or told twice while others move up between two pages",
    (alice, _, suffix) =>
      Effect.gen(function*() {
        const direct = Array.range(1, 40).map((i) => Conversation.direct(alice, UserId.make(`o${i}-${suffix}`)))
        yield* commit(direct.map((id, i) => text(alice, id, 1_000 + Math.floor(i / 2))))
        let now = 10 * minute
        let next = 0
        const found = yield* listed(alice, 7, Effect.suspend(() => commit([text(alice, direct[next++ * 3]!, ++now)])))
        const stayed = direct.filter((_, i) => i % 3 !== 0 || i >= next * 3)
        const wanted = stayed.toSorted((a, b) => {
          const [i, j] = [direct.indexOf(a), direct.indexOf(b)]
          return Math.floor(j / 2) - Math.floor(i / 2) || (a < b ? 1 : -1)
        })
        assert.deepEqual(found.filter((id) => stayed.includes(id as ConversationId)), wanted)
      })
  ),

  recentCase(
    "the last words are the last text or change of a group, as history shows it",
    (alice, bob, suffix) =>
      Effect.gen(function*() {
        const store = yield* MessageStore
        const conversation = Conversation.direct(alice, bob)
        const last = Effect.map(page(bob, 10), ({ items }) => {
          const item = items.find((each) => each.conversation === conversation)!
          return [item.last_at, item.last_message] as const
        })
        const inHistory = (seq: number) =>
          Effect.map(store.history({ conversation, after: seq - 1, limit: 1 }), ({ entries }) => entries[0])
        yield* commit([text(alice, conversation, 1_000, "one"), text(bob, conversation, 2_000, "two")])
        assert.deepEqual(yield* last, [2_000, yield* inHistory(2)])
        yield* commit([
          { ...stamped(bob, conversation, 3_000), kind: "reaction", target: 1, emoji: "👍", remove: false },
          { ...stamped(bob, conversation, 4_000), kind: "edit", target: 2, text: "two!" }
        ])
        const [at, edited] = yield* last
        assert.equal(at, 2_000)
        assert.deepEqual(edited, yield* inHistory(2))
        assert.equal(edited?.kind === "text" && edited.text, "two!")
        yield* commit([{ ...stamped(bob, conversation, 5_000), kind: "delete", target: 2 }])
        const [, deleted] = yield* last
        assert.ok(deleted?.kind === "text" && deleted.deleted === true && deleted.text === undefined)

        const { conversation: tea, id } = group(`tea-${suffix}`)
        const members = [{ user: alice, role: "owner" as const }, { user: bob, role: "member" as const }]
        yield* commit([change(alice, id, 6_000, { action: "created", name: "tea", members })])
        const [first] = (yield* page(bob, 10)).items
        assert.equal(first?.conversation, tea)
        assert.equal(first.last_message?.kind, "group")
        yield* commit([change(bob, id, 7_000, { action: "left" })])
        assert.deepEqual((yield* page(bob, 10)).items.map((each) => each.conversation), [conversation])
      })
  ),

  recentCase(
    "what was said before somebody came, or is gone, is nobody's last word",
    (alice, bob, suffix) =>
      Effect.gen(function*() {
        const store = yield* MessageStore
        const { conversation, id } = group(`late-${suffix}`)
        const members = [{ user: alice, role: "owner" as const }]
        yield* commit([
          change(alice, id, 1_000, { action: "created", name: "late", members }),
          text(alice, conversation, 2_000, "before bob"),
          change(alice, id, 3_000, { action: "members_added", members: [bob] })
        ])
        const [item] = (yield* page(bob, 10)).items
        assert.deepEqual([item?.last_message?.kind, item?.last_message?.seq, item?.last_at], ["group", 3, 3_000])

        const direct = Conversation.direct(alice, bob)
        yield* commit([text(alice, direct, 4_000, "alice was here")])
        yield* store.eraseUser(alice)
        const left = (yield* page(bob, 10)).items.find((each) => each.conversation === direct)
        assert.ok(left?.last_message?.kind === "text" && left.last_message.deleted === true)
        assert.deepEqual((yield* page(alice, 10)).items, [])
        yield* commit([text(bob, direct, 5_000, "hello, new alice")])
        const [begun] = (yield* page(alice, 10)).items
        assert.ok(begun?.last_message?.kind === "text" && begun.last_message.text === "hello, new alice")
      })
  )
]
