/** A bus that is as bad as it is told to be. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Queue } from "effect"
import { Bus, type BusEvent } from "../../../src/services/cluster/Bus.ts"
import { BusEvents } from "../../../src/services/cluster/BusEvents.ts"
import { type BusFaults, MemoryBus, type MemoryHub } from "../../../src/services/cluster/MemoryBus.ts"
import { random } from "../../fuzz/mutate.ts"

const member = (hub: MemoryHub, name: string) =>
  Effect.map(Layer.build(MemoryBus.layer(hub, name)), (context) => Context.get(context, Bus))

const shown = (event: BusEvent) => event._tag === "Gap" ? "Gap" : event.message

const heard = (bus: Bus["Service"]) => Effect.map(Queue.clear(bus.events), (events) => events.map(shown))

const said = Array.from({ length: 1_000 }, (_, i) => `${i}`)

const heardOf = (faults: BusFaults) =>
  Effect.gen(function*() {
    const hub = MemoryBus.hub(faults)
    const [a, b] = [yield* member(hub, "a"), yield* member(hub, "b")]
    for (const message of said) a.publish(message)
    hub.settle()
    return (yield* heard(b)).slice(1)
  }).pipe(Effect.scoped)

describe("a bus in memory", () => {
  it.effect("loses, repeats and mixes up what it is told to, and the same again for the same choices", () =>
    Effect.gen(function*() {
      const lossy = yield* heardOf({ pick: random(1), lost: 250 })
      assert.isBelow(lossy.length, 850)
      assert.isAbove(lossy.length, 650)
      assert.deepStrictEqual(lossy, lossy.toSorted((a, b) => Number(a) - Number(b)))

      const repeating = yield* heardOf({ pick: random(2), repeated: 100 })
      assert.isAbove(repeating.length, 1_050)
      assert.deepStrictEqual(Array.from(new Set(repeating)), said)

      const late = yield* heardOf({ pick: random(3), late: 100 })
      assert.notDeepEqual(late, said)
      assert.deepStrictEqual(late.toSorted((a, b) => Number(a) - Number(b)), said)
      assert.deepStrictEqual(yield* heardOf({ pick: random(3), late: 100 }), late)
    }))

  it.effect("who is cut off hears nothing and is not heard, and hears of a Gap afterwards", () =>
    Effect.gen(function*() {
      const hub = MemoryBus.hub()
      const [a, b] = [yield* member(hub, "a"), yield* member(hub, "b")]
      hub.cut("b")
      assert.isTrue(yield* a.healthy)
      assert.isFalse(yield* b.healthy)
      a.publish("1")
      b.publish("2")
      hub.heal("b")
      a.publish("3")
      assert.deepStrictEqual(yield* heard(a), ["Gap", "1", "3"])
      assert.deepStrictEqual(yield* heard(b), ["Gap", "3"])
      hub.cut("b")
      hub.heal("b")
      assert.deepStrictEqual(yield* heard(b), ["Gap"])
      assert.isTrue(yield* b.healthy)
    }))
})

describe("what was heard and not taken", () => {
  it.effect("is bounded in number and in length: the oldest goes, and a Gap says so, whatever was taken meanwhile", () =>
    Effect.gen(function*() {
      const pick = random(4)
      let losses = 0
      for (const size of [1, 5_000, 200_000]) {
        const events = yield* BusEvents.make
        const seen: Array<number> = []
        let next = 0
        let gaps = 0
        const look = (event: BusEvent) => {
          if (event._tag === "Gap") gaps++
          else seen.push(Number.parseInt(event.message, 10))
        }
        let lost = 0
        for (let round = 0; round < 100; round++) {
          for (let n = pick(size === 1 ? 8_000 : 2_000); n > 0; n--) events.heard(`${next++} ${"x".repeat(size)}`)
          if (pick(3) > 0) {
            const some = yield* Queue.takeBetween(events.queue, 0, pick(1_500))
            some.forEach(look)
            continue
          }
          const all = yield* Queue.clear(events.queue)
          assert.isAtMost(all.length, 16_385)
          const length = all.reduce((sum, event) => sum + (event._tag === "Gap" ? 0 : event.message.length), 0)
          assert.isAtMost(length, 8_388_608)
          all.forEach(look)
          assert.strictEqual(seen.at(-1) ?? -1, next - 1)
          assert.strictEqual(next - seen.length > lost, gaps > 0)
          losses += gaps
          lost = next - seen.length
          gaps = 0
        }
        assert.deepStrictEqual(seen, seen.toSorted((a, b) => a - b))
      }
      assert.isAbove(losses, 10)
    }))

  it.effect("nobody is told twice of what one Gap says", () =>
    Effect.gen(function*() {
      const events = yield* BusEvents.make
      events.gap()
      events.gap()
      events.heard("a")
      events.gap()
      assert.deepStrictEqual((yield* Queue.clear(events.queue)).map(shown), ["Gap", "a"])
      events.gap()
      assert.deepStrictEqual((yield* Queue.clear(events.queue)).map(shown), ["Gap"])
    }))
})
