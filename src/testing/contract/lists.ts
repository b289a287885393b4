/** What a store has to do for somebody with thousands of conversations, or with thousands of entries in one. */
import { Array, Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, DeviceId, GroupId, type MessageId, UserId } from "../../domain/Ids.ts"
import { type Append, type CursorMove, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

interface ListCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

const phone = DeviceId.make("phone")

const text = (sender: UserId, conversation: ConversationId): Append => ({
  conversation,
  sender,
  clientId: undefined,
  messageId: `lists` as MessageId,
  at: 1_000,
  kind: "text",
  text: "hi",
  replyTo: undefined
})

const change = (sender: UserId, group: GroupId, change: Extract<Append, { kind: "group" }>["change"]): Append => ({
  conversation: Conversation.group(group),
  sender,
  clientId: undefined,
  messageId: `lists` as MessageId,
  at: 1_000,
  kind: "group",
  group,
  change
})

const received = (user: UserId, conversation: ConversationId): CursorMove => ({
  kind: "received",
  user,
  device: phone,
  conversation,
  upTo: 1
})

const commit = Effect.fnUntraced(function*(appends: ReadonlyArray<Append>, moves: ReadonlyArray<CursorMove> = []) {
  const store = yield* MessageStore
  for (const chunk of Array.chunksOf(appends, 500)) yield* store.commit(chunk, [])
  for (const chunk of Array.chunksOf(moves, 500)) yield* store.commit([], chunk)
})

/** All pages, and how many of them there were. */
const behind = Effect.fnUntraced(function*(user: UserId, limit: number) {
  const store = yield* MessageStore
  const found: Array<string> = []
  let after: ConversationId | undefined
  let pages = 0
  do {
    const page = yield* store.behind({ user, device: phone, limit, ...(after === undefined ? {} : { after }) })
    found.push(...page.items.map(({ conversation }) => conversation))
    assert.ok(page.next === undefined || after === undefined || page.next > after)
    after = page.next
    pages++
  } while (after !== undefined)
  return { found, pages }
})

const listed = Effect.fnUntraced(function*(user: UserId, limit: number) {
  const store = yield* MessageStore
  const found: Array<readonly [string, number]> = []
  let after: ConversationId | undefined
  while (true) {
    const page = yield* store.conversations({ user, device: phone, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(page.items.length <= limit)
    found.push(...page.items.map(({ conversation, unread }) => [conversation, unread] as const))
    if (!page.hasMore) return found
    after = page.items.at(-1)!.conversation
  }
})

const listCase = (
  name: string,
  body: (alice: UserId, suffix: string) => ListCase["effect"]
): ListCase => ({
  name,
  effect: Effect.gen(function*() {
    const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
    yield* body(UserId.make(`alice-${suffix}`), suffix)
  })
})

export const listCases: ReadonlyArray<ListCase> = [
  listCase(
    "P4 P5 whoever has much is looked at in steps, and nothing is missed or told twice",
    (alice, suffix) =>
      Effect.gen(function*() {
        const others = Array.range(1, 1_100).map((i) => UserId.make(`o${i}-${suffix}`))
        const direct = others.map((other) => Conversation.direct(alice, other)).sort()
        yield* commit(direct.map((conversation) => text(alice, conversation)))
        const group = (i: number) => GroupId.make(`g${1_000 + i}-${suffix}`)
        const members = [{ user: alice, role: "owner" as const }]
        const created = (i: number) => change(alice, group(i), { action: "created", name: "tea", members })
        // Groups that are over, more than one look.
        yield* commit(Array.range(1, 300).flatMap((i) => [created(i), change(alice, group(i), { action: "left" })]))
        yield* commit([created(301)])
        const last = Conversation.group(group(301))
        assert.deepEqual((yield* behind(alice, 100)).found, [...direct, last])
        const due = [direct[0]!, direct[255]!, direct[256]!, direct[1_023]!, direct[1_099]!]
        yield* commit([], direct.filter((each) => !due.includes(each)).map((each) => received(alice, each)))
        const { found, pages } = yield* behind(alice, 100)
        assert.deepEqual(found, [...due, last])
        assert.ok(pages > 1, "1,401 memberships are not looked at in one step")
        assert.deepEqual((yield* behind(alice, 1)).found, [...due, last])
        assert.deepEqual((yield* behind(alice, 6)).found, [...due, last])
        assert.deepEqual((yield* listed(alice, 100)).map(([id]) => id), [...direct, last])
      })
  ),

  listCase("unread is counted alike, however much there is", (alice, suffix) =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      const bob = UserId.make(`bob-${suffix}`)
      const conversation = Conversation.direct(alice, bob)
      const unread = Effect.map(listed(bob, 10), (all) => all.map(([, count]) => count))
      const say = (sender: UserId, count: number) => commit(Array.range(1, count).map(() => text(sender, conversation)))
      yield* say(alice, 100)
      assert.deepEqual(yield* unread, [100])
      yield* say(alice, 1)
      assert.deepEqual(yield* unread, [101])
      yield* say(bob, 400)
      yield* say(alice, 99)
      assert.deepEqual(yield* unread, [200])
      yield* store.commit([{ ...text(alice, conversation), kind: "delete", target: 50 }], [])
      assert.deepEqual(yield* unread, [199])
      yield* store.commit([], [{ kind: "read", user: bob, conversation, upTo: 100 }])
      assert.deepEqual(yield* unread, [100])
      yield* say(alice, 998)
      assert.deepEqual(yield* unread, [1_000])
    }))
]
