/** The admin API about connections and the server, on one server with real sockets. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { version } from "../../../src/domain/version.ts"
import { Configuration } from "../../../src/services/Configuration.ts"
import { access, admin, adminClient } from "../../support/adminApi.ts"
import { stores } from "../../support/stores.ts"
import { connect, roundTrip } from "../../support/TestClient.ts"
import { served, TestServer, testServer } from "../../support/TestServer.ts"

describe("the admin API about connections", () => {
  served("lists them as they came, of one user or of all, and ends one of them", function*(port) {
    const phone = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
    const plain = yield* connect({ port, user: "bob" })
    yield* Effect.all([roundTrip(phone), roundTrip(phone)])
    const alice = yield* connect({ port, user: "alice", level: "v1" })
    yield* roundTrip(alice)
    const client = yield* adminClient(port)
    const { connections, has_more, missing } = yield* client.connections.listConnections({ query: {} })
    assert.deepStrictEqual([connections.length, has_more, missing], [3, false, undefined])
    const sessions = connections.map(({ session }) => session)
    assert.deepStrictEqual(sessions, sessions.toSorted())
    assert.deepStrictEqual(
      connections.map((
        { address, buffered_bytes, device, level, user }
      ) => [user, device, level, address, buffered_bytes]),
      [
        ["bob", "phone", "v1", "127.0.0.1", 0],
        ["bob", "default", "plain", "127.0.0.1", 0],
        ["alice", "default", "v1", "127.0.0.1", 0]
      ]
    )
    for (const { connected_at } of connections) assert.isAbove(connected_at, 1_600_000_000_000)
    assert.notProperty(connections[0], "node")

    const found: Array<string> = []
    let after = ""
    while (true) {
      const page = (yield* admin(port, "GET", `/connections?limit=2${after}`)).body
      found.push(...page.connections.map(({ session }: { readonly session: string }) => session))
      if (page.has_more !== true) break
      after = `&after=${found.at(-1)}`
    }
    assert.deepStrictEqual<ReadonlyArray<string>>(found, sessions)
    const bobs = (yield* admin(port, "GET", "/connections?user=bob&limit=1")).body
    assert.deepStrictEqual([bobs.connections.length, bobs.has_more], [1, true])
    assert.lengthOf((yield* admin(port, "GET", "/connections?user=constructor")).body.connections, 0)

    assert.strictEqual((yield* admin(port, "DELETE", `/connections/${sessions[1]}`)).status, 204)
    assert.strictEqual(yield* plain.closed, 4503)
    const again = yield* admin(port, "DELETE", `/connections/${sessions[1]}`)
    assert.deepStrictEqual([again.status, again.body.code], [404, "not_found"])
    assert.strictEqual((yield* admin(port, "DELETE", "/connections/constructor")).status, 404)
    // The others stay.
    yield* Effect.all([roundTrip(phone), roundTrip(alice)])
    assert.deepStrictEqual((yield* admin(port, "GET", "/users/bob")).body.connections, 1)
  }, { access })
})

for (const [name, store] of stores("admin_stats")) {
  describe(`the admin API about the server: ${name}`, () => {
    served("counts what is here, what was accepted and what is stored", function*(port) {
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      yield* connect({ port, user: "bob", level: "v1" })
      for (const id of ["1", "2", "2"]) {
        bob.send({ type: "chat_message", id, recipient: "alice", text: "hello" })
        yield* bob.waitFor("message_accepted")
      }
      const { body } = yield* admin(port, "GET", "/stats")
      const { bytes, ...size } = body.store
      assert.deepStrictEqual(size, { kind: name, conversations: 1, entries: 2 })
      if (name === "memory") assert.isUndefined(bytes)
      else assert.isAbove(bytes, 0)
      assert.isAtLeast(body.uptime_ms, 0)
      const { connections, nodes, users_online } = body
      assert.deepStrictEqual([connections, users_online, body.accepted, nodes, body.version], [2, 1, 2, [], version])
      const stats = yield* (yield* adminClient(port)).server.stats()
      assert.deepStrictEqual([stats.accepted, stats.store?.entries], [2, 2])
    }, { access, store })
  })
}

describe("the admin API about settings", () => {
  it.live("tells what the server was told, with where it comes from", () => {
    const settings = [
      { name: "port", value: 8_080, source: "default" },
      { name: "admin-token", value: "redacted", source: "environment" },
      { name: "no-web", value: true, source: "flag" }
    ] as const
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const { body } = yield* admin(port, "GET", "/config")
      assert.deepStrictEqual(body, { settings })
      assert.deepStrictEqual((yield* (yield* adminClient(port)).server.config()).settings, settings)
    }).pipe(
      Effect.scoped,
      Effect.provide(testServer({ access }).pipe(Layer.provide(Layer.succeed(Configuration, settings))))
    )
  })
})
