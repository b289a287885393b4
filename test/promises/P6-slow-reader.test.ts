/** P6: one slow reader harms nobody. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { tlsArgs } from "../support/overTls.ts"
import { startServer } from "../support/ServerProcess.ts"
import { connect, roundTrip } from "../support/TestClient.ts"
import { onBun } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const text = "x".repeat(16_000)
const megabyte = 1_048_576

describe("P6", () => {
  it.live(
    "200 MB to a reader that has stopped: it is cut off, memory stays, others have all their messages",
    () =>
      Effect.gen(function*() {
        const { port, rss } = yield* startServer([
          "--store",
          "memory",
          "--retain-messages",
          "10",
          "--max-messages-per-second",
          "0",
          "--max-messages-per-second-per-user",
          "0",
          ...tlsArgs
        ])
        const sender = yield* connect({ port, user: "alice" })
        const quick = yield* connect({ port, user: "bob" })
        let received = 0
        quick.ws.on("message", () => received++)
        const send = Effect.fnUntraced(function*(bytes: number, during: () => void) {
          const count = Math.ceil(bytes / text.length)
          const goal = received + count
          for (let i = 1; i <= count; i++) {
            sender.send({ type: "chat_message", recipient: "bob", text })
            // The quick reader keeps up: it is never more than half a megabyte behind.
            if (i % 32 === 0) yield* until(Effect.sync(() => received >= goal - count + i))
            if (i % 32 === 0) during()
          }
          yield* until(Effect.sync(() => received === goal))
        })
        // The same traffic without a slow reader first, so that what it costs by itself is there before.
        yield* send(50 * megabyte, () => {})
        const before = rss()
        const slow = yield* connect({ port, user: "bob" })
        slow.ws.pause()
        let highest = 0
        yield* send(200 * megabyte, () => highest = Math.max(highest, rss() - before))
        // Bun's own heap comes and goes by some forty megabytes under such traffic, without anybody slow.
        assert.isBelow(highest / megabyte, onBun ? 100 : 32)
        yield* roundTrip(quick)
        slow.ws.resume()
        assert.include([1006, 4008], yield* slow.closed)
      }).pipe(Effect.scoped),
    120_000
  )
})
