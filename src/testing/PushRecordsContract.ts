/**
 * What `PushRecords` and the store beside them have to do, as a list of named effects, like `messageStoreContract`: run
 * each against a store of your own. Each case uses names of its own, so all of them can run on one store.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { UserId } from "../domain/Ids.ts"
import type { MessageStore, StoreError } from "../services/storage/MessageStore.ts"
import { Preferences } from "../services/storage/Preferences.ts"
import { type PushReader, type PushRecord, PushRecords } from "../services/storage/PushRecords.ts"
import { change, commit, created, many, move, received, text } from "./contract/commands.ts"
import { freshNames, type Names } from "./contract/ContractCase.ts"
import { lastOf } from "./contract/lastOf.ts"

export interface PushRecordsCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore | Preferences | PushRecords>
}

interface PushNames extends Names {
  readonly pushes: PushRecords["Service"]
  /** A subscription of that user, which nobody else has. */
  readonly record: (user: UserId, name: string) => PushRecord
}

const pushCase = (
  name: string,
  body: (names: PushNames) => Effect.fn.Return<void, StoreError, MessageStore | Preferences | PushRecords>
): PushRecordsCase => ({
  name,
  effect: Effect.gen(function*() {
    const names = yield* freshNames
    const record = (user: UserId, name: string): PushRecord => ({
      user,
      endpoint: `https://push.example/${names.group}/${name}`,
      p256dh: `key of ${name}`,
      auth: `secret of ${name}`
    })
    yield* body({ ...names, pushes: yield* PushRecords, record })
  })
})

const options = { max: 10, now: 1_000 }

export const pushRecordsContract: ReadonlyArray<PushRecordsCase> = [
  pushCase("a user's subscriptions are kept in the order in which they were put, each once", function*({
    alice,
    bob,
    pushes,
    record
  }) {
    const [one, two, other] = [record(alice, "one"), record(alice, "two"), record(bob, "other")]
    yield* pushes.put(one, options)
    yield* pushes.put(other, options)
    assert.deepEqual(yield* pushes.put(two, options), [one.endpoint, two.endpoint])
    assert.deepEqual(yield* pushes.put({ ...one, auth: "new" }, options), [two.endpoint, one.endpoint])
    assert.deepEqual((yield* pushes.of([alice, bob])).toSorted((a, b) => a.user < b.user ? -1 : 1), [
      two,
      { ...one, auth: "new" },
      other
    ])
    assert.deepEqual(yield* pushes.of([]), [])
  }),

  pushCase("past the most of them the oldest goes, of this user alone", function*({ alice, bob, pushes, record }) {
    yield* pushes.put(record(bob, "bob's"), options)
    let left: ReadonlyArray<string> = []
    for (let i = 0; i < 25; i++) left = yield* pushes.put(record(alice, `${i}`), options)
    const wanted = Array.from({ length: 10 }, (_, i) => record(alice, `${i + 15}`))
    assert.deepEqual(left, wanted.map(({ endpoint }) => endpoint))
    assert.deepEqual(yield* pushes.of([alice]), wanted)
    assert.equal((yield* pushes.of([bob])).length, 1)
  }),

  pushCase("an endpoint is one user's: whoever subscribes with it last", function*({ alice, bob, pushes, record }) {
    const { endpoint } = yield* Effect.as(pushes.put(record(alice, "shared"), options), record(alice, "shared"))
    assert.deepEqual(yield* pushes.put(record(bob, "shared"), options), [endpoint])
    assert.deepEqual(yield* pushes.of([alice]), [])
    assert.deepEqual(yield* pushes.of([bob]), [record(bob, "shared")])
    // Nobody removes what is another's.
    assert.deepEqual(yield* pushes.remove(alice, endpoint), [])
    assert.deepEqual(yield* pushes.of([bob]), [record(bob, "shared")])
    assert.deepEqual(yield* pushes.remove(bob, endpoint), [])
    assert.deepEqual(yield* pushes.of([bob]), [])
  }),

  pushCase("who has subscriptions is listed in pages, once each", function*({ pushes, record, user }) {
    const users = ["c", "a", "b"].map((name) => user(name))
    for (const each of users) {
      yield* pushes.put(record(each, `${each} 1`), options)
      yield* pushes.put(record(each, `${each} 2`), options)
    }
    const found: Array<UserId> = []
    while (true) {
      const after = found.at(-1)
      const page = yield* pushes.users({ limit: 2, ...(after === undefined ? undefined : { after }) })
      assert.ok(page.length <= 2)
      if (page.length === 0) break
      found.push(...page)
      assert.ok(after === undefined || lastOf(page, found.length) > after)
    }
    assert.deepEqual(found, found.toSorted())
    assert.deepEqual(found.filter((each) => users.includes(each)), users.toSorted())
  }),

  pushCase("who may be told of something in a conversation is known with how they stand there", function*({
    alice,
    bob,
    carol,
    conversation,
    dave,
    group,
    pushes,
    tea
  }) {
    const preferences = yield* Preferences
    yield* many(alice, conversation, 3)
    yield* commit(created(group, alice, { [bob]: "member", [carol]: "member" }), text(alice, tea))
    yield* move(received(bob, conversation, 2), received(bob, tea, 1))
    yield* preferences.change(bob, tea, { mute: { until: 9_000, mentions: true } })
    yield* commit(change(carol, group, { action: "left" }))
    const readers = (...asked: ReadonlyArray<UserId>) =>
      Effect.map(pushes.readers(tea, asked), (found) => found.toSorted((a, b) => a.user < b.user ? -1 : 1))
    assert.deepEqual<ReadonlyArray<PushReader>>(yield* readers(bob, carol, dave), [
      { user: bob, firstVisible: 1, delivered: 1, groupName: "tea", mutedUntil: 9_000, mutesMentions: true }
    ])
    assert.deepEqual(yield* pushes.readers(conversation, [bob, carol]), [{ user: bob, firstVisible: 1, delivered: 2 }])
    assert.deepEqual(yield* pushes.readers(conversation, []), [])
  }),

  pushCase("subscriptions are exported without their keys, and gone with an erasure", function*({
    alice,
    pushes,
    record,
    store
  }) {
    const one = record(alice, "one")
    yield* pushes.put(one, options)
    assert.deepEqual((yield* store.exportUser(alice)).pushSubscriptions, [{ endpoint: one.endpoint, at: 1_000 }])
    yield* store.eraseUser(alice)
    assert.deepEqual(yield* pushes.of([alice]), [])
    assert.equal((yield* store.exportUser(alice)).pushSubscriptions, undefined)
  })
]
