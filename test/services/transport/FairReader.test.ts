import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { duplexPair } from "node:stream"
import { nextTurn } from "../../../src/services/kernel/ActorScheduler.ts"
import { FairReader } from "../../../src/services/transport/FairReader.ts"

const reading = () => {
  const [socket] = duplexPair()
  const read: Array<Buffer> = []
  const reader = { isPaused: false, turns: 0, turnEnded: () => void reader.turns++ }
  socket.on("data", (chunk: Buffer) => read.push(chunk))
  return { fair: new FairReader(socket, reader), read, reader, socket }
}

describe("FairReader", () => {
  it.live("P9 a large piece is read 2 KiB a turn, in order, and what comes behind it waits", () =>
    Effect.gen(function*() {
      const { fair, read, reader } = reading()
      const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, i) => i))
      fair.take(bytes)
      fair.take(Buffer.from("more"))
      assert.deepStrictEqual([read.length, reader.turns], [1, 1])
      yield* Effect.repeat(nextTurn, { times: 5 })
      assert.deepStrictEqual(read.map(({ length }) => length), [2_048, 2_048, 908])
      assert.deepStrictEqual(Buffer.concat(read), Buffer.concat([bytes, Buffer.from("more")]))
    }))

  it.live("a reader that has stopped is given nothing until it goes on, and after the end nothing at all", () =>
    Effect.gen(function*() {
      const { fair, read, reader } = reading()
      fair.take(Buffer.alloc(5_000))
      reader.isPaused = true
      yield* Effect.repeat(nextTurn, { times: 5 })
      assert.strictEqual(read.length, 1)
      reader.isPaused = false
      fair.resumed()
      yield* nextTurn
      assert.strictEqual(read.length, 2)
      fair.stop()
      fair.take(Buffer.from("late"))
      yield* Effect.repeat(nextTurn, { times: 5 })
      assert.strictEqual(read.length, 2)
    }))
})
