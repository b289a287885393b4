/** What is counted, as it is told. */
import { assert, describe, it } from "@effect/vitest"
import { Histogram } from "../../../src/services/telemetry/Histogram.ts"
import { Meters } from "../../../src/services/telemetry/Meters.ts"

const bucketsOf = ({ state }: Histogram) => state.buckets.map(([, count]) => count)

describe("Histogram", () => {
  it("counts a value at every bound that it does not pass; what passes all is in the count", () => {
    const values = new Histogram([1, 2, 4])
    for (const value of [0, 1, 1.5, 4, 5]) values.observe(value)
    values.observe(2, 10)
    assert.deepStrictEqual(bucketsOf(values), [2, 13, 14])
    const { count, max, min, sum } = values.state
    assert.deepStrictEqual({ count, max, min, sum }, { count: 15, max: 5, min: 0, sum: 31.5 })
  })
})

describe("Meters", () => {
  it("a name that is not known is other, whatever it is called", () => {
    const { closed, errors } = new Meters()
    const names = closed.names.length
    for (const code of ["4001", "1006", "constructor", "__proto__", "4999"]) closed.add(code)
    assert.deepStrictEqual([closed.of("4001"), closed.of("other"), closed.names.length], [1, 4, names])
    errors.add("rate_limited")
    assert.strictEqual(errors.of("rate_limited"), 1)
  })

  it("each entry that was written has the time since its own commit, with one look at the clock", () => {
    const meters = new Meters()
    let looks = 0
    const at = (millis: number) => () => {
      looks++
      return millis
    }
    // Three recipients of two commits, and entries that were committed elsewhere.
    for (const committedAt of [1_000, 1_000, 0, 0, 900, 1_000]) meters.wrote(committedAt)
    meters.answered(500)
    meters.settle(at(1_000))
    assert.strictEqual(looks, 1)
    assert.strictEqual(meters.deliveries, 6)
    const { deliveryDuration: { state } } = meters
    assert.strictEqual(state.count, 4)
    assert.closeTo(state.sum, 0.1, 1e-9)
    assert.closeTo(meters.acceptDuration.state.sum, 0.5, 1e-9)
    // Nothing of it is told twice, and where nothing was written nobody looks.
    meters.settle(at(9_000))
    assert.deepStrictEqual([meters.deliveryDuration.count, meters.acceptDuration.count, looks], [4, 1, 1])
    meters.wrote(0)
    meters.settle(at(9_000))
    assert.deepStrictEqual([meters.deliveryDuration.count, meters.deliveries, looks], [4, 7, 1])
  })
})
