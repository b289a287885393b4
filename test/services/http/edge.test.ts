/** What stands before the HTTP API: pages, bodies, words that no store can hold, and the description of it all. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { gunzipSync } from "node:zlib"
import { UserId } from "../../../src/domain/Ids.ts"
import { version } from "../../../src/domain/version.ts"
import { AdminAccess, Api, ApiRoutes, Refused } from "../../../src/index.ts"
import { hostile } from "../../support/HostileClient.ts"
import { stores } from "../../support/stores.ts"
import { TestServer, testServer, type TestServerOptions } from "../../support/TestServer.ts"

const on =
  <E = never>(options: TestServerOptions<E>) =>
  <A, R extends Scope.Scope | TestServer>(test: Effect.Effect<A, never, R>) =>
    test.pipe(Effect.scoped, Effect.provide(Layer.orDie(testServer(options))))

const ask = Effect.fnUntraced(
  function*(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
    const { port } = yield* TestServer
    return yield* Effect.promise(async () => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body })
      })
      return { status: response.status, headers: response.headers, text: await response.text() }
    })
  }
)

const json = { "content-type": "application/json" }
const alice = { "phone-number": "alice" }

describe("pages of other origins", () => {
  const app = "https://app.example.com"
  const origins = { origins: [app] }
  const wants = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "phone-number,content-type"
  }

  it.live("an allowed one may use all that is for clients, after asking and with the answer's own reasons", () =>
    Effect.gen(function*() {
      for (const [path, method] of [["/v1/info", "GET"], ["/v1/tickets", "POST"]] as const) {
        const preflight = yield* ask("OPTIONS", path, { origin: app, ...wants })
        assert.strictEqual(preflight.status, 204)
        assert.strictEqual(preflight.headers.get("access-control-allow-origin"), app)
        assert.include(preflight.headers.get("access-control-allow-methods"), method)
        assert.strictEqual(preflight.headers.get("access-control-allow-headers"), "phone-number,content-type")
      }
      const ticket = yield* ask("POST", "/v1/tickets", { origin: app, ...json, ...alice }, "{}")
      const info = yield* ask("GET", "/v1/info", { origin: app })
      const refused = yield* ask("POST", "/v1/tickets", { origin: app, ...json }, "{}")
      const malformed = yield* ask("POST", "/v1/tickets", { origin: app, ...json, ...alice }, "{")
      assert.deepStrictEqual([ticket, info, refused, malformed].map(({ status }) => status), [201, 200, 401, 400])
      for (const { headers } of [ticket, info, refused, malformed]) {
        assert.strictEqual(headers.get("access-control-allow-origin"), app)
        assert.strictEqual(headers.get("access-control-expose-headers"), "retry-after")
        assert.match(headers.get("vary") ?? "", /origin/)
        assert.isNull(headers.get("access-control-allow-credentials"))
      }
    }).pipe(on(origins)))

  it.live("others may use none of it, and nobody's page may use what is not for clients", () =>
    Effect.gen(function*() {
      for (const origin of ["https://evil.com", "null", "http://app.example.com", `${app}.evil.com`]) {
        for (
          const answer of [
            yield* ask("OPTIONS", "/v1/tickets", { origin, ...wants }),
            yield* ask("POST", "/v1/tickets", { origin, ...json, ...alice }, "{}"),
            yield* ask("GET", "/v1/info", { origin })
          ]
        ) {
          assert.strictEqual(answer.status, 403, origin)
          assert.isNull(answer.headers.get("access-control-allow-origin"), origin)
        }
      }
      for (
        const [method, path] of [["OPTIONS", "/v1/admin/ban"], ["GET", "/v1/admin/bans"], [
          "GET",
          "/health/ready"
        ]] as const
      ) {
        assert.isNull((yield* ask(method, path, { origin: app, ...wants })).headers.get("access-control-allow-origin"))
      }
    }).pipe(on(origins)))

  it.live("a page hears why it has to wait", () =>
    Effect.gen(function*() {
      let answer = yield* ask("GET", "/v1/info", { origin: app })
      while (answer.status === 200) answer = yield* ask("GET", "/v1/info", { origin: app })
      assert.strictEqual(answer.status, 429)
      assert.strictEqual(answer.headers.get("access-control-allow-origin"), app)
      assert.strictEqual(answer.headers.get("access-control-expose-headers"), "retry-after")
    }).pipe(on({ ...origins, settings: { maxRequestsPerSecondPerAddress: 3 } })))
})

describe("bodies", () => {
  const post = (path: string, headers: Record<string, string>) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${
      Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")
    }\r\n`
  const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`
  const admin = { access: AdminAccess.layerAdminPort }

  for (const path of ["/v1/tickets", "/v1/admin/ban"]) {
    it.live(`P9 ${path}: 413 at the first byte past 64 KiB, also when its length is not told`, () =>
      Effect.gen(function*() {
        const { port } = yield* TestServer
        const told = yield* hostile(port)
        told.write(post(path, { "Phone-Number": "m", "Content-Length": "65537" }))
        assert.strictEqual(yield* told.status, 413)
        yield* told.gone
        const endless = yield* hostile(port)
        endless.write(post(path, { "Phone-Number": "m", "Transfer-Encoding": "chunked" }) + chunk)
        endless.write("1\r\nx\r\n")
        assert.strictEqual(yield* endless.status, 413)
        assert.match(endless.received(), /application\/problem\+json/)
        yield* endless.gone
      }).pipe(on(admin)))

    it.live(`${path}: one that fits is read`, () =>
      Effect.gen(function*() {
        const body = JSON.stringify({ user: "bob", more: "x".repeat(65_000) })
        assert.oneOf((yield* ask("POST", path, { ...json, ...alice }, body)).status, [200, 201])
      }).pipe(on(admin)))
  }

  it.live("who shows nothing is refused before a byte of it is read", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      for (const [path, status] of [["/v1/tickets", 401], ["/v1/admin/ban", 403]] as const) {
        const nobody = yield* hostile(port)
        nobody.write(post(path, { "Content-Length": "60000" }))
        assert.strictEqual(yield* nobody.status, status)
      }
    }).pipe(on({})))

  it.live("a ticket is for the device that the body names, or for none", () =>
    Effect.gen(function*() {
      for (const body of ["{}", `{"device":"phone"}`]) {
        assert.strictEqual((yield* ask("POST", "/v1/tickets", { ...json, ...alice }, body)).status, 201)
      }
      assert.strictEqual(
        (yield* ask("POST", "/v1/tickets", { ...json, ...alice }, `{"device":"not a device"}`)).status,
        400
      )
    }).pipe(on({})))
})

describe("a typed client of the API", () => {
  it.live("fails with what the server refused", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      const client = yield* HttpApiClient.make(Api, { baseUrl: `http://127.0.0.1:${port}` })
      const refusals = yield* Effect.orDie(Effect.all([
        Effect.flip(client.ticket({ payload: {} })),
        Effect.flip(client.admin.kick({ payload: { user: UserId.make("alice") } })),
        Effect.flip(client.admin.bans({ query: {} }))
      ]))
      assert.deepStrictEqual(refusals, [
        new Refused({ status: 401, message: "Send a Phone-Number header that names the user." }),
        new Refused({ status: 403, message: "The admin API is off; start with --admin-token or --admin-port." }),
        new Refused({ status: 403, message: "The admin API is off; start with --admin-token or --admin-port." })
      ])
    }).pipe(Effect.provide(FetchHttpClient.layer), on({})))

  it.live("hears when to ask again", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      const client = yield* HttpApiClient.make(Api, { baseUrl: `http://127.0.0.1:${port}` })
      let refusal = yield* Effect.option(Effect.flip(client.info()))
      while (Option.isNone(refusal)) refusal = yield* Effect.option(Effect.flip(client.info()))
      assert.deepStrictEqual(
        refusal.value,
        new Refused({ status: 429, message: "This address asks too often; ask again later.", retryAfterSeconds: 1 })
      )
    }).pipe(Effect.provide(FetchHttpClient.layer), on({ settings: { maxRequestsPerSecondPerAddress: 3 } })))
})

describe("words that no store can hold", () => {
  const bad = ["a\0b", "a\ud800b"]
  const refuses = Effect.gen(function*() {
    for (const word of bad) {
      for (const endpoint of ["kick", "ban", "lift"]) {
        const body = JSON.stringify({ token_id: word })
        assert.strictEqual((yield* ask("POST", `/v1/admin/${endpoint}`, json, body)).status, 400, endpoint)
      }
      const body = JSON.stringify({ user: "mallory", reason: word })
      assert.strictEqual((yield* ask("POST", "/v1/admin/ban", json, body)).status, 400)
    }
    assert.deepStrictEqual(JSON.parse((yield* ask("GET", "/v1/admin/bans")).text), { bans: [], has_more: false })
    const reason = "Übel: \"spam\"\n\u202e"
    const body = JSON.stringify({ user: "mallory", reason })
    assert.strictEqual((yield* ask("POST", "/v1/admin/ban", json, body)).status, 200)
    assert.strictEqual(JSON.parse((yield* ask("GET", "/v1/admin/bans")).text).bans[0].reason, reason)
  })

  for (const [name, store] of stores("http_edge")) {
    it.live(`P9 ${name}: are refused in all of the admin API, others are kept`, () =>
      refuses.pipe(on({ access: AdminAccess.layerAdminPort, store })))
  }
})

describe("the description of the API", () => {
  it.live("is zipped, and not sent to those who have it", () =>
    Effect.gen(function*() {
      for (
        const [path, type, word] of [
          ["/docs", /html/, "Switchboard"],
          ["/openapi.json", /json/, `"version":"${version}"`],
          ["/asyncapi.json", /json/, "chat_message"]
        ] as const
      ) {
        const { port } = yield* TestServer
        const client = yield* hostile(port)
        client.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`)
        yield* client.gone
        const [head = "", body = ""] = client.received().split("\r\n\r\n", 2)
        assert.match(head, /content-encoding: gzip/i)
        assert.match(head, type)
        const plain = yield* ask("GET", path, { "accept-encoding": "identity" })
        assert.include(plain.text, word)
        const zipped = Buffer.from(client.received().slice(client.received().indexOf("\r\n\r\n") + 4), "latin1")
        assert.isBelow(body.length, plain.text.length)
        assert.strictEqual(gunzipSync(zipped).toString(), plain.text)
        const etag = plain.headers.get("etag") ?? ""
        const again = yield* ask("GET", path, { "accept-encoding": "identity", "if-none-match": etag })
        assert.deepStrictEqual([again.status, again.text], [304, ""])
      }
    }).pipe(on({ routes: ApiRoutes.layerDocs })))
})
