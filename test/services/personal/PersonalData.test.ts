/** P8: what is stored about a user is given out, and goes, without a command line too. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { DeviceId, UserId } from "../../../src/domain/Ids.ts"
import { PersonalData } from "../../../src/services/personal/PersonalData.ts"
import { MessageStore, type UserExport } from "../../../src/services/storage/MessageStore.ts"
import { settle } from "../../support/actors.ts"

const bob = UserId.make("bob")

const nothing: UserExport = { user: bob, bans: [], blocks: [], devices: [], memberships: [] }
const device = { device: DeviceId.make("phone"), conversation: Conversation.direct(bob, bob), received: 1 }

/** A store with this about bob, that finds as many texts as this at each erasure. */
const storing = (stored: UserExport, texts: ReadonlyArray<number> = []) => {
  const erasures: Array<string> = []
  const layer = PersonalData.layer.pipe(
    Layer.provide(Layer.mock(MessageStore, {
      durability: "memory",
      exportUser: () => Effect.succeed(stored),
      eraseUser: (user) => Effect.sync(() => texts[erasures.push(user) - 1] ?? 0)
    }))
  )
  return { erasures, layer }
}

describe("PersonalData", () => {
  it.effect("an erasure takes what a connection left behind that was open when it began", () => {
    const { erasures, layer } = storing({ ...nothing, devices: [device] }, [3, 1])
    return Effect.gen(function*() {
      const erasing = yield* Effect.forkChild(Effect.flatMap(PersonalData, (data) => data.erase(bob)))
      yield* settle
      assert.lengthOf(erasures, 1)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Fiber.join(erasing), { found: true, texts: 4, banned: false })
      assert.deepStrictEqual(erasures, ["bob", "bob"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("of whom nothing is stored but a ban, the ban is given out and nothing is erased", () => {
    const { erasures, layer } = storing({ ...nothing, bans: [{ kind: "user", id: "bob", at: 1 }] })
    return Effect.gen(function*() {
      const data = yield* PersonalData
      assert.isDefined(yield* data.export(bob))
      assert.deepStrictEqual(yield* data.erase(bob), { found: false, texts: 0, banned: true })
      assert.isEmpty(erasures)
    }).pipe(Effect.provide(layer))
  })

  it.effect("of whom nothing is stored, nothing is given out", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* (yield* PersonalData).export(bob))
    }).pipe(Effect.provide(storing(nothing).layer)))
})
