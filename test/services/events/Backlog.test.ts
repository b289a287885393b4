/** What waits to be taken: bounded, each conversation in one hand, nothing forgotten. */
import { assert, describe, it } from "@effect/vitest"
import type { ConversationId } from "../../../src/domain/Ids.ts"
import { Backlog, maxReady, maxSleeping } from "../../../src/services/events/Backlog.ts"

const id = (n: number | string) => `group:${n}` as ConversationId

const fresh = () => {
  const woken = { count: 0 }
  const backlog = new Backlog(() => woken.count++)
  backlog.looking()
  return { backlog, woken }
}

describe("Backlog", () => {
  it("each is taken once, in order, and again when there was news while it was in hand", () => {
    const { backlog } = fresh()
    for (const each of [1, 2, 1]) backlog.note(id(each))
    assert.deepStrictEqual([backlog.take(0), backlog.take(0), backlog.take(0)], [id(1), id(2), undefined])
    backlog.note(id(1))
    assert.isUndefined(backlog.take(0))
    backlog.done(id(2))
    backlog.done(id(1))
    assert.deepStrictEqual([backlog.take(0), backlog.take(0)], [id(1), undefined])
    backlog.done(id(1))
    assert.deepStrictEqual([backlog.size, backlog.take(0)], [0, undefined])
  })

  it("one that rests is not taken before its time, whatever is new there, unless it is roused", () => {
    const { backlog } = fresh()
    backlog.note(id(1))
    backlog.take(0)
    backlog.sleep(id(1), 5_000)
    backlog.note(id(1))
    assert.deepStrictEqual([backlog.take(4_999), backlog.nextDue], [undefined, 5_000])
    assert.strictEqual(backlog.take(5_000), id(1))
    backlog.sleep(id(1), 9_000)
    backlog.rouse(id(1))
    assert.strictEqual(backlog.take(5_001), id(1))
    backlog.sleep(id(1), 9_000)
    backlog.rouse()
    assert.strictEqual(backlog.take(5_002), id(1))
  })

  it("is bounded, and knows that the store has to be looked through then", () => {
    const { backlog } = fresh()
    for (let i = 0; i < maxReady + 5; i++) backlog.note(id(i))
    assert.deepStrictEqual([backlog.size, backlog.isPartial, backlog.hasRoom], [maxReady, true, false])
    backlog.looking()
    assert.isFalse(backlog.isPartial)
    const { backlog: other } = fresh()
    for (let i = 0; i < maxSleeping + 1; i++) {
      other.note(id(i))
      other.sleep(other.take(0)!, 1_000)
    }
    assert.deepStrictEqual([other.size, other.isPartial], [maxSleeping, true])
  })

  it("begins with a look", () => {
    assert.isTrue(new Backlog(() => {}).isPartial)
  })
})
