/** Events that could not be handed on. */
import assert from "node:assert/strict"
import { atOnce, type EventKey, type KeptEvent } from "../../services/storage/Subscriptions.ts"
import { type SubscriptionsCase, subscriptionsCase } from "./SubscriptionsCase.ts"

const kept = (key: EventKey, more: Partial<KeptEvent> = {}): KeptEvent => ({
  ...key,
  state: "waiting",
  attempts: 1,
  error: "The receiver answered 500.",
  firstAt: 1_000,
  nextAt: 2_000,
  ...more
})

const given = ({ nextAt: _nextAt, ...event }: KeptEvent): KeptEvent => ({ ...event, state: "failed" })

export const eventCases: ReadonlyArray<SubscriptionsCase> = [
  subscriptionsCase(
    "they are listed by name, conversation, place and user, page by page",
    function*({ alice, bob, conversation, crm, subscriptions, tea }) {
      const other = `${crm}-unread`
      const all = [
        kept({ name: crm, conversation, seq: 9 }),
        kept({ name: crm, conversation, seq: 10 }),
        given(kept({ name: crm, conversation: tea, seq: 1 })),
        kept({ name: other, conversation, seq: 1, user: alice }),
        kept({ name: other, conversation, seq: 1, user: bob })
      ]
      for (const event of all.toReversed()) yield* subscriptions.putEvent(event)
      const names = [crm, other]
      assert.deepEqual(yield* subscriptions.events({ names, limit: 10 }), all)
      assert.deepEqual(yield* subscriptions.events({ names, limit: 2, after: all[1]! }), all.slice(2, 4))
      assert.deepEqual(yield* subscriptions.events({ names, limit: 2, after: all[3]! }), all.slice(4))
      assert.deepEqual(yield* subscriptions.events({ names: [other], limit: 1 }), [all[3]])
      assert.deepEqual(yield* subscriptions.events({ names, state: "failed", limit: 10 }), [all[2]])
      assert.deepEqual(yield* subscriptions.events({ names, conversation: tea, limit: 10 }), [all[2]])
      assert.deepEqual(yield* subscriptions.events({ names: [`${crm}-none`], limit: 10 }), [])
    }
  ),

  subscriptionsCase(
    "one is replaced, removed, and due when its time has come",
    function*({ conversation, crm, subscriptions }) {
      const [first, second] = [{ name: crm, conversation, seq: 1 }, { name: crm, conversation, seq: 2 }]
      yield* subscriptions.putEvent(kept(first))
      yield* subscriptions.putEvent(kept(second, { nextAt: 1_500 }))
      assert.deepEqual(yield* subscriptions.dueEvents(crm, 1_499, 10), [])
      assert.deepEqual(yield* subscriptions.dueEvents(crm, 1_500, 10), [kept(second, { nextAt: 1_500 })])
      assert.deepEqual((yield* subscriptions.dueEvents(crm, 2_000, 10)).map(({ seq }) => seq), [2, 1])
      assert.deepEqual((yield* subscriptions.dueEvents(crm, 2_000, 1)).map(({ seq }) => seq), [2])
      const again = kept(first, { attempts: 2, error: "The receiver answered 502.", nextAt: 9_000 })
      yield* subscriptions.putEvent(again)
      assert.deepEqual(yield* subscriptions.events({ names: [crm], limit: 1 }), [again])
      yield* subscriptions.removeEvent(second)
      yield* subscriptions.removeEvent(second)
      assert.deepEqual(yield* subscriptions.events({ names: [crm], limit: 10 }), [again])
    }
  ),

  subscriptionsCase(
    "one that failed is due only when somebody has asked for it",
    function*({ conversation, crm, subscriptions }) {
      const key = { name: crm, conversation, seq: 1 }
      yield* subscriptions.putEvent(given(kept(key)))
      assert.deepEqual(yield* subscriptions.dueEvents(crm, Number.MAX_SAFE_INTEGER, 10), [])
      assert.equal(yield* subscriptions.retryEvent({ ...key, seq: 2 }), false)
      assert.equal(yield* subscriptions.retryEvent(key), true)
      const [due] = yield* subscriptions.dueEvents(crm, atOnce, 10)
      assert.deepEqual([due?.state, due?.nextAt], ["failed", atOnce])
    }
  ),

  subscriptionsCase(
    "those for an erased user go with them",
    function*({ alice, bob, conversation, crm, store, subscriptions }) {
      for (const user of [alice, bob]) yield* subscriptions.putEvent(kept({ name: crm, conversation, seq: 1, user }))
      yield* store.eraseUser(alice)
      const left = yield* subscriptions.events({ names: [crm], limit: 10 })
      assert.deepEqual(left.map(({ user }) => user), [bob])
    }
  )
]
