/** What a store knows of devices, and of how many. */
import { Array, Clock, Effect, Random } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { defaultDevice, DeviceId, type MessageId, UserId } from "../../domain/Ids.ts"
import { MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

export const deviceCases: ReadonlyArray<{
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}> = [
  {
    name: "P4 of a hundred and more devices those that were used last are known; the others begin as new ones",
    effect: Effect.gen(function*() {
      const store = yield* MessageStore
      const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
      const bob = UserId.make(`bob-${suffix}`)
      const peers = [UserId.make(`alice-${suffix}`), UserId.make(`carol-${suffix}`)]
      const conversations = peers.map((peer) => Conversation.direct(bob, peer)).sort()
      const at = yield* Clock.currentTimeMillis
      yield* store.commit(
        conversations.map((conversation) => ({
          conversation,
          sender: bob,
          clientId: undefined,
          messageId: `devices-${suffix}` as MessageId,
          at,
          kind: "text",
          text: "hi",
          replyTo: undefined
        })),
        []
      )
      const confirm = (device: DeviceId) =>
        store.commit(
          [],
          conversations.map((conversation) => ({ kind: "received", user: bob, device, conversation, upTo: 1 }))
        )
      const known = (device: DeviceId) =>
        Effect.map(store.behind({ user: bob, device, limit: 10 }), ({ items }) => {
          // All or nothing: a device that is forgotten has the whole past before it.
          assert.ok(items.length === 0 || (items.length === 2 && items[0]!.received === 0))
          return items.length === 0
        })
      const devices = Array.range(1, 130).map((i) => DeviceId.make(`d${i}`))
      yield* confirm(defaultDevice)
      for (const device of devices) {
        yield* confirm(device)
        assert.equal(yield* known(device), true)
      }
      const left = yield* Effect.filter(devices, known)
      assert.equal(left.length, 100)
      assert.equal(yield* known(defaultDevice), true)
      const back = devices.find((device) => !left.includes(device))!
      yield* confirm(back)
      assert.equal(yield* known(back), true)
      assert.equal((yield* Effect.filter(devices, known)).length, 100)
    })
  }
]
