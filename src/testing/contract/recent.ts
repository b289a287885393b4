/** A list of conversations with the last spoken in first. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Place } from "../../domain/ListCursor.ts"
import { MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"
import { change, commit, created, edit, phone, react, remove, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"
import { lastOf } from "./lastOf.ts"

const minute = 60_000

const page = Effect.fnUntraced(function*(user: UserId, limit = 10, before?: Place) {
  const store = yield* MessageStore
  return yield* store.recent({ user, device: phone, limit, ...(before === undefined ? {} : { before }) })
})

/** All pages; `between` is done before each further one. */
const recentIds = Effect.fnUntraced(function*(
  user: UserId,
  limit: number,
  between: Effect.Effect<unknown, StoreError, MessageStore> = Effect.void
) {
  const found: Array<ConversationId> = []
  let before: Place | undefined
  while (true) {
    const { hasMore, items } = yield* page(user, limit, before)
    assert.ok(items.length <= limit)
    found.push(...items.map(({ conversation }) => conversation))
    if (!hasMore) return found
    const last = lastOf(items, found.length)
    before = { at: last.last_at!, conversation: last.conversation }
    yield* between
  }
})

export const recentCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "conversations come with the last spoken in first, at any page size",
    function*({ alice, groupCalled, user }) {
      const times = Array.range(1, 700)
      const direct = (i: number) => Conversation.direct(alice, user(`o${i}`))
      const group = (i: number) => groupCalled(`g${i}`)
      // Some within one minute of each other, some hours apart, in no order of name; each tenth is a group.
      const at = (i: number) => 10 * minute + (i * 389 % 700) * (i % 3 === 0 ? 97 : 7 * minute)
      const of = (i: number) => i % 10 === 0 ? Conversation.group(group(i)) : direct(i)
      yield* commit(
        ...times.map((i) =>
          i % 10 === 0
            ? created(group(i), alice, {}, undefined, { at: at(i) })
            : text(alice, direct(i), "hi", { at: at(i) })
        )
      )
      // What was spoken in again has moved up.
      yield* commit(
        text(alice, of(7), "hi", { at: 9_000 * minute }),
        text(alice, of(20), "hi", { at: 9_000 * minute + 1 })
      )
      const placed = times.map((i) => ({
        id: of(i),
        at: i === 7 ? 9_000 * minute : i === 20 ? 9_000 * minute + 1 : at(i)
      }))
      const wanted = placed.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id)
      assert.deepEqual(yield* recentIds(alice, 100), wanted)
      assert.deepEqual(yield* recentIds(alice, 33), wanted)
      assert.deepEqual(yield* recentIds(alice, 700), wanted)
    }
  ),

  contractCase(
    "nothing that stays is missed or told twice while others move up between two pages",
    function*({ alice, user }) {
      const direct = Array.range(1, 40).map((i) => Conversation.direct(alice, user(`o${i}`)))
      yield* commit(...direct.map((id, i) => text(alice, id, "hi", { at: 1_000 + Math.floor(i / 2) })))
      let now = 10 * minute
      let next = 0
      const found = yield* recentIds(
        alice,
        7,
        Effect.suspend(() => commit(text(alice, direct[next++ * 3]!, "hi", { at: ++now })))
      )
      const stayed = direct.filter((_, i) => i % 3 !== 0 || i >= next * 3)
      const wanted = stayed.toSorted((a, b) => {
        const [i, j] = [direct.indexOf(a), direct.indexOf(b)]
        return Math.floor(j / 2) - Math.floor(i / 2) || (a < b ? 1 : -1)
      })
      assert.deepEqual(found.filter((id) => stayed.includes(id)), wanted)
    }
  ),

  contractCase(
    "the last words are the last text or change of a group, as history shows it",
    function*({ alice, bob, conversation, group, store, tea }) {
      const last = Effect.map(page(bob), ({ items }) => {
        const item = items.find((each) => each.conversation === conversation)!
        return [item.last_at, item.last_message] as const
      })
      const inHistory = (seq: number) =>
        Effect.map(store.history({ conversation, after: seq - 1, limit: 1 }), ({ entries }) => entries[0])
      yield* commit(text(alice, conversation, "one", { at: 1_000 }), text(bob, conversation, "two", { at: 2_000 }))
      assert.deepEqual(yield* last, [2_000, yield* inHistory(2)])
      yield* commit(
        react(bob, conversation, 1, "👍", false, { at: 3_000 }),
        edit(bob, conversation, 2, "two!", { at: 4_000 })
      )
      const [at, edited] = yield* last
      assert.equal(at, 2_000)
      assert.deepEqual(edited, yield* inHistory(2))
      assert.equal(edited?.kind === "text" && edited.text, "two!")
      yield* commit(remove(bob, conversation, 2, { at: 5_000 }))
      const [, deleted] = yield* last
      assert.ok(deleted?.kind === "text" && deleted.deleted === true && deleted.text === undefined)

      yield* commit(created(group, alice, { [bob]: "member" }, undefined, { at: 6_000 }))
      const [first] = (yield* page(bob)).items
      assert.equal(first?.conversation, tea)
      assert.equal(first.last_message?.kind, "group")
      yield* commit(change(bob, group, { action: "left" }, { at: 7_000 }))
      assert.deepEqual((yield* page(bob)).items.map((each) => each.conversation), [conversation])
    }
  ),

  contractCase(
    "what was said before somebody came, or is gone, is nobody's last word",
    function*({ alice, bob, conversation, group, store, tea }) {
      yield* commit(
        created(group, alice, {}, undefined, { at: 1_000 }),
        text(alice, tea, "before bob", { at: 2_000 }),
        change(alice, group, { action: "members_added", members: [bob] }, { at: 3_000 })
      )
      const [item] = (yield* page(bob)).items
      assert.deepEqual([item?.last_message?.kind, item?.last_message?.seq, item?.last_at], ["group", 3, 3_000])

      yield* commit(text(alice, conversation, "alice was here", { at: 4_000 }))
      yield* store.eraseUser(alice)
      const left = (yield* page(bob)).items.find((each) => each.conversation === conversation)
      assert.ok(left?.last_message?.kind === "text" && left.last_message.deleted === true)
      assert.deepEqual((yield* page(alice)).items, [])
      yield* commit(text(bob, conversation, "hello, new alice", { at: 5_000 }))
      const [begun] = (yield* page(alice)).items
      assert.ok(begun?.last_message?.kind === "text" && begun.last_message.text === "hello, new alice")
    }
  )
]
