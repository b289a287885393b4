/** How connections end, and who is turned away, by number. */
import { assert, describe } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { AdminAccess } from "../../../src/index.ts"
import { eventually } from "../../support/eventually.ts"
import { frame, hostile, upgrade } from "../../support/HostileClient.ts"
import { fetchMetrics, valueOf } from "../../support/metricsPage.ts"
import { connect, open } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const token = "0123456789abcdef"
const access = AdminAccess.layerToken(Redacted.make(token))

const has = (port: number, name: string, labels: Readonly<Record<string, string>>, value: number) =>
  eventually(Effect.map(fetchMetrics(port, token), ({ text }) => valueOf(text, name, labels) === value))

describe("endings", () => {
  served("each connection counts once, by the code that was said first", function*(port) {
    const closed = (code: string, count: number) => has(port, "switchboard_closed_total", { code }, count)
    const raw = Effect.fnUntraced(function*(user: string) {
      const client = yield* hostile(port)
      client.write(upgrade({ "Phone-Number": user }))
      assert.strictEqual(yield* client.status, 101)
      return client
    })
    const binary = yield* raw("a")
    binary.write(frame("x", 0x82))
    assert.strictEqual(yield* binary.gone, 1003)
    yield* closed("1003", 1)

    const garbled = yield* raw("b")
    garbled.write(frame(Buffer.from([0xff, 0xfe])))
    assert.strictEqual(yield* garbled.gone, 1007)
    yield* closed("1007", 1)

    const large = yield* raw("c")
    large.write(frame("x".repeat(20_000)))
    assert.strictEqual(yield* large.gone, 1009)
    yield* closed("1009", 1)

    const wrong = yield* connect({ port, user: "d" })
    for (let i = 0; i < 20; i++) wrong.send("no")
    assert.strictEqual(yield* wrong.closed, 4510)
    yield* closed("4510", 1)

    const older = yield* connect({ port, user: "e", device: "phone" })
    const newer = yield* connect({ port, user: "e", device: "phone" })
    assert.strictEqual(yield* older.closed, 4509)
    yield* closed("4509", 1)
    newer.ws.terminate()
    yield* closed("other", 1)

    const left = yield* connect({ port, user: "f" })
    left.ws.close(1001)
    yield* closed("1001", 1)
    yield* eventually(
      Effect.map(
        fetchMetrics(port, token),
        ({ text }) => valueOf(text, "switchboard_closed_total") === 7 && valueOf(text, "switchboard_connections") === 0
      )
    )
  }, { access, settings: { maxFrameBytes: 16_384 } })

  served("whoever is turned away counts by status, wherever that is", function*(port) {
    const refused = (status: string, count: number) => has(port, "switchboard_refused_total", { status }, count)
    yield* Effect.flip(open({ port }))
    yield* refused("401", 1)
    assert.strictEqual((yield* fetchMetrics(port, "wrong")).status, 401)
    yield* refused("401", 2)
    const ask = (origin: string) =>
      Effect.promise(() => fetch(`http://127.0.0.1:${port}/v1/tickets`, { method: "POST", headers: { origin } }))
    assert.strictEqual((yield* ask("https://evil.example")).status, 403)
    yield* refused("403", 1)
    const large = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/v1/admin/ban`, {
        method: "POST",
        body: "x".repeat(100_000),
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }
      })
    )
    assert.strictEqual(large.status, 413)
    yield* refused("413", 1)
    yield* connect({ port, user: "alice" })
    const second = yield* Effect.flip(open({ port, user: "alice" }))
    assert.strictEqual(second.status, 429)
    yield* refused("429", 1)
    const malformed = yield* hostile(port)
    malformed.write(upgrade({ "Phone-Number": "bob", "Sec-WebSocket-Version": "7" }))
    assert.strictEqual(yield* malformed.status, 400)
    yield* refused("400", 1)
  }, { access, settings: { maxConnectionsPerUser: 1 } })
})
