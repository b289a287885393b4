/** What a store knows of devices, and of how many. */
import { Array, Clock, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import { defaultDevice, DeviceId } from "../../domain/Ids.ts"
import { behind, commit, move, received, text } from "./commands.ts"
import { type ContractCase, contractCase } from "./ContractCase.ts"

export const deviceCases: ReadonlyArray<ContractCase> = [
  contractCase(
    "P4 of a hundred and more devices those that were used last are known; the others begin as new ones",
    function*({ alice, bob, carol }) {
      const conversations = [alice, carol].map((peer) => Conversation.direct(bob, peer))
      const at = yield* Clock.currentTimeMillis
      yield* commit(...conversations.map((conversation) => text(bob, conversation, "hi", { at })))
      const confirm = (device: DeviceId) =>
        move(...conversations.map((conversation) => received(bob, conversation, 1, device)))
      const known = (device: DeviceId) =>
        Effect.map(behind(bob, 10, device), (items) => {
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
    }
  )
]
