/** Whatever the wall clock does, what is to be told is told when its time has passed, and nothing is given up early. */
import { assert, describe } from "@effect/vitest"
import { UserId } from "../../../src/domain/Ids.ts"
import { Bans } from "../../../src/services/admission/Bans.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { passing, say, told } from "../../support/webhookStage.ts"

const minute = 60_000
const steps = [["back ten minutes", -10 * minute], ["forward an hour", 60 * minute]] as const

const unread = { events: ["message.unread"], unreadMillis: 10_000 } as const

describe.each(steps)("webhooks, and the wall clock is set %s", (_, millis) => {
  told("a text that nobody has confirmed is told after its time", function*({ taken, wall }) {
    yield* say("bob")
    yield* passing(2)
    yield* wall.step(millis)
    yield* passing(6)
    assert.deepStrictEqual(taken, [])
    yield* passing(4)
    assert.deepStrictEqual(taken.map(({ user }) => user), ["bob"])
    // The log's clock does not go back, so these bear a time that is still to come.
    yield* say("bob")
    yield* say("carol")
    yield* passing(12)
    assert.deepStrictEqual(taken.map(({ user }) => user), ["bob", "bob", "carol"])
  }, unread)

  for (const [type, options] of [["message.unread", unread], ["message.accepted", {}]] as const) {
    told(`${type} that was not taken is tried again as soon as ever`, function*(stage) {
      stage.answer = () => ({ status: 500 })
      yield* say("bob")
      yield* passing(20)
      const { length } = stage.tried
      assert.isAtLeast(length, 3)
      yield* stage.wall.step(millis)
      yield* passing(5)
      assert.isAtMost(stage.tried.length - length, 1)
      yield* passing(60)
      assert.isAtLeast(stage.tried.length - length, 2)
      stage.answer = () => ({ status: 204 })
      yield* passing(160)
      assert.deepStrictEqual(stage.taken.map((tried) => tried.type), [type])
    }, options)
  }

  told("an erasure is told when it has ended for a while", function*({ taken, wall }) {
    yield* passing(3)
    yield* (yield* MessageStore).eraseUser(UserId.make("bob"))
    yield* passing(3)
    assert.deepStrictEqual(taken, [])
    yield* wall.step(millis)
    yield* passing(7)
    assert.deepStrictEqual(taken.map(({ type }) => type), ["user.erased"])
  }, { events: ["user.erased"] })

  told("a ban is told, whatever was told before it", function*({ taken, wall }) {
    const bans = yield* Bans
    yield* passing(3)
    for (const id of ["bob", "carol"]) {
      yield* bans.ban({ kind: "user", id })
      yield* passing(3)
      yield* wall.step(millis)
    }
    assert.deepStrictEqual(taken.map(({ user }) => user), ["bob", "carol"])
  }, { events: ["user.banned"] })
})

describe("webhooks, and the wall clock is set forward by two days", () => {
  for (const [type, options] of [["message.unread", unread], ["message.accepted", {}]] as const) {
    told(`${type} that was not taken is not given up`, function*(stage) {
      stage.answer = () => ({ status: 500 })
      yield* say("bob")
      yield* passing(20)
      yield* stage.wall.step(2 * 24 * 60 * minute)
      yield* passing(60)
      stage.answer = () => ({ status: 204 })
      yield* passing(120)
      assert.deepStrictEqual(stage.taken.map((tried) => tried.type), [type])
    }, options)
  }
})
