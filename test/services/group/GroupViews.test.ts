/** P8: whom an entry of a group is for that was committed on another server. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { Entry } from "../../../src/domain/Entry.ts"
import { GroupId, MessageId, UserId } from "../../../src/domain/Ids.ts"
import { idleMillis } from "../../../src/services/group/ActiveGroups.ts"
import { GroupViews } from "../../../src/services/group/GroupViews.ts"
import { Lifeline } from "../../../src/services/kernel/Lifeline.ts"
import { StoreError } from "../../../src/services/storage/MessageStore.ts"
import { memoryWith } from "../../support/stores.ts"

const group = GroupId.make("tea")
const [alice, bob, carol] = [UserId.make("alice"), UserId.make("bob"), UserId.make("carol")]

const text = (seq: number): Entry => ({
  kind: "text",
  seq,
  message_id: MessageId.make(`m${seq}`),
  sender: alice,
  at: 1,
  text: "hi"
})

const added = (seq: number, members: ReadonlyArray<UserId>): Entry => ({
  kind: "group",
  group,
  seq,
  message_id: MessageId.make(`m${seq}`),
  sender: alice,
  at: 1,
  change: { action: "members_added", members }
})

/** A store whose group is what the test says, and that counts how often it was asked. */
const setUp = () => {
  const store = { members: [alice, bob], headSeq: 3, version: 1, asked: 0, away: false, gone: false }
  const layer = GroupViews.layer.pipe(
    Layer.provideMerge(Lifeline.layer),
    Layer.provide(memoryWith(() => ({
      group: (asked) =>
        Effect.suspend(() => {
          store.asked++
          if (store.away) return Effect.fail(new StoreError({ kind: "unavailable", message: "away" }))
          if (store.gone) return Effect.undefined
          return Effect.succeed({
            group: asked,
            conversation: Conversation.group(asked),
            name: "tea",
            history: "joined" as const,
            headSeq: store.headSeq,
            version: store.version,
            members: store.members.map((user) => ({ user, role: "member" as const, firstVisible: 1 }))
          })
        })
    })))
  )
  return { store, layer }
}

/** What is read is read at once here. */
const settle = Effect.repeat(Effect.yieldNow, { times: 50 })

/** Whom it is for, however long that takes to find out. */
const ask = Effect.fnUntraced(function*(entry: Entry, version: number) {
  const views = yield* GroupViews
  let found: ReturnType<typeof views.audience>
  const look = () => {
    // What is read at once is known before this call has its answer.
    const answer = views.audience({ group, entry, version }, look)
    if (answer !== undefined) found = answer
    return answer !== undefined
  }
  const atOnce = look()
  yield* settle
  return { users: found?.users, atOnce }
})

describe("views of groups", () => {
  it.effect("a group is read for its first entry, and not for those that follow, whatever they change", () => {
    const { layer, store } = setUp()
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* ask(text(3), 1), { users: [alice, bob], atOnce: false })
      assert.deepStrictEqual(yield* ask(added(4, [carol]), 2), { users: [alice, bob, carol], atOnce: true })
      assert.deepStrictEqual(yield* ask(text(5), 2), { users: [alice, bob, carol], atOnce: true })
      assert.strictEqual(store.asked, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("what is not in the journal shows in the version, and the group is read again", () => {
    const { layer, store } = setUp()
    return Effect.gen(function*() {
      yield* ask(text(3), 1)
      Object.assign(store, { members: [alice], headSeq: 5, version: 2 })
      assert.deepStrictEqual(yield* ask(text(5), 2), { users: [alice], atOnce: false })
      // This server's own go to those for whom they were sent, and are followed all the same.
      const views = yield* GroupViews
      views.passed({ group, entry: added(6, [carol]), version: 3 })
      assert.deepStrictEqual(yield* ask(text(7), 3), { users: [alice, carol], atOnce: true })
      assert.strictEqual(store.asked, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("while the store is away its entries wait; of a group that is gone they are nobody's", () => {
    const { layer, store } = setUp()
    return Effect.gen(function*() {
      store.away = true
      const views = yield* GroupViews
      const told: Array<string> = []
      const look = () => {
        const found = views.audience({ group, entry: text(3), version: 1 }, look)
        if (found !== undefined) told.push(found.users.join(" "))
      }
      look()
      yield* settle
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(told, [])
      store.away = false
      yield* TestClock.adjust("2 seconds")
      yield* settle
      assert.deepStrictEqual(told, ["alice bob"])
      store.gone = true
      views.forgetAll()
      assert.deepStrictEqual(yield* ask(text(4), 1), { users: [], atOnce: false })
    }).pipe(Effect.provide(layer))
  })

  it.effect("P4 whoever waits for a group and cannot go on has the server end: nobody would tell the group anything", () => {
    const { layer } = setUp()
    return Effect.gen(function*() {
      const { broken } = yield* Lifeline
      const views = yield* GroupViews
      views.audience({ group, entry: text(3), version: 1 }, () => {
        throw new Error("a defect")
      })
      assert.deepStrictEqual(yield* broken, { name: "GroupViews" })
    }).pipe(Effect.provide(layer))
  })

  it.effect("P7 who is not spoken in for a minute is forgotten", () => {
    const { layer } = setUp()
    return Effect.gen(function*() {
      yield* ask(text(3), 1)
      const views = yield* GroupViews
      assert.strictEqual(yield* views.size, 1)
      yield* TestClock.adjust(2 * idleMillis)
      assert.strictEqual(yield* views.size, 0)
    }).pipe(Effect.provide(layer))
  })
})
