/** How old entries are on a wall clock that is set. */
import { assert, describe, it } from "@effect/vitest"
import { ConversationId } from "../../../src/domain/Ids.ts"
import { maxSleeping } from "../../../src/services/events/Backlog.ts"
import { Ages } from "../../../src/services/webhooks/Ages.ts"

const tea = ConversationId.make("dm:alice:bob")

const begin = () => {
  const time = { now: 50, wall: 1_000_000 }
  return { time, ages: new Ages(() => time.now, () => time.wall) }
}

const entry = (seq: number, at: number) => ({ seq, at })

describe("Ages", () => {
  it("an age grows with what passes, and with nothing else", () => {
    const { ages, time } = begin()
    assert.strictEqual(ages.of(tea, entry(1, 999_000), 2), 1_000)
    assert.strictEqual(ages.of(tea, entry(2, 999_400), 2), 600)
    for (const step of [-600_000, 86_400_000]) {
      time.wall += step
      time.now += 100
    }
    assert.deepStrictEqual([ages.of(tea, entry(1, 999_000), 3), ages.of(tea, entry(2, 999_400), 3)], [1_200, 800])
  })

  it("one from the future begins when it is seen, also when it is seen with others before it", () => {
    const { ages, time } = begin()
    assert.strictEqual(ages.of(tea, entry(1, 1_600_000), 2), 0)
    time.now += 300
    assert.strictEqual(ages.of(tea, entry(2, 1_600_000), 2), 300)
    assert.strictEqual(ages.of(tea, entry(3, 1_600_000), 3), 0)
  })

  it("bounded: past it, or forgotten, they are seen for the first time again", () => {
    const { ages, time } = begin()
    for (let i = 0; i < maxSleeping; i++) ages.of(ConversationId.make(`dm:alice:u${i}`), entry(1, 1_600_000), 1)
    const ageLater = () => {
      ages.of(tea, entry(1, 1_600_000), 1)
      time.now += 10
      return ages.of(tea, entry(1, 1_600_000), 1)
    }
    assert.strictEqual(ageLater(), 0)
    ages.forget(ConversationId.make("dm:alice:u0"))
    assert.strictEqual(ageLater(), 10)
    ages.forget(tea)
    assert.strictEqual(ages.of(tea, entry(1, 1_600_000), 1), 0)
  })
})
