/**
 * What a `MessageStore` has to do, as a list of named effects: run each against a store of your own with the test
 * framework of your choice. Each case uses names of its own, so all of them can run on one store.
 */
import { Array, Clock, Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../domain/Conversation.ts"
import * as Errors from "../domain/Errors.ts"
import { ClientId, type ConversationId, DeviceId, GroupId, type MessageId, UserId } from "../domain/Ids.ts"
import {
  type Append,
  type AppendResult,
  type Behind,
  type CursorMove,
  MessageStore,
  type StoreError
} from "../services/storage/MessageStore.ts"
import { blocksContract } from "./contract/blocks.ts"
import { deviceCases } from "./contract/devices.ts"
import { erasureCases } from "./contract/erasure.ts"
import { groupCases } from "./contract/groups.ts"
import { listCases } from "./contract/lists.ts"
import { recentCases } from "./contract/recent.ts"
import { retentionCases } from "./contract/retention.ts"

export interface ContractCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

interface Names {
  readonly alice: UserId
  readonly bob: UserId
  readonly carol: UserId
  readonly conversation: ConversationId
  readonly group: GroupId
}

const phone = DeviceId.make("phone")
const tablet = DeviceId.make("tablet")

let counter = 0
const messageId = () => `m${counter++}` as MessageId

interface TextOptions {
  readonly id?: string
  readonly at?: number
  readonly replyTo?: number
  readonly conversation?: ConversationId
}

const base = (sender: UserId, conversation: ConversationId, { at = 1_000, id }: TextOptions) => ({
  conversation,
  sender,
  clientId: id === undefined ? undefined : ClientId.make(id),
  messageId: messageId(),
  at
})

const text = (names: Names, sender: UserId, body: string, options: TextOptions = {}): Append => ({
  ...base(sender, options.conversation ?? names.conversation, options),
  kind: "text",
  text: body,
  replyTo: options.replyTo
})

const edit = (names: Names, sender: UserId, target: number, body: string, id?: string): Append => ({
  ...base(sender, names.conversation, id === undefined ? {} : { id }),
  kind: "edit",
  target,
  text: body
})

const remove = (names: Names, sender: UserId, target: number): Append => ({
  ...base(sender, names.conversation, {}),
  kind: "delete",
  target
})

const react = (names: Names, sender: UserId, target: number, emoji: string, off = false): Append => ({
  ...base(sender, names.conversation, {}),
  kind: "reaction",
  target,
  emoji,
  remove: off
})

const change = (names: Names, sender: UserId, change: Extract<Append, { kind: "group" }>["change"]): Append => ({
  ...base(sender, Conversation.group(names.group), {}),
  kind: "group",
  group: names.group,
  change
})

const codeOf = (result: AppendResult | undefined): string =>
  result === undefined
    ? "nothing"
    : result._tag === "Accepted"
    ? `${result.seq}${result.duplicate ? " again" : ""}`
    : result.error.code

const commit = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
  const store = yield* MessageStore
  return (yield* store.commit(appends, [])).appends.map(codeOf)
})

const move = Effect.fnUntraced(function*(...moves: ReadonlyArray<CursorMove>) {
  const store = yield* MessageStore
  return (yield* store.commit([], moves)).moves.map((result) =>
    result._tag === "Moved"
      ? { moved: result.moved, delivered: result.delivered, read: result.read }
      : result.error.code
  )
})

const received = (user: UserId, conversation: ConversationId, upTo: number, device = phone): CursorMove => ({
  kind: "received",
  user,
  device,
  conversation,
  upTo
})

const read = (user: UserId, conversation: ConversationId, upTo: number): CursorMove => ({
  kind: "read",
  user,
  conversation,
  upTo
})

const behind = Effect.fnUntraced(function*(user: UserId, device = phone, limit = 10) {
  const store = yield* MessageStore
  const found: Array<Behind> = []
  let after: ConversationId | undefined
  do {
    const page = yield* store.behind({ user, device, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(page.items.length <= limit)
    found.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return found
})

const entries = Effect.fnUntraced(function*(conversation: ConversationId, from = 1) {
  const store = yield* MessageStore
  return (yield* store.history({ conversation, after: 0, limit: 100, from })).entries
})

const texts = (names: Names) =>
  Effect.map(entries(names.conversation), (all) => all.map((entry) => entry.kind === "text" ? entry.text : entry.kind))

const contractCase = (
  name: string,
  body: (names: Names) => Effect.Effect<void, StoreError, MessageStore>
): ContractCase => ({
  name,
  effect: Effect.gen(function*() {
    const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
    const alice = UserId.make(`alice-${suffix}`)
    const bob = UserId.make(`bob-${suffix}`)
    yield* body({
      alice,
      bob,
      carol: UserId.make(`carol-${suffix}`),
      conversation: Conversation.direct(alice, bob),
      group: GroupId.make(`g-${suffix}`)
    })
  })
})

const many = (names: Names, count: number, sender = names.alice, since = 0) =>
  Effect.forEach(
    Array.chunksOf(Array.range(1, count), 100),
    (chunk) => commit(...chunk.map((i) => text(names, sender, `text ${i}`, { at: since + i }))),
    { discard: true }
  )

const group = Effect.fnUntraced(function*(names: Names) {
  const { alice, bob } = names
  const members = [{ user: alice, role: "owner" as const }, { user: bob, role: "member" as const }]
  assert.deepEqual(yield* commit(change(names, alice, { action: "created", name: "tea", members })), ["1"])
  return Conversation.group(names.group)
})

export const messageStoreContract: ReadonlyArray<ContractCase> = [
  ...erasureCases,
  ...listCases,
  ...recentCases,
  ...retentionCases,
  ...deviceCases,
  contractCase("P2 sequence numbers are contiguous from 1 in each conversation", (names) =>
    Effect.gen(function*() {
      const other = Conversation.direct(names.alice, names.carol)
      assert.deepEqual(
        yield* commit(
          text(names, names.alice, "a"),
          text(names, names.bob, "b"),
          text(names, names.alice, "c", { conversation: other }),
          text(names, names.alice, "d")
        ),
        ["1", "2", "1", "3"]
      )
      assert.deepEqual(yield* texts(names), ["a", "b", "d"])
    })),

  contractCase("P2 concurrent commits leave no gap and no double", (names) =>
    Effect.gen(function*() {
      const results = yield* Effect.forEach(
        Array.range(1, 40),
        (i) => commit(text(names, i % 2 === 0 ? names.alice : names.bob, `${i}`), text(names, names.alice, `${i}'`)),
        { concurrency: 8 }
      )
      assert.deepEqual(results.flat().map(Number).sort((a, b) => a - b), Array.range(1, 80))
      assert.deepEqual((yield* entries(names.conversation)).map((e) => e.seq), Array.range(1, 80))
    })),

  contractCase(
    "P3 the same id and content is the same message, also within one batch",
    (names) =>
      Effect.gen(function*() {
        const first = text(names, names.alice, "hello", { id: "1", at: 5 })
        const retry = text(names, names.alice, "hello", { id: "1", at: 9 })
        const store = yield* MessageStore
        const { appends } = yield* store.commit([first, retry], [])
        assert.deepEqual(appends.map(codeOf), ["1", "1 again"])
        const [again] = (yield* store.commit([retry], [])).appends
        assert.deepEqual(again, { _tag: "Accepted", seq: 1, messageId: first.messageId, at: 5, duplicate: true })
        assert.deepEqual(yield* texts(names), ["hello"])
      })
  ),

  contractCase(
    "P3 the same id with other content is a conflict, in text, target or conversation",
    (names) =>
      Effect.gen(function*() {
        const { alice, carol } = names
        yield* commit(text(names, alice, "hello", { id: "1" }))
        assert.deepEqual(
          yield* commit(
            text(names, alice, "other", { id: "1" }),
            text(names, alice, "hello", { id: "1", replyTo: 1 }),
            text(names, alice, "hello", { id: "1", conversation: Conversation.direct(alice, carol) }),
            edit(names, alice, 1, "hello", "1")
          ),
          ["id_conflict", "id_conflict", "id_conflict", "id_conflict"]
        )
        assert.deepEqual(yield* texts(names), ["hello"])
      })
  ),

  contractCase("P3 ids belong to their sender", (names) =>
    Effect.gen(function*() {
      assert.deepEqual(
        yield* commit(text(names, names.alice, "a", { id: "1" }), text(names, names.bob, "b", { id: "1" })),
        ["1", "2"]
      )
    })),

  contractCase("P3 a retry is known after its message was edited or deleted", (names) =>
    Effect.gen(function*() {
      const { alice } = names
      yield* commit(text(names, alice, "one", { id: "1" }), text(names, alice, "two", { id: "2" }))
      yield* commit(edit(names, alice, 1, "one!"), remove(names, alice, 2))
      assert.deepEqual(
        yield* commit(
          text(names, alice, "one", { id: "1" }),
          text(names, alice, "one!", { id: "1" }),
          text(names, alice, "two", { id: "2" })
        ),
        ["1 again", "id_conflict", "2 again"]
      )
    })),

  contractCase(
    "P3 a retry of an edit is known after its target was deleted, and no other text passes for it",
    (names) =>
      Effect.gen(function*() {
        const { alice } = names
        yield* commit(text(names, alice, "one"), edit(names, alice, 1, "two", "e"), remove(names, alice, 1))
        assert.deepEqual(
          yield* commit(edit(names, alice, 1, "two", "e"), edit(names, alice, 1, "three", "e")),
          ["2 again", "id_conflict"]
        )
      })
  ),

  contractCase("P3 a retry in a group is known after its sender was taken out", (names) =>
    Effect.gen(function*() {
      const { alice, bob } = names
      const conversation = yield* group(names)
      const said = text(names, bob, "hello", { conversation, id: "1" })
      yield* commit(said)
      assert.deepEqual(
        yield* commit(
          change(names, alice, { action: "members_removed", members: [bob] }),
          said,
          text(names, bob, "more", { conversation, id: "2" })
        ),
        ["3", "2 again", "not_a_member"]
      )
    })),

  contractCase(
    "P3 a change that the group does not want is made only by a retry of what it wanted then",
    (names) =>
      Effect.gen(function*() {
        const { alice } = names
        const store = yield* MessageStore
        yield* group(names)
        const refusal = Errors.forbidden("Not now.")
        const renamed = { ...change(names, alice, { action: "renamed", name: "coffee" }), clientId: ClientId.make("1") }
        assert.deepEqual(yield* commit({ ...renamed, refusal }), ["forbidden"])
        assert.deepEqual(yield* commit(renamed, { ...renamed, refusal }), ["2", "2 again"])
        assert.equal((yield* store.group(names.group))?.headSeq, 2)
      })
  ),

  contractCase(
    "a refused append costs no sequence number, and the rest of its batch is kept",
    (names) =>
      Effect.gen(function*() {
        const { alice } = names
        assert.deepEqual(
          yield* commit(
            text(names, alice, "a"),
            edit(names, alice, 7, "x"),
            remove(names, alice, 9),
            text(names, alice, "b")
          ),
          ["1", "not_found", "not_found", "2"]
        )
      })
  ),

  contractCase(
    "edits change the shown text; only the sender's, and only of what is there",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        yield* commit(text(names, alice, "helo"))
        assert.deepEqual(
          yield* commit(edit(names, bob, 1, "mine"), edit(names, alice, 1, "hello"), edit(names, alice, 2, "an edit")),
          ["forbidden", "2", "not_found"]
        )
        const [first, second] = yield* entries(names.conversation)
        assert.deepEqual({ ...first, message_id: "" }, {
          kind: "text",
          seq: 1,
          message_id: "",
          sender: alice,
          at: 1_000,
          text: "hello",
          edited_at: 1_000
        })
        assert.deepEqual({ ...second, message_id: "" }, {
          kind: "edit",
          seq: 2,
          message_id: "",
          sender: alice,
          at: 1_000,
          target: 1,
          text: "hello"
        })
      })
  ),

  contractCase(
    "a deleted text keeps its place and loses its text and the texts of its edits",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        yield* commit(text(names, alice, "secret"), edit(names, alice, 1, "secret!"))
        assert.deepEqual(yield* commit(remove(names, bob, 1), remove(names, alice, 1), remove(names, alice, 1)), [
          "forbidden",
          "3",
          "not_found"
        ])
        const all = yield* entries(names.conversation)
        assert.ok(!JSON.stringify(all).includes("secret"))
        assert.deepEqual(all.map((e) => e.kind), ["text", "edit", "delete"])
        assert.equal(all[0]?.kind === "text" && all[0].deleted, true)
        assert.deepEqual(yield* commit(edit(names, alice, 1, "back"), react(names, bob, 1, "👍")), [
          "not_found",
          "not_found"
        ])
      })
  ),

  contractCase("reactions and replies need a target that is there", (names) =>
    Effect.gen(function*() {
      const { alice, bob } = names
      yield* commit(text(names, alice, "hi"))
      assert.deepEqual(
        yield* commit(
          react(names, bob, 1, "👍🏽"),
          react(names, bob, 1, "👍🏽", true),
          react(names, bob, 9, "👍"),
          text(names, bob, "re", { replyTo: 1 }),
          text(names, bob, "re", { replyTo: 9 })
        ),
        ["2", "3", "not_found", "4", "not_found"]
      )
      const all = yield* entries(names.conversation)
      assert.equal(all[1]?.kind === "reaction" && all[1].emoji, "👍🏽")
      assert.equal(all[1]?.kind === "reaction" && all[1].remove, undefined)
      assert.equal(all[2]?.kind === "reaction" && all[2].remove, true)
      assert.equal(all[3]?.kind === "text" && all[3].reply_to, 1)
    })),

  contractCase("P4 cursors move only forward, per device; reading implies delivery", (names) =>
    Effect.gen(function*() {
      const { bob, conversation } = names
      yield* many(names, 5)
      assert.deepEqual(yield* move(received(bob, conversation, 2)), [{ moved: true, delivered: 2, read: 0 }])
      assert.deepEqual(
        yield* move(received(bob, conversation, 1), received(bob, conversation, 1, tablet), read(bob, conversation, 3)),
        [{ moved: false, delivered: 2, read: 0 }, { moved: false, delivered: 2, read: 0 }, {
          moved: true,
          delivered: 3,
          read: 3
        }]
      )
      const cursor = (device: DeviceId) => Effect.map(behind(bob, device), (all) => all[0]?.received)
      assert.equal(yield* cursor(phone), 2)
      assert.equal(yield* cursor(tablet), 1)
      assert.equal(yield* cursor(DeviceId.make("new")), 0)
    })),

  contractCase(
    "P9 a cursor beyond the head or of a stranger is refused and moves nothing",
    (names) =>
      Effect.gen(function*() {
        const { bob, carol, conversation } = names
        yield* many(names, 3)
        assert.deepEqual(
          yield* move(
            received(bob, conversation, 4),
            received(carol, conversation, 1),
            read(bob, Conversation.direct(bob, carol), 0),
            received(bob, conversation, 3)
          ),
          ["invalid_frame", "not_found", "not_found", { moved: true, delivered: 3, read: 0 }]
        )
      })
  ),

  contractCase("P4 behind lists what a device has not confirmed, in pages", (names) =>
    Effect.gen(function*() {
      const { alice } = names
      const others = Array.range(1, 7).map((i) => UserId.make(`${alice.slice(0, 40)}.${i}`))
      for (const other of others) {
        yield* commit(text(names, other, "hi", { conversation: Conversation.direct(alice, other) }))
      }
      yield* move(received(alice, Conversation.direct(alice, others[2]!), 1))
      const found = (yield* behind(alice, phone, 2)).map(({ conversation }) => conversation)
      const expected = others.filter((_, i) => i !== 2).map((other) => Conversation.direct(alice, other)).sort()
      assert.deepEqual(found, expected)
    })),

  contractCase(
    "history is contiguous in both directions, and says whether there is more",
    (names) =>
      Effect.gen(function*() {
        const store = yield* MessageStore
        const { conversation } = names
        yield* many(names, 25)
        const page = Effect.fnUntraced(function*(where: { before?: number; after?: number }, limit: number) {
          const { entries, firstSeq, hasMore, headSeq } = yield* store.history({ conversation, limit, ...where })
          assert.deepEqual([firstSeq, headSeq], [1, 25])
          return [entries.map((e) => e.seq), hasMore]
        })
        assert.deepEqual(yield* page({ after: 0 }, 3), [[1, 2, 3], true])
        assert.deepEqual(yield* page({ after: 22 }, 3), [[23, 24, 25], false])
        assert.deepEqual(yield* page({ after: 25 }, 3), [[], false])
        assert.deepEqual(yield* page({ before: 26 }, 2), [[24, 25], true])
        assert.deepEqual(yield* page({ before: Number.MAX_SAFE_INTEGER }, 2), [[24, 25], true])
        assert.deepEqual(yield* page({ before: 3 }, 5), [[1, 2], false])
        assert.deepEqual(yield* page({ before: 1 }, 5), [[], false])
      })
  ),

  contractCase("history of what nobody has said yet is an empty page", (names) =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      assert.deepEqual(yield* store.history({ conversation: names.conversation, after: 0, limit: 10 }), {
        entries: [],
        hasMore: false,
        firstSeq: 0,
        headSeq: 0
      })
    })),

  contractCase(
    "conversations come with heads, cursors, unread counts and the peer's receipts",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        const store = yield* MessageStore
        yield* many(names, 4)
        yield* commit(text(names, bob, "own"), remove(names, alice, 4))
        yield* move(received(bob, conversation, 2), read(bob, conversation, 1))
        const { hasMore, items } = yield* store.conversations({ user: bob, device: phone, limit: 10 })
        assert.equal(hasMore, false)
        assert.deepEqual(items, [{
          conversation,
          kind: "direct",
          head_seq: 6,
          received: 2,
          read: 1,
          unread: 2,
          peer: alice,
          peer_delivered: 0,
          peer_read: 0
        }])
        const [mine] = (yield* store.conversations({ user: alice, device: phone, limit: 1 })).items
        assert.deepEqual([mine?.peer_delivered, mine?.peer_read], [2, 1])
      })
  ),

  contractCase("a conversation with oneself has one member", (names) =>
    Effect.gen(function*() {
      const { alice } = names
      const conversation = Conversation.direct(alice, alice)
      const store = yield* MessageStore
      yield* commit(text(names, alice, "note", { conversation }))
      const { items } = yield* store.conversations({ user: alice, device: phone, limit: 10 })
      assert.deepEqual(items.map((i) => [i.conversation, i.peer, i.unread]), [[conversation, alice, 0]])
    })),

  contractCase("texts come back as they went in", (names) =>
    Effect.gen(function*() {
      const bodies = [
        "👩‍👩‍👧‍👦 emoji",
        "\u202eright to left\u202c עברית",
        "'; DROP TABLE entries; --",
        "a".repeat(16_384),
        "\t\r\n \u00a0x"
      ]
      yield* commit(...bodies.map((body) => text(names, names.alice, body)))
      assert.deepEqual(yield* texts(names), bodies)
    })),

  contractCase(
    "P8 names are only names: constructor, upper and lower case, 64 characters",
    (names) =>
      Effect.gen(function*() {
        const store = yield* MessageStore
        const users = ["constructor", "hasOwnProperty", names.alice.toUpperCase(), names.alice, "x".repeat(64)].map((
          u
        ) => UserId.make(u))
        for (const user of users) {
          const conversation = Conversation.direct(user, names.bob)
          const before = (yield* store.history({ conversation, after: 0, limit: 1 })).headSeq
          const id = `${before}`.padEnd(64, "i")
          assert.deepEqual(yield* commit(text(names, user, "hi", { conversation, id })), [`${before + 1}`])
        }
      })
  ),

  contractCase("groups: members, roles and name follow the log", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol } = names
      const store = yield* MessageStore
      const conversation = yield* group(names)
      assert.deepEqual(
        yield* commit(
          change(names, alice, { action: "members_added", members: [carol] }),
          change(names, alice, { action: "role_set", user: bob, role: "admin" }),
          change(names, bob, { action: "renamed", name: "coffee" })
        ),
        ["2", "3", "4"]
      )
      const state = yield* store.group(names.group)
      assert.deepEqual(state, {
        group: names.group,
        conversation,
        name: "coffee",
        members: [
          { user: alice, role: "owner", firstVisible: 1 },
          { user: bob, role: "admin", firstVisible: 1 },
          { user: carol, role: "member", firstVisible: 2 }
        ],
        headSeq: 4,
        version: 4,
        history: "joined"
      })
      assert.deepEqual(yield* store.membership(conversation, carol), { role: "member", firstVisible: 2 })
      const [first] = yield* entries(conversation)
      assert.equal(first?.kind === "group" && first.change.action, "created")
    })),

  contractCase(
    "groups: who was removed or left has no membership, no backlog and no place in the list",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        const conversation = yield* group(names)
        yield* commit(change(names, alice, { action: "members_removed", members: [bob] }))
        assert.equal(yield* store.membership(conversation, bob), undefined)
        assert.deepEqual(yield* behind(bob), [])
        assert.deepEqual((yield* store.conversations({ user: bob, device: phone, limit: 10 })).items, [])
        assert.deepEqual(yield* move(received(bob, conversation, 1)), ["not_found"])
        yield* commit(change(names, alice, { action: "left" }))
        assert.deepEqual((yield* store.group(names.group))?.members, [])
      })
  ),

  contractCase("groups: a new member sees from where they joined", (names) =>
    Effect.gen(function*() {
      const { alice, carol } = names
      const store = yield* MessageStore
      const conversation = yield* group(names)
      yield* commit(text(names, alice, "before", { conversation }))
      yield* commit(change(names, alice, { action: "members_added", members: [carol] }))
      yield* commit(text(names, alice, "after", { conversation }))
      const { firstVisible } = (yield* store.membership(conversation, carol))!
      assert.deepEqual((yield* entries(conversation, firstVisible)).map((e) => e.seq), [3, 4])
      assert.deepEqual(yield* behind(carol), [
        { conversation, received: 2, head: 4 }
      ])
      const [item] = (yield* store.conversations({ user: carol, device: phone, limit: 10 })).items
      assert.deepEqual([item?.unread, item?.received, item?.group], [1, 2, names.group])
    })),

  contractCase(
    "groups: who is in is not added again; who returns begins anew",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        const conversation = yield* group(names)
        assert.deepEqual(
          yield* commit(
            change(names, alice, { action: "role_set", user: bob, role: "admin" }),
            change(names, alice, { action: "members_added", members: [bob] })
          ),
          ["2", "invalid_target"]
        )
        assert.deepEqual(yield* store.membership(conversation, bob), { role: "admin", firstVisible: 1 })
        assert.deepEqual(
          yield* commit(
            change(names, alice, { action: "members_removed", members: [bob] }),
            change(names, alice, { action: "role_set", user: bob, role: "owner" }),
            change(names, alice, { action: "members_added", members: [bob] })
          ),
          ["3", "not_found", "4"]
        )
        assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 4 })
      })
  ),

  contractCase("P8 a group is created once, and changes only its own conversation", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol, conversation } = names
      const store = yield* MessageStore
      yield* group(names)
      yield* commit(text(names, alice, "hi"))
      const members = [{ user: carol, role: "owner" as const }]
      assert.deepEqual(
        yield* commit(
          change(names, carol, { action: "created", name: "mine", members }),
          { ...change(names, alice, { action: "renamed", name: "x" }), conversation }
        ),
        ["id_conflict", "not_found"]
      )
      assert.deepEqual((yield* store.group(names.group))?.members.map((m) => m.user), [alice, bob])
    })),

  contractCase("groups: what was never created is not there", (names) =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      const conversation = Conversation.group(names.group)
      assert.deepEqual(
        yield* commit(text(names, names.alice, "x", { conversation }), change(names, names.alice, { action: "left" })),
        ["not_found", "not_found"]
      )
      assert.equal(yield* store.group(names.group), undefined)
    })),

  contractCase(
    "retention: first_seq moves, the head stays, cursors behind it begin at the first",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        const store = yield* MessageStore
        const since = (yield* Clock.currentTimeMillis) - 40
        yield* many(names, 30, alice, since)
        // Other conversations of a shared store are older than this one's times.
        assert.ok((yield* store.trim({ before: since + 11 })) >= 10)
        const page = yield* store.history({ conversation, after: 0, limit: 3 })
        assert.deepEqual([page.firstSeq, page.headSeq, page.entries.map((e) => e.seq)], [11, 30, [11, 12, 13]])
        assert.deepEqual(yield* behind(bob), [
          { conversation, received: 10, head: 30 }
        ])
        assert.equal(yield* store.trim({ before: since + 11 }), 0)
        assert.deepEqual(yield* commit(text(names, alice, "next", { at: since + 31 }), edit(names, alice, 3, "gone")), [
          "31",
          "not_found"
        ])
      })
  ),

  contractCase("blocks are spans of time, sorted", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol } = names
      const store = yield* MessageStore
      assert.deepEqual(yield* store.setBlock(alice, carol, true, 10), [{ blocked: carol, since: 10 }])
      yield* store.setBlock(alice, bob, true, 11)
      assert.deepEqual(yield* store.setBlock(alice, bob, true, 12), [{ blocked: bob, since: 11 }])
      yield* store.setBlock(alice, carol, false, 20)
      yield* store.setBlock(alice, carol, false, 21)
      yield* store.setBlock(alice, carol, true, 30)
      assert.deepEqual(yield* store.blocks(alice), [
        { blocked: bob, since: 11 },
        { blocked: carol, since: 10, until: 20 },
        { blocked: carol, since: 30 }
      ])
      // Ended and begun again in the same millisecond: it never ended.
      yield* store.setBlock(alice, carol, false, 30)
      yield* store.setBlock(alice, carol, true, 30)
      assert.deepEqual((yield* store.blocks(alice)).at(-1), { blocked: carol, since: 30 })
      assert.deepEqual(yield* store.blocks(bob), [])
    })),

  contractCase(
    "what was said during a block counts as unread for nobody, also when it is over",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        const store = yield* MessageStore
        const unread = Effect.map(
          store.conversations({ user: alice, device: phone, limit: 10 }),
          ({ items }) => items.find((item) => item.conversation === conversation)?.unread
        )
        yield* commit(text(names, bob, "before", { at: 1 }))
        yield* store.setBlock(alice, bob, true, 10)
        yield* commit(text(names, bob, "during", { at: 15 }))
        assert.equal(yield* unread, 1)
        yield* store.setBlock(alice, bob, false, 20)
        yield* commit(text(names, bob, "after", { at: 20 }))
        assert.equal(yield* unread, 2)
      })
  ),

  contractCase(
    "whoever is blocked sees the other's positions as they were when it began",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        const store = yield* MessageStore
        const seenByBob = Effect.gen(function*() {
          const { items } = yield* store.conversations({ user: bob, device: phone, limit: 10 })
          const item = items.find((each) => each.conversation === conversation)
          const position = (yield* store.positions(conversation, bob)).find(({ user }) => user === alice)
          assert.deepEqual([item?.peer_delivered, item?.peer_read], [position?.delivered, position?.read])
          return [position?.delivered, position?.read]
        })
        yield* many(names, 6, bob)
        yield* move(received(alice, conversation, 4), read(alice, conversation, 2))
        yield* store.setBlock(alice, bob, true, 10)
        yield* move(received(alice, conversation, 6), read(alice, conversation, 5))
        assert.deepEqual(yield* seenByBob, [4, 2])
        assert.deepEqual(yield* store.positions(conversation, alice), [
          { user: alice, delivered: 6, read: 5 },
          { user: bob, delivered: 0, read: 0 }
        ])
        yield* store.setBlock(alice, bob, false, 20)
        assert.deepEqual(yield* seenByBob, [6, 5])
      })
  ),

  contractCase(
    "in a group, positions are of its present members, and not across a block",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol } = names
        const store = yield* MessageStore
        const conversation = yield* group(names)
        yield* commit(change(names, alice, { action: "members_added", members: [carol] }))
        yield* commit(text(names, alice, "hi", { conversation }))
        yield* move(received(bob, conversation, 3), received(carol, conversation, 3), read(carol, conversation, 3))
        const carolSeenBy = (reader: UserId) =>
          Effect.map(store.positions(conversation, reader), (all) => all.find(({ user }) => user === carol))
        assert.deepEqual(yield* carolSeenBy(alice), { user: carol, delivered: 3, read: 3 })
        yield* store.setBlock(carol, alice, true, 10)
        assert.deepEqual(yield* carolSeenBy(alice), { user: carol, delivered: 1, read: 1 })
        yield* store.setBlock(bob, carol, true, 10)
        assert.deepEqual(yield* carolSeenBy(bob), { user: carol, delivered: 1, read: 1 })
        yield* commit(change(names, alice, { action: "members_removed", members: [carol] }))
        assert.deepEqual((yield* store.positions(conversation, alice)).map(({ user }) => user), [alice, bob])
      })
  ),

  contractCase(
    "related are those who share a conversation and do not block each other",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, carol } = names
        const store = yield* MessageStore
        const relatedTo = (user: UserId) =>
          Effect.map(
            store.visibleTo(user, [alice, bob, carol].filter((other) => other !== user)),
            (all) => [...all].sort()
          )
        assert.deepEqual(yield* relatedTo(alice), [])
        yield* commit(text(names, alice, "hi"))
        assert.deepEqual([yield* relatedTo(alice), yield* relatedTo(bob)], [[bob], [alice]])
        yield* store.setBlock(bob, alice, true, 1)
        assert.deepEqual([yield* relatedTo(alice), yield* relatedTo(bob)], [[], []])
        assert.deepEqual(
          [yield* store.blockedEitherWay(alice, [bob, carol]), yield* store.blockedEitherWay(bob, [carol, alice])],
          [[bob], [alice]]
        )
        yield* store.setBlock(bob, alice, false, 2)
        assert.deepEqual(yield* store.blockedEitherWay(alice, [bob, carol]), [])
        yield* group(names)
        yield* commit(change(names, alice, { action: "members_added", members: [carol] }))
        assert.deepEqual(yield* relatedTo(carol), [alice, bob])
        yield* commit(change(names, alice, { action: "members_removed", members: [carol] }))
        assert.deepEqual(yield* relatedTo(carol), [])
      })
  ),

  contractCase("when somebody was here last is kept until it is later", ({ alice, bob }) =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      yield* store.putLastSeen([{ user: alice, at: 5 }])
      yield* store.putLastSeen([{ user: alice, at: 7 }])
      assert.deepEqual(yield* store.lastSeen([alice, bob]), [{ user: alice, at: 7 }])
      assert.deepEqual(yield* store.lastSeen([]), [])
    })),

  contractCase("P8 only present members append to a group", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol } = names
      const store = yield* MessageStore
      const conversation = yield* group(names)
      const results = yield* commit(
        text(names, carol, "let me in", { conversation }),
        change(names, carol, { action: "members_added", members: [carol] }),
        change(names, alice, { action: "members_removed", members: [bob] }),
        text(names, bob, "too late", { conversation }),
        text(names, alice, "hi", { conversation })
      )
      assert.deepEqual(results, ["not_found", "not_found", "2", "not_a_member", "3"])
      assert.deepEqual(
        [yield* store.wasMember(conversation, bob), yield* store.wasMember(conversation, alice)],
        [true, false]
      )
      assert.equal(yield* store.wasMember(conversation, carol), false)
    })),

  contractCase(
    "groups: with history for all, a new member sees the log from its beginning",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob } = names
        const store = yield* MessageStore
        const conversation = Conversation.group(names.group)
        const members = [{ user: alice, role: "owner" as const }]
        yield* commit(change(names, alice, { action: "created", name: "tea", members, history: "all" }))
        yield* commit(text(names, alice, "before", { conversation }))
        yield* commit(change(names, alice, { action: "members_added", members: [bob] }))
        assert.equal((yield* store.group(names.group))?.history, "all")
        assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 1 })
        const [item] = (yield* store.conversations({ user: bob, device: phone, limit: 10 })).items
        assert.deepEqual([item?.unread, item?.read], [0, 2])
      })
  ),

  contractCase("bans are kept, replaced and lifted", ({ alice }) =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      const mine = Effect.map(store.bans, (bans) => bans.filter(({ id }) => id === alice))
      yield* store.putBan({ kind: "user", id: alice, at: 1, reason: "rude" })
      yield* store.putBan({ kind: "token", id: alice, at: 2, until: 9_000_000_000_000 })
      assert.deepEqual(yield* mine, [
        { kind: "user", id: alice, at: 1, reason: "rude" },
        { kind: "token", id: alice, at: 2, until: 9_000_000_000_000 }
      ])
      yield* store.putBan({ kind: "user", id: alice, at: 3, until: 4 })
      assert.equal(yield* store.removeBan({ kind: "token", id: alice }), true)
      assert.equal(yield* store.removeBan({ kind: "token", id: alice }), false)
      assert.deepEqual(yield* mine, [{ kind: "user", id: alice, at: 3, until: 4 }])
    })),

  contractCase("export tells what is stored, erase removes it and leaves no gap", (names) =>
    Effect.gen(function*() {
      const { alice, bob, carol, conversation } = names
      const store = yield* MessageStore
      yield* commit(text(names, alice, "mine", { id: "1" }), text(names, bob, "yours"), edit(names, alice, 1, "mine!"))
      yield* move(received(alice, conversation, 3))
      yield* store.setBlock(alice, carol, true, 1)
      const before = yield* store.exportUser(alice)
      assert.deepEqual(before.memberships.map((each) => each.conversation), [conversation])
      assert.deepEqual(before.devices, [{ device: phone, conversation, received: 3 }])
      assert.deepEqual(before.blocks, [{ blocked: carol, since: 1 }])
      assert.equal(yield* store.eraseUser(alice), 2)
      const after = yield* store.exportUser(alice)
      assert.deepEqual(after, { user: alice, bans: [], blocks: [], devices: [], memberships: [] })
      const all = yield* entries(conversation)
      assert.deepEqual(all.map((e) => e.seq), [1, 2, 3])
      assert.ok(!JSON.stringify(all).includes("mine"))
      assert.ok(JSON.stringify(all).includes("yours"))
    })),

  contractCase(
    "P4 P8 after an erasure the name begins anew: new messages arrive, old ones stay unseen",
    (names) =>
      Effect.gen(function*() {
        const { alice, bob, conversation } = names
        const store = yield* MessageStore
        yield* commit(text(names, alice, "old", { id: "1" }), text(names, bob, "old too"))
        yield* move(received(bob, conversation, 1))
        yield* store.setBlock(bob, alice, true, 1)
        yield* store.eraseUser(alice)
        const [item] = (yield* store.conversations({ user: bob, device: phone, limit: 10 })).items
        assert.deepEqual([item?.peer, item?.peer_delivered, item?.peer_read], [alice, undefined, undefined])
        assert.deepEqual(yield* move(received(alice, conversation, 1)), ["not_found"])
        assert.deepEqual(yield* commit(text(names, bob, "new"), text(names, alice, "new", { id: "1" })), ["3", "4"])
        assert.deepEqual(yield* behind(alice), [
          { conversation, received: 2, head: 4 }
        ])
        assert.deepEqual(yield* store.membership(conversation, alice), { role: "member", firstVisible: 3 })
        assert.deepEqual(yield* store.membership(conversation, bob), { role: "member", firstVisible: 1 })
      })
  ),

  ...blocksContract,
  ...groupCases,

  contractCase("the store answers that it is well", () => Effect.flatMap(MessageStore, (store) => store.check))
]
