/** P10 while files are on their way: what ends in time is kept, what does not leaves nothing behind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { fileRecords } from "../support/fileApi.ts"
import { hostile } from "../support/HostileClient.ts"
import { moodyFiles } from "../support/moodyFiles.ts"
import { connect } from "../support/TestClient.ts"
import { startTestServer } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const post = (size: number) =>
  `POST /v1/files?name=a HTTP/1.1\r\nHost: localhost\r\nPhone-Number: alice\r\nContent-Length: ${size}\r\n\r\n`

describe("P10 a stop", () => {
  it.live("ends an upload that is on its way, and nothing of it is left", () =>
    Effect.gen(function*() {
      const files = moodyFiles()
      const { context, port, stop } = yield* startTestServer({ files: files.layer })
      const records = yield* Effect.provideContext(fileRecords, context)
      const client = yield* hostile(port)
      client.write(post(1_000_000) + "x".repeat(200_000))
      yield* until(Effect.sync(() => files.coming() >= 200_000))
      yield* stop
      yield* client.gone
      assert.notInclude(client.received(), "HTTP/1.1 201")
      assert.deepStrictEqual(yield* records.usage(UserId.make("alice")), { files: 0, bytes: 0 })
      assert.strictEqual(files.kept.size + files.coming(), 0)
    }).pipe(Effect.scoped))

  it.live("lets one end that does so before the clients are gone, and begins no other", () =>
    Effect.gen(function*() {
      const files = moodyFiles()
      const { port, stop } = yield* startTestServer({
        files: files.layer,
        others: 1,
        settings: { reconnectSpreadMillis: 2_000 }
      })
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const client = yield* hostile(port)
      client.write(post(10) + "hello")
      yield* until(Effect.sync(() => files.coming() === 5))
      const stopping = yield* Effect.forkScoped(stop)
      yield* bob.waitFor("draining")
      const late = yield* hostile(port)
      late.write(`${post(5)}hello`)
      assert.strictEqual(yield* late.status, 503)
      client.write("world")
      assert.strictEqual(yield* client.status, 201)
      assert.strictEqual(files.kept.size, 1)
      bob.close()
      yield* Fiber.join(stopping)
    }).pipe(Effect.scoped))
})
