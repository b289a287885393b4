/** P9: whatever the bytes are, a frame is decoded or refused, at once, and nothing is thrown. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect } from "effect"
import { clientFrames } from "../../src/domain/ClientFrame.ts"
import { ErrorCode } from "../../src/domain/Errors.ts"
import { decode } from "../../src/domain/FrameCodec.ts"
import { millisOf, mutate, random, runs, seed } from "./mutate.ts"

const codes: ReadonlyArray<string> = ErrorCode.literals

const samples = Effect.gen(function*() {
  const all = []
  for (const schema of Object.values(clientFrames)) {
    const values = yield* Arbitrary.sampleEffect(Arbitrary.schema(schema as typeof clientFrames.ping), {
      count: 50,
      seed,
      maxDiscards: 100_000
    })
    all.push(...values)
  }
  return all.map((value) => Buffer.from(JSON.stringify(value)))
})

describe("the frame decoder", () => {
  it.live(`P9 takes ${runs(50_000)} generated and bent frames (seed ${seed})`, () =>
    Effect.gen(function*() {
      const frames = yield* samples
      for (const frame of frames) {
        const decoded = decode(frame.toString(), 16_384)
        // Generated ones are right, but for what the schema of one field cannot know.
        if (decoded._tag === "Invalid") assert.include(["invalid_target", "text_too_long"], decoded.error.code)
      }
      const pick = random(seed)
      const count = runs(50_000)
      let right = 0
      for (let i = 0; i < count; i++) {
        const text = mutate(frames[pick(frames.length)]!, pick, frames).toString()
        const millis = millisOf(() => {
          const decoded = decode(text, 16_384)
          if (decoded._tag === "Frame") right++
          else assert.include(codes, decoded.error.code)
        })
        assert.isBelow(millis, 50, `${i}: ${text.slice(0, 200)}`)
        if (i % 10_000 === 0) yield* Effect.yieldNow
      }
      // A fuzzer whose inputs are all wrong, or all right, tests nothing.
      assert.isAbove(right, count / 20)
      assert.isBelow(right, count * 19 / 20)
    }), 3_600_000)
})
