/** How far devices and users have come. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, DeviceId } from "../../domain/Ids.ts"
import {
  behind,
  behindPages,
  change,
  commit,
  created,
  listed,
  many,
  move,
  phone,
  read,
  received,
  text
} from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

const tablet = DeviceId.make("tablet")

export const cursorCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P4 cursors move only forward, per device; reading implies delivery",
    function*({ alice, bob, conversation }) {
      yield* many(alice, conversation, 5)
      assert.deepEqual(yield* move(received(bob, conversation, 2)), [{ moved: true, delivered: 2, read: 0 }])
      assert.deepEqual(
        yield* move(received(bob, conversation, 1), received(bob, conversation, 1, tablet), read(bob, conversation, 3)),
        [
          { moved: false, delivered: 2, read: 0 },
          { moved: false, delivered: 2, read: 0 },
          { moved: true, delivered: 3, read: 3 }
        ]
      )
      const cursor = (device: DeviceId) => Effect.map(behind(bob, 10, device), (all) => all[0]?.received)
      assert.equal(yield* cursor(phone), 2)
      assert.equal(yield* cursor(tablet), 1)
      assert.equal(yield* cursor(DeviceId.make("new")), 0)
    }
  ),

  contractCase(
    "P9 a cursor beyond the head or of a stranger is refused and moves nothing",
    function*({ alice, bob, carol, conversation }) {
      yield* many(alice, conversation, 3)
      assert.deepEqual(
        yield* move(
          received(bob, conversation, 4),
          received(carol, conversation, 1),
          read(bob, Conversation.direct(bob, carol), 0),
          received(bob, conversation, 3)
        ),
        ["invalid_frame", "not_found", "not_found", { moved: true, delivered: 3, read: 0 }]
      )
    }
  ),

  contractCase("P4 behind lists what a device has not confirmed, in pages", function*({ alice, user }) {
    const others = Array.range(1, 7).map((i) => user(`o${i}`))
    for (const other of others) yield* commit(text(other, Conversation.direct(alice, other)))
    yield* move(received(alice, Conversation.direct(alice, others[2]!), 1))
    const found = (yield* behind(alice, 2)).map(({ conversation }) => conversation)
    const expected = others.filter((_, i) => i !== 2).map((other) => Conversation.direct(alice, other)).sort()
    assert.deepEqual(found, expected)
  }),

  contractCase(
    "P4 P5 whoever has much is looked at in steps, and nothing is missed or told twice",
    function*({ alice, groupCalled, user }) {
      const direct = Array.range(1, 1_100).map((i) => Conversation.direct(alice, user(`o${i}`))).sort()
      yield* commit(...direct.map((conversation) => text(alice, conversation)))
      const group = (i: number) => groupCalled(`g${1_000 + i}`)
      // Groups that are over, more than one look.
      yield* commit(
        ...Array.range(1, 300).flatMap((i) => [created(group(i), alice), change(alice, group(i), { action: "left" })])
      )
      yield* commit(created(group(301), alice))
      const last = Conversation.group(group(301))
      const idsOf = (items: ReadonlyArray<{ readonly conversation: ConversationId }>) =>
        items.map(({ conversation }) => conversation)
      assert.deepEqual(idsOf(yield* behind(alice, 100)), [...direct, last])
      const due = [direct[0]!, direct[255]!, direct[256]!, direct[1_023]!, direct[1_099]!]
      yield* move(...direct.filter((each) => !due.includes(each)).map((each) => received(alice, each, 1)))
      const { found, pages } = yield* behindPages(alice, 100)
      assert.deepEqual(idsOf(found), [...due, last])
      assert.ok(pages > 1, "1,401 memberships are not looked at in one step")
      assert.deepEqual(idsOf(yield* behind(alice, 1)), [...due, last])
      assert.deepEqual(idsOf(yield* behind(alice, 6)), [...due, last])
      assert.deepEqual(idsOf(yield* listed(alice, 100)), [...direct, last])
    }
  )
]
