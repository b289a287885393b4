/** The admin API over HTTP, and who may use it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { AdminAccess } from "../../../src/index.ts"
import { hostile } from "../../support/HostileClient.ts"
import { connect } from "../../support/TestClient.ts"
import { TestServer, testServer } from "../../support/TestServer.ts"

const token = "a-token-of-administrators"

const call = Effect.fnUntraced(function*(path: string, body?: object, headers: Record<string, string> = {}) {
  const { port } = yield* TestServer
  return yield* Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/admin/${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: { "content-type": "application/json", ...headers }
    })
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      body: await response.json() as unknown
    }
  })
})

const bearer = { authorization: `Bearer ${token}` }

describe("the admin API", () => {
  it.live("kicks, bans, lists and lifts", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      const [one, two] = [yield* connect({ port, user: "mallory" }), yield* connect({ port, user: "mallory" })]
      assert.deepStrictEqual((yield* call("kick", { user: "mallory" }, bearer)).body, { connections: 2 })
      assert.deepStrictEqual([yield* one.closed, yield* two.closed], [4503, 4503])
      const banned = yield* connect({ port, user: "mallory" })
      assert.deepStrictEqual((yield* call("ban", { user: "mallory", reason: "spam" }, bearer)).body, { connections: 1 })
      assert.strictEqual(yield* banned.closed, 4503)
      const { body } = yield* call("bans", undefined, bearer)
      const [ban] = (body as { bans: Array<{ user: string; reason: string }> }).bans
      assert.deepStrictEqual([ban?.user, ban?.reason], ["mallory", "spam"])
      assert.deepStrictEqual((yield* call("lift", { user: "mallory" }, bearer)).body, { lifted: true })
      assert.deepStrictEqual((yield* call("lift", { user: "mallory" }, bearer)).body, { lifted: false })
      yield* connect({ port, user: "mallory" })
    }).pipe(Effect.scoped, Effect.provide(testServer({ access: AdminAccess.layerToken(Redacted.make(token)) }))))

  it.live("refuses a wrong token and a malformed request with a problem", () =>
    Effect.gen(function*() {
      for (
        const [body, headers, status] of [
          [{ user: "a" }, {}, 401],
          [{ user: "a" }, { authorization: "Bearer wrong" }, 401],
          [{ user: "a" }, { authorization: `Bearer ${token}x` }, 401],
          [{}, bearer, 400],
          [{ user: "a", token_id: "b" }, bearer, 400],
          [{ user: "a", reason: "a\0b" }, bearer, 400],
          [{ token_id: "a\0b" }, bearer, 400],
          [{ user: "not a user" }, bearer, 400]
        ] as const
      ) {
        const answer = yield* call("ban", body, headers)
        assert.strictEqual(answer.status, status, JSON.stringify([body, headers]))
        assert.strictEqual(answer.type, "application/problem+json")
      }
      assert.deepStrictEqual((yield* call("bans", undefined, bearer)).body, { bans: [], has_more: false })
    }).pipe(Effect.scoped, Effect.provide(testServer({ access: AdminAccess.layerToken(Redacted.make(token)) }))))

  it.live("the admin API is off, or wants its token", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call("ban", { user: "a" }, bearer)).status, 403)
    }).pipe(Effect.scoped, Effect.provide(testServer())))

  it.live("on its own port it wants no token, and no web page", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* call("ban", { user: "a" })).status, 200)
      for (const origin of ["http://localhost:8080", "null", "https://evil.com"]) {
        assert.strictEqual((yield* call("ban", { user: "a" }, { origin })).status, 403)
      }
      // A page of one's own origin says nothing of it with a GET, and its origin may be a name that was pointed here.
      const { port } = yield* TestServer
      const bans = (more: string) => {
        const request = `GET /v1/admin/bans HTTP/1.1\r\n${more}\r\n`
        return Effect.scoped(Effect.gen(function*() {
          const client = yield* hostile(port)
          client.write(request)
          return yield* client.status
        }))
      }
      for (const name of ["evil.com", `evil.com:${port}`, "localhost.evil.com", "127.0.0.1.evil.com", "10.0.0.1"]) {
        assert.strictEqual(yield* bans(`Host: ${name}\r\n`), 403, name)
      }
      for (const site of ["same-origin", "same-site", "cross-site"]) {
        assert.strictEqual(yield* bans(`Host: localhost\r\nSec-Fetch-Site: ${site}\r\n`), 403, site)
      }
      for (const name of ["localhost", `localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`]) {
        assert.strictEqual(yield* bans(`Host: ${name}\r\n`), 200, name)
      }
    }).pipe(Effect.scoped, Effect.provide(testServer({ access: AdminAccess.layerAdminPort }))))
})
