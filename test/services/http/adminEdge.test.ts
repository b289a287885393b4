/** What stands around the admin API: who may, what does not fit, what is not there. */
import { assert, describe, it } from "@effect/vitest"
import { OpenApi } from "effect/http-api"
import { Api } from "../../../src/index.ts"
import { access, admin, adminToken } from "../../support/adminApi.ts"
import { hostile } from "../../support/HostileClient.ts"
import { connect } from "../../support/TestClient.ts"
import { served } from "../../support/TestServer.ts"

const all: ReadonlyArray<readonly [string, string]> = Object.values(Api.groups)
  .flatMap(({ endpoints }) => Object.values<{ readonly path: string; readonly method: string }>(endpoints))
  .filter(({ path }) => path.startsWith("/v1/admin/"))
  .map(({ method, path }) => [method, path.slice("/v1/admin".length).replaceAll(/:\w+/g, "someone")])

describe("the admin API", () => {
  served("no endpoint answers without the token", function*(port) {
    assert.isAtLeast(all.length, 16)
    const wrong = [
      {},
      { authorization: `Bearer ${adminToken}x` },
      { authorization: `Bearer ${adminToken.slice(0, -1)}` },
      { authorization: `Bearer ` },
      { authorization: `Basic ${adminToken}` },
      { "phone-number": "alice" }
    ]
    for (const [method, path] of all) {
      for (const headers of wrong) {
        // A request that does not fit is refused for that it is nobody's, before anybody reads it.
        const { body, status } = yield* admin(port, method, path, method === "GET" ? undefined : "{", headers)
        assert.deepStrictEqual([status, body.code], [401, "unauthenticated"], `${method} ${path}`)
      }
    }
  }, { access })

  it("is described, every endpoint of it", () => {
    const { paths } = OpenApi.fromApi(Api)
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of ["get", "post", "put", "patch", "delete"] as const) {
        const operation = methods[method]
        if (operation !== undefined) assert.isAbove((operation.description ?? "").length, 10, `${method} ${path}`)
      }
    }
  })

  served("says of a list which of its inputs is wrong, and what it should be", function*(port) {
    for (const list of ["/users", "/connections", "/bans", "/users/bob/conversations"]) {
      for (const limit of ["0", "101", "-1", "1e1", "", "1.5", "0x10", "%201", "Infinity", "1&limit=2"]) {
        const { body, headers, status } = yield* admin(port, "GET", `${list}?limit=${limit}`)
        assert.deepStrictEqual([status, headers.get("content-type")], [400, "application/problem+json"], list + limit)
        assert.strictEqual(body.code, "invalid_request")
        const expected = limit.includes("&") ? "a string" : "a whole number from 1 to 100"
        assert.strictEqual(body.detail, `\`limit\` in the query should be ${expected}.`)
      }
    }
    const wrong: ReadonlyArray<readonly [string, string, RegExp]> = [
      ["GET", "/users?online=yes", /^`online` in the query should be "true" or "false"\.$/],
      ["GET", "/users?after=a%20b", /^`after` in the query should be 1 to 128 letters, digits or/],
      ["GET", "/users?after=@system", /^`after` in the query/],
      ["GET", "/connections?user=a\"b", /^`user` in the query/],
      ["GET", `/users/${"x".repeat(129)}`, /^`user` in the path should be 1 to 128 letters/],
      ["GET", "/users/@system", /^`user` in the path/],
      ["GET", "/users/%2Fb", /^`user` in the path/],
      ["GET", "/users/a%20b", /^`user` in the path/],
      ["PUT", "/bans/@system", /^`user` in the path/]
    ]
    for (const [method, path, detail] of wrong) {
      const { body, status } = yield* admin(port, method, path, method === "PUT" ? {} : undefined)
      assert.strictEqual(status, 400, path)
      assert.match(body.detail, detail)
    }
  }, { access })

  served("ids are percent-decoded, whichever of their characters was encoded", function*(port) {
    yield* admin(port, "PUT", "/users/+1.a_b@c-d/profile", { name: "Odd" })
    for (const path of ["+1.a_b@c-d", "%2B1.a_b%40c-d", "%2b1%2Ea%5Fb%40c%2Dd"]) {
      const { body } = yield* admin(port, "GET", `/users/${path}`)
      assert.deepStrictEqual([body.user, body.name], ["+1.a_b@c-d", "Odd"], path)
    }
    // In a query a plus is a space.
    const { body } = yield* admin(port, "GET", "/users?after=%2B1")
    assert.strictEqual(body.users[0].user, "+1.a_b@c-d")
    for (const path of ["/users/%zz", "/users/%", "/users/%ff", "/users/a%00", "/users/%E0%A4%A"]) {
      const client = yield* hostile(port)
      client.write(`GET /v1/admin${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`)
      assert.include([400, 404], yield* client.status, path)
    }
  }, { access })

  served("what is not there is a problem, and a wrong method says which are right", function*(port) {
    for (const path of ["/nothing", "/", "/users/bob/nothing", "/users/bob/profile/x", "/constructor"]) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const { body, headers, status } = yield* admin(port, method, path, method === "POST" ? {} : undefined)
        assert.deepStrictEqual([status, body?.code], [404, "not_found"], `${method} ${path}`)
        assert.strictEqual(headers.get("content-type"), "application/problem+json")
      }
    }
    const wrong: ReadonlyArray<readonly [string, string, string]> = [
      ["POST", "/users", "GET"],
      ["POST", "/users/bob", "DELETE, GET"],
      ["GET", "/users/bob/profile", "PUT"],
      ["GET", "/bans/bob", "DELETE, PUT"],
      ["GET", "/kick", "POST"],
      ["PATCH", "/connections/s1", "DELETE"]
    ]
    for (const [method, path, allow] of wrong) {
      const { body, headers, status } = yield* admin(port, method, path, method === "GET" ? undefined : {})
      assert.deepStrictEqual([status, body.code, headers.get("allow")], [405, "method_not_allowed", allow], path)
    }
  }, { access })

  served("a body of another type, or of none, is a problem that says what to send", function*(port) {
    const bearer = { authorization: `Bearer ${adminToken}` }
    const form = { ...bearer, "content-type": "application/x-www-form-urlencoded" }
    const { body, headers, status } = yield* admin(port, "PUT", "/bans/bob", "reason=spam", form)
    assert.deepStrictEqual([status, body.code], [415, "unsupported_media_type"])
    assert.strictEqual(headers.get("content-type"), "application/problem+json")
    assert.match(body.detail, /Content-Type: application\/json/)
    const empty = yield* admin(port, "PUT", "/users/bob/profile", "", { ...bearer, "content-type": "application/json" })
    assert.deepStrictEqual([empty.status, empty.body.detail], [400, "The body should be an object."])
    // Where everything of it may be left out, so may the body.
    const banned = yield* admin(port, "PUT", "/bans/bob", undefined, bearer)
    assert.deepStrictEqual([banned.status, banned.body.user], [200, "bob"])
    const number = yield* admin(port, "PUT", "/bans/bob", "5")
    assert.deepStrictEqual([number.status, number.body.detail], [400, "The body should be an object."])
    const large = yield* admin(port, "PUT", "/bans/bob", { reason: "x".repeat(70_000) })
    assert.deepStrictEqual([large.status, large.body.code], [413, "too_large"])
  }, { access })
})

describe("the admin API about bans", () => {
  served("keeps out one user, and lets them in again", function*(port) {
    const bob = yield* connect({ port, user: "bob", level: "v1" })
    const banned = yield* admin(port, "PUT", "/bans/bob", { reason: "spam" })
    assert.deepStrictEqual([banned.status, banned.body.user, banned.body.reason, banned.body.connections], [
      200,
      "bob",
      "spam",
      1
    ])
    assert.strictEqual(yield* bob.closed, 4503)
    const { body: { bans } } = yield* admin(port, "GET", "/bans")
    assert.deepStrictEqual(bans, [{ user: "bob", reason: "spam", at: banned.body.at }])
    assert.deepStrictEqual((yield* admin(port, "DELETE", "/bans/bob")).status, 204)
    assert.deepStrictEqual((yield* admin(port, "DELETE", "/bans/bob")).body.code, "not_found")
    yield* connect({ port, user: "bob", level: "v1" })
    const wrong: ReadonlyArray<readonly [unknown, RegExp]> = [
      [{ until: 1 }, /`until` in the body has passed/],
      [{ until: 1.5 }, /^`until` in the body should be an integer\.$/],
      [{ until: "tomorrow" }, /`until` in the body/],
      [{ reason: "x".repeat(201) }, /`reason` in the body/],
      [{ reason: "a\0b" }, /`reason` in the body should be well-formed text without NUL/]
    ]
    for (const [body, detail] of wrong) {
      const answer = yield* admin(port, "PUT", "/bans/bob", body)
      assert.strictEqual(answer.status, 400)
      assert.match(answer.body.detail, detail)
    }
  }, { access })

  served("lists users, then tokens, page by page", function*(port) {
    for (const user of ["b", "a", "constructor"]) yield* admin(port, "PUT", `/bans/${user}`, {})
    for (const token of ["a", "z y"]) yield* admin(port, "POST", "/ban", { token_id: token })
    const found: Array<string> = []
    let after: string | undefined
    while (true) {
      const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`
      const { bans, has_more } = (yield* admin(port, "GET", `/bans?limit=2${query}`)).body
      for (const { token_id, user } of bans) found.push(after = user ?? `token:${token_id}`)
      if (has_more !== true) break
    }
    assert.deepStrictEqual(found, ["a", "b", "constructor", "token:a", "token:z y"])
    assert.lengthOf((yield* admin(port, "GET", "/bans")).body.bans, 5)
  }, { access })
})
