import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { duplexPair } from "node:stream"
import { nextTurn } from "../../../src/services/kernel/ActorScheduler.ts"
import { FairReader } from "../../../src/services/transport/FairReader.ts"

class Reading extends FairReader {
  isPaused = false
  turns = 0

  protected get mayParse(): boolean {
    return !this.isPaused
  }

  protected override parsed(): void {
    this.turns++
  }
}

const reading = () => {
  const [socket] = duplexPair()
  const read: Array<Buffer> = []
  socket.on("data", (chunk: Buffer) => read.push(chunk))
  return { fair: new Reading(socket), read }
}

describe("FairReader", () => {
  it.live("P9 a large piece is read 2 KiB a turn, in order, and what comes behind it waits", () =>
    Effect.gen(function*() {
      const { fair, read } = reading()
      const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, i) => i))
      fair.take(bytes)
      fair.take(Buffer.from("more"))
      assert.deepStrictEqual([read.length, fair.turns], [1, 1])
      yield* Effect.repeat(nextTurn, { times: 5 })
      assert.deepStrictEqual(read.map(({ length }) => length), [2_048, 2_048, 908])
      assert.deepStrictEqual(Buffer.concat(read), Buffer.concat([bytes, Buffer.from("more")]))
    }))

  it.live("a reader that has stopped is given nothing until it goes on, and after the end nothing at all", () =>
    Effect.gen(function*() {
      const { fair, read } = reading()
      fair.take(Buffer.alloc(5_000))
      fair.isPaused = true
      yield* Effect.repeat(nextTurn, { times: 5 })
      assert.strictEqual(read.length, 1)
      fair.isPaused = false
      fair.resumed()
      yield* nextTurn
      assert.strictEqual(read.length, 2)
      fair.stop()
      fair.take(Buffer.from("late"))
      yield* Effect.repeat(nextTurn, { times: 5 })
      assert.strictEqual(read.length, 2)
    }))
})
