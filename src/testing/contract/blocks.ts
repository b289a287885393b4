/** What a store has to do about blocks, and about who may see something of whom. */
import { Array, Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, DeviceId, GroupId, type MessageId, UserId } from "../../domain/Ids.ts"
import { type Append, type CursorMove, MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

const phone = DeviceId.make("phone")

interface Names {
  readonly alice: UserId
  readonly bob: UserId
  readonly carol: UserId
  /** A group of this name, different for each test. */
  readonly group: (name: string) => GroupId
}

const contractCase = (name: string, body: (names: Names) => Effect.Effect<void, StoreError, MessageStore>) => ({
  name,
  effect: Effect.gen(function*() {
    const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
    const user = (name: string) => UserId.make(`${name}-${suffix}`)
    yield* body({
      alice: user("alice"),
      bob: user("bob"),
      carol: user("carol"),
      group: (name) => GroupId.make(`${name}-${suffix}`)
    })
  })
})

let counter = 0

const text = (sender: UserId, conversation: ConversationId, at = 1_000): Append => ({
  kind: "text",
  conversation,
  sender,
  clientId: undefined,
  messageId: `blocks${counter++}` as MessageId,
  at,
  text: "hi",
  replyTo: undefined
})

const change = (sender: UserId, group: GroupId, change: Extract<Append, { kind: "group" }>["change"]): Append => ({
  kind: "group",
  conversation: Conversation.group(group),
  group,
  sender,
  clientId: undefined,
  messageId: `blocks${counter++}` as MessageId,
  at: 1_000,
  change
})

const created = (group: GroupId, owner: UserId, ...others: ReadonlyArray<UserId>) =>
  change(owner, group, {
    action: "created",
    name: "tea",
    members: [{ user: owner, role: "owner" }, ...others.map((user) => ({ user, role: "member" as const }))]
  })

const commit = Effect.fnUntraced(function*(appends: ReadonlyArray<Append>, moves: ReadonlyArray<CursorMove> = []) {
  const store = yield* MessageStore
  for (const chunk of Array.chunksOf(appends, 200)) yield* store.commit(chunk, [])
  yield* store.commit([], moves)
})

const moved = (user: UserId, conversation: ConversationId, delivered: number, read: number) =>
  commit([], [
    { kind: "received", user, device: phone, conversation, upTo: delivered },
    { kind: "read", user, conversation, upTo: read }
  ])

/** How far `member` is, as `reader` may know it: the same in the list and when it is asked for. */
const seen = Effect.fnUntraced(function*(conversation: ConversationId, member: UserId, reader: UserId) {
  const store = yield* MessageStore
  const { items } = yield* store.conversations({ user: reader, device: phone, limit: 10 })
  const item = items.find((each) => each.conversation === conversation)
  const position = (yield* store.positions(conversation, reader)).find(({ user }) => user === member)
  assert.deepEqual([item?.peer_delivered, item?.peer_read], [position?.delivered, position?.read])
  return [position?.delivered, position?.read]
})

export const blocksContract = [
  contractCase(
    "of a name 16 spans are kept: those with the shortest pause between them become one",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        // Pauses of 10, but for one of 5, after the third.
        for (let i = 0; i < 16; i++) {
          const from = 100 + i * 20 - (i > 2 ? 5 : 0)
          yield* store.setBlock(alice, bob, true, from)
          yield* store.setBlock(alice, bob, false, from + 10)
        }
        const before = yield* store.blocks(alice)
        assert.equal(before.length, 16)
        const after = yield* store.setBlock(alice, bob, true, 1_000)
        assert.deepEqual(after, [
          ...before.slice(0, 2),
          { blocked: bob, since: 140, until: 165 },
          ...before.slice(4),
          { blocked: bob, since: 1_000 }
        ])
        assert.deepEqual(yield* store.blocks(alice), after)
        for (let at = 1_001; at < 1_101; at++) yield* store.setBlock(alice, bob, at % 2 === 0, at)
        assert.equal((yield* store.blocks(alice)).length, 16)
        assert.deepEqual((yield* store.blocks(alice)).at(-1), { blocked: bob, since: 1_000 })
      })
  ),

  contractCase(
    "a block that no time has passed in is none, and one that begins before the last ended goes on",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        yield* store.setBlock(alice, bob, true, 50)
        assert.deepEqual(yield* store.setBlock(alice, bob, false, 50), [])
        yield* store.setBlock(alice, bob, true, 100)
        yield* store.setBlock(alice, bob, false, 200)
        assert.deepEqual(yield* store.setBlock(alice, bob, true, 150), [{ blocked: bob, since: 100 }])
      })
  ),

  contractCase("of many who block and unblock at once, one comes last", (names) =>
    Effect.gen(function*() {
      const { alice, bob } = names
      const store = yield* MessageStore
      yield* Effect.forEach(
        Array.range(1, 30),
        (i) => store.setBlock(alice, bob, i % 3 > 0, i * 10),
        { concurrency: 6 }
      )
      yield* store.setBlock(alice, bob, true, 1_000)
      const spans = yield* store.blocks(alice)
      assert.equal(spans.filter(({ until }) => until === undefined).length, 1)
      assert.equal(spans.at(-1)?.until, undefined)
      for (const [i, { until }] of spans.slice(0, -1).entries()) assert.ok(until! < spans[i + 1]!.since)
    })),

  contractCase(
    "across a block neither sees how far the other came since, whoever blocks",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        const conversation = Conversation.direct(alice, bob)
        yield* commit(Array.range(1, 9).map((i) => text(i % 2 === 0 ? alice : bob, conversation)))
        yield* moved(alice, conversation, 3, 2)
        yield* moved(bob, conversation, 5, 4)
        yield* store.setBlock(alice, bob, true, 2_000)
        yield* moved(alice, conversation, 6, 6)
        yield* moved(bob, conversation, 7, 7)
        const both = Effect.all([seen(conversation, bob, alice), seen(conversation, alice, bob)])
        assert.deepEqual(yield* both, [[5, 4], [3, 2]])
        // One's own position is one's own.
        assert.deepEqual((yield* store.positions(conversation, alice)).find(({ user }) => user === alice)?.read, 6)
        // Of two blocks the one that began first counts, and when one of them ends, the other.
        yield* store.setBlock(bob, alice, true, 3_000)
        yield* moved(bob, conversation, 9, 9)
        assert.deepEqual(yield* both, [[5, 4], [3, 2]])
        yield* store.setBlock(alice, bob, false, 4_000)
        assert.deepEqual(yield* both, [[7, 7], [6, 6]])
        yield* store.setBlock(bob, alice, false, 5_000)
        assert.deepEqual(yield* both, [[9, 9], [6, 6]])
      })
  ),

  contractCase("who shares one of very many groups is visibleTo, from either side", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol, group } = names
      const store = yield* MessageStore
      const visibleTo = (user: UserId, ...others: ReadonlyArray<UserId>) =>
        Effect.map(store.visibleTo(user, others), (all) => [...all].sort())
      const many = (owner: UserId, name: string, count: number) =>
        commit(Array.range(1, count).map((i) => created(group(`${name}${i}`), owner)))
      yield* many(alice, "a", 600)
      yield* many(bob, "b", 600)
      yield* many(carol, "c", 3)
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [])
      assert.deepEqual(yield* visibleTo(carol, alice, bob), [])
      yield* commit([created(group("z"), alice, bob), created(group("y"), carol, alice)])
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [bob, carol].sort())
      assert.deepEqual(yield* visibleTo(bob, alice, carol), [alice])
      assert.deepEqual(yield* visibleTo(carol, alice, bob), [alice])
      yield* commit([change(alice, group("y"), { action: "left" }), change(bob, group("z"), { action: "left" })])
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [])
      yield* commit([text(alice, Conversation.direct(alice, carol))])
      assert.deepEqual(yield* visibleTo(alice, bob, carol), [carol])
    })),

  contractCase(
    "the latest time is that of an entry or of a block, whichever is later than now",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        const base = yield* store.latest(0)
        assert.equal(yield* store.latest(base + 7), base + 7)
        yield* commit([text(alice, Conversation.direct(alice, bob), base + 10)])
        assert.equal(yield* store.latest(base), base + 10)
        yield* store.setBlock(alice, bob, true, base + 20)
        assert.equal(yield* store.latest(base), base + 20)
        yield* store.setBlock(alice, bob, false, base + 30)
        assert.equal(yield* store.latest(base + 1), base + 30)
      })
  )
]
