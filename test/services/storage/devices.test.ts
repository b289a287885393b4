/** Devices that are not used: which of them a store forgets, and when. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { DeviceId, UserId } from "../../../src/domain/Ids.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { commit, phone, received, text } from "../../../src/testing/contract/commands.ts"
import { hasPostgres } from "../../support/postgres.ts"
import { postgres, sqlite } from "../../support/stores.ts"

const bob = UserId.make("bob")
const tablet = DeviceId.make("tablet")
const conversations = Array.from({ length: 1_500 }, (_, i) => Conversation.direct(bob, UserId.make(`peer${i}`)))

const confirm = (device: DeviceId) =>
  Effect.flatMap(
    MessageStore,
    (store) => store.commit([], conversations.map((conversation) => received(bob, conversation, 1, device)))
  )

const isKnown = Effect.fnUntraced(function*(device: DeviceId) {
  const store = yield* MessageStore
  return (yield* store.behind({ user: bob, device, limit: 1 })).items.length === 0
})

const stores = [["sqlite", sqlite] as const, ...(hasPostgres ? [["postgres", postgres("devices")] as const] : [])]

describe("devices", () => {
  for (const [name, store] of stores) {
    it.effect(`P4 ${name}: what was not used for so long is forgotten, whole, and what was used is not`, () =>
      Effect.gen(function*() {
        const store = yield* MessageStore
        yield* commit(...conversations.map((conversation) => text(bob, conversation, "hi", { at: 0 })))
        yield* confirm(phone)
        yield* confirm(tablet)
        yield* TestClock.adjust("2 hours")
        yield* confirm(tablet)
        assert.strictEqual(yield* store.trim({ devicesBefore: 3_600_000 }), 0)
        assert.deepStrictEqual([yield* isKnown(phone), yield* isKnown(tablet)], [false, true])
        const { devices } = yield* store.exportUser(bob)
        assert.isTrue(devices.every(({ device }) => device === tablet))
        assert.lengthOf(devices, 1_500)
      }).pipe(Effect.provide(store)))
  }

  it.effect("a store may be told another number, and 0 keeps all", () =>
    Effect.gen(function*() {
      for (const [max, expected] of [[2, 2], [0, 5]] as const) {
        const services = yield* Layer.build(Layer.fresh(MemoryMessageStore.layer({ maxDevicesPerUser: max })))
        const store = Context.get(services, MessageStore)
        const conversation = Conversation.direct(bob, bob)
        yield* store.commit([text(bob, conversation, "hi", { at: 0 })], [])
        for (let i = 0; i < 5; i++) {
          yield* store.commit([], [received(bob, conversation, 1, DeviceId.make(`d${i}`))])
        }
        assert.lengthOf((yield* store.exportUser(bob)).devices, expected)
      }
    }).pipe(Effect.scoped))
})
