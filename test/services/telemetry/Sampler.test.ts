import { assert, describe, it } from "@effect/vitest"
import { chooses, everything, fractionOf, samples } from "../../../src/services/telemetry/Sampler.ts"
import { nextTraceId } from "../../../src/services/telemetry/traceIds.ts"

const idOf = (last: string) => `4bf92f3577b34da6${last}`
const ratioOf = (ratio: number, parentBased = false) => ({ ratio, parentBased })

describe("Sampler", () => {
  it("of a ratio takes the traces whose last eight bytes are below it, as other implementations do", () => {
    const half = ratioOf(0.5)
    assert.isTrue(samples(half, idOf("0000000000000000"), undefined))
    assert.isTrue(samples(half, idOf("7fffffff00000000"), undefined))
    assert.isFalse(samples(half, idOf("8000000000000000"), undefined))
    assert.isFalse(samples(half, idOf("ffffffffffffffff"), undefined))
    // Whatever stands before them.
    assert.isTrue(samples(half, "ffffffffffffffff0000000000000001", undefined))
    assert.isTrue(samples(ratioOf(0.01), idOf("028f5c2800000000"), undefined))
    assert.isFalse(samples(ratioOf(0.01), idOf("028f5c2900000000"), undefined))
  })

  it("0 takes none and 1 takes all, the last of them too", () => {
    for (const id of ["0000000000000000", "ffffffffffffffff", "00000000ffffffff"].map(idOf)) {
      assert.isFalse(samples(ratioOf(0), id, undefined))
      assert.isTrue(samples(ratioOf(1), id, undefined))
    }
  })

  it("based on the parent follows it, and decides by itself where there is none", () => {
    const [low, high] = [idOf("0000000000000001"), idOf("ffffffffffffffff")]
    const half = ratioOf(0.5, true)
    assert.isTrue(samples(half, high, true))
    assert.isFalse(samples(half, low, false))
    assert.isTrue(samples(half, low, undefined))
    assert.isFalse(samples(half, high, undefined))
    // Without it, the id alone counts.
    assert.isFalse(samples(ratioOf(0.5), high, true))
    assert.isTrue(samples(ratioOf(0.5), low, false))
    assert.isTrue(samples(everything, high, undefined))
  })
})

describe("trace ids", () => {
  it("are sixteen bytes, none like another, and chosen by what their text says", () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => nextTraceId(() => true)!))
    assert.strictEqual(ids.size, 1_000)
    for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/)
    for (let i = 0; i < 600; i++) {
      let fraction = -1
      const id = nextTraceId((each) => {
        fraction = each
        return true
      })
      assert.strictEqual(fractionOf(id!), fraction)
    }
  })

  it("a tenth of them is a tenth", () => {
    const tenth = ratioOf(0.1)
    let chosen = 0
    for (let i = 0; i < 20_000; i++) if (nextTraceId((fraction) => chooses(tenth, fraction)) !== undefined) chosen++
    // 42 is one standard deviation.
    assert.isAbove(chosen, 1_600)
    assert.isBelow(chosen, 2_400)
  })
})
