/** P9 before anybody has said who they are: what HTTP requests and sockets may cost. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, type Scope } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { WebSocket } from "ws"
import { Authenticator, type ConnectRequest } from "../../src/index.ts"
import { frame, hostile, type HostileClient, upgrade } from "../support/HostileClient.ts"
import { socketTo, ws as protocol } from "../support/overTls.ts"
import { connect, roundTrip } from "../support/TestClient.ts"
import { onBun, served, servedOnNode, TestServer, testServer, type TestServerOptions } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const get = (path: string, headers: Record<string, string> = {}, version = "1.1") =>
  `GET ${path} HTTP/${version}\r\n${
    Object.entries({ Host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join("")
  }\r\n`

const statusesOf = (client: HostileClient) =>
  Array.from(client.received().matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => Number(status))

const answered = (client: HostileClient, count: number) => until(Effect.sync(() => statusesOf(client).length >= count))

const open = Effect.flatMap(TestServer, ({ sockets }) => sockets)

const allGone = until(Effect.map(open, (count) => count === 0))

const on =
  <E = never>(options: TestServerOptions<E>) =>
  <A, R extends Scope.Scope | TestServer>(test: Effect.Effect<A, never, R>) =>
    test.pipe(Effect.scoped, Effect.provide(testServer(options)))

/** A client that keeps its half open when the server has ended its own. */
const halfOpen = (port: number, first: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const socket = socketTo({ port, host: "127.0.0.1", allowHalfOpen: true })
      socket.on("error", () => {})
      socket.resume()
      socket.write(first)
      return socket
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

/** Of what Bun does otherwise: it ends a connection that speaks before its turn, and makes WebSockets of the chat alone. */
const onNode = it.live.skipIf(onBun)

describe("requests of one connection", () => {
  onNode("have their turns one after the other, in order, however many come at once", () => {
    let now = 0
    let most = 0
    const order: Array<string> = []
    const probe = HttpRouter.add(
      "GET",
      "/probe/:n",
      Effect.gen(function*() {
        now++
        most = Math.max(most, now)
        order.push((yield* HttpRouter.params)["n"] ?? "")
        yield* Effect.callback<void>((resume) => {
          setImmediate(() => resume(Effect.void))
        })
        now--
        return HttpServerResponse.text("x".repeat(1_000))
      })
    )
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const client = yield* hostile(port)
      client.write(Array.from({ length: 500 }, (_, i) => get(`/probe/${i}`)).join(""))
      yield* answered(client, 500)
      assert.deepStrictEqual(order, Array.from({ length: 500 }, (_, i) => String(i)))
      assert.strictEqual(most, 1)
      client.write(get("/health/live"))
      yield* answered(client, 501)
    }).pipe(on({ routes: probe }))
  })

  it.live("bodies of any length reach an app's own route, and what is pipelined behind them is answered too", () => {
    const upload = HttpRouter.add(
      "POST",
      "/upload",
      Effect.gen(function*() {
        const body = yield* (yield* HttpServerRequest.HttpServerRequest).arrayBuffer
        return HttpServerResponse.text(`${body.byteLength} bytes`)
      }).pipe(Effect.orDie)
    )
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const client = yield* hostile(port)
      const size = 3_000_000
      const post = `POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`
      client.write(post + post + get("/health/live"))
      yield* answered(client, 3)
      assert.deepStrictEqual(statusesOf(client), [200, 200, 200])
      assert.strictEqual(client.received().split(`${size} bytes`).length, 3)
    }).pipe(on({ routes: upload, settings: { handshakeMillis: 30_000 } }))
  })

  onNode("what is said while it is asked who sent a long handshake is not lost", () => {
    const asked = Deferred.makeUnsafe<void>()
    const known = Deferred.makeUnsafe<void>()
    const slow = Layer.effect(
      Authenticator,
      Effect.map(Authenticator, (phone) => ({
        authenticate: (request: ConnectRequest) =>
          request.headers["phone-number"] === "alice"
            ? Deferred.succeed(asked, undefined).pipe(
              Effect.andThen(Deferred.await(known)),
              Effect.andThen(phone.authenticate(request))
            )
            : phone.authenticate(request)
      }))
    )
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const client = yield* hostile(port)
      client.write(upgrade({ "Phone-Number": "alice", "X-Long": "x".repeat(5_000) }))
      yield* Deferred.await(asked)
      client.write(frame("here", 0x89))
      yield* roundTrip(yield* connect({ port, user: "bob" }))
      yield* Deferred.succeed(known, undefined)
      yield* until(Effect.sync(() => client.frames().some(({ payload }) => payload.toString() === "here")))
    }).pipe(on({ authenticator: Layer.provide(slow, Authenticator.layerPhoneHeader) }))
  })

  servedOnNode("who asks too often hears 429 with a time and has to come again; others do not notice", function*(port) {
    const client = yield* hostile(port, "127.0.0.2")
    client.write(get("/v1/info").repeat(40))
    yield* client.gone
    const statuses = statusesOf(client)
    assert.strictEqual(statuses.at(-1), 429)
    assert.isAtMost(statuses.length, 15)
    assert.isTrue(statuses.slice(0, -1).every((status) => status === 200))
    assert.match(client.received(), /retry-after: [1-9]\d*\r\n/i)
    assert.match(client.received(), /application\/problem\+json/)
    const other = yield* hostile(port, "127.0.0.3")
    other.write(get("/v1/info"))
    assert.strictEqual(yield* other.status, 200)
  }, { settings: { maxRequestsPerSecondPerAddress: 5 } })

  served("also who waits for each answer", function*(port) {
    const client = yield* hostile(port, "127.0.0.2")
    for (let asked = 1; statusesOf(client).at(-1) !== 429; asked++) {
      client.write(get("/v1/info"))
      yield* answered(client, asked)
      assert.isAtMost(asked, 15)
    }
    yield* client.gone
  }, { settings: { maxRequestsPerSecondPerAddress: 5 } })

  served("0 lifts it", function*(port) {
    const client = yield* hostile(port)
    for (let asked = 1; asked <= 40; asked++) {
      client.write(get("/v1/info"))
      yield* answered(client, asked)
    }
    assert.deepStrictEqual(new Set(statusesOf(client)), new Set([200]))
  }, { settings: { maxRequestsPerSecondPerAddress: 0 } })

  it.live("an answer that nobody takes is thrown away in time; a handler may think as long as it wants", () => {
    const go = Deferred.makeUnsafe<void>()
    const big = HttpServerResponse.uint8Array(new Uint8Array(64_000_000))
    const routes = Layer.mergeAll(
      HttpRouter.add("GET", "/think", Effect.as(Deferred.await(go), HttpServerResponse.text("thought"))),
      HttpRouter.add("GET", "/big", big)
    )
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const patient = yield* hostile(port)
      patient.write(get("/think"))
      const deaf = yield* hostile(port)
      deaf.socket.pause()
      deaf.write(get("/big"))
      yield* until(Effect.map(open, (count) => count === 2))
      yield* until(Effect.map(open, (count) => count === 1))
      yield* Deferred.succeed(go, undefined)
      assert.strictEqual(yield* patient.status, 200)
    }).pipe(on({ routes, settings: { handshakeMillis: 300 } }))
  })
})

describe("upgrades to other paths", () => {
  served("an answer that is no WebSocket ends the socket, also of one who keeps their half open", function*(port) {
    for (let i = 0; i < 20; i++) yield* halfOpen(port, upgrade({}, "/nothing"))
    yield* until(Effect.map(open, (count) => count === 20))
    yield* allGone
  })

  it.live("one that is never answered has as long as any request, and counts as pending", () => {
    const never = HttpRouter.add("GET", "/never", () => Effect.never)
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      for (let i = 0; i < 20; i++) yield* halfOpen(port, upgrade({}, "/never"))
      yield* until(Effect.map(open, (count) => count === 3))
      yield* allGone
    }).pipe(on({ routes: never, settings: { maxPendingConnections: 3, handshakeMillis: 1_000 } }))
  })

  onNode("an app's own WebSocket is no pending connection any more", () => {
    const echo = HttpRouter.add(
      "GET",
      "/own",
      Effect.gen(function*() {
        const socket = yield* (yield* HttpServerRequest.HttpServerRequest).upgrade
        const { pull } = yield* socket.reader
        const { writeAll } = yield* socket.writer
        return yield* Effect.forever(Effect.flatMap(pull, writeAll))
      }).pipe(Effect.scoped, Effect.orElseSucceed(() => HttpServerResponse.empty()))
    )
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const ws = yield* Effect.acquireRelease(
        Effect.callback<WebSocket>((resume) => {
          const ws = new WebSocket(`${protocol}://127.0.0.1:${port}/own`, { rejectUnauthorized: false })
          ws.once("open", () => resume(Effect.succeed(ws)))
        }),
        (ws) => Effect.sync(() => ws.terminate())
      )
      for (let i = 0; i < 5; i++) yield* hostile(port)
      yield* until(Effect.map(open, (count) => count === 3))
      // The idle ones are gone by now, and the WebSocket has been there for longer.
      yield* until(Effect.map(open, (count) => count === 1))
      const heard = Effect.callback<string>((resume) => {
        ws.once("message", (data: Buffer) => resume(Effect.succeed(data.toString())))
        ws.send("still here?")
      })
      assert.strictEqual(yield* heard, "still here?")
    }).pipe(on({ routes: echo, settings: { maxPendingConnections: 2, handshakeMillis: 500 } }))
  })
})

describe("requests of other kinds", () => {
  const cases: ReadonlyArray<readonly [name: string, request: string, status: number]> = [
    ["HTTP/1.0", get("/health/live", {}, "1.0"), 200],
    ["HEAD", "HEAD /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 200],
    ["CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", onBun ? 404 : 0],
    ["an absolute target", get("http://localhost/health/live"), 200],
    [
      "an upgrade with an absolute target",
      upgrade({ "Phone-Number": "mallory" }, "http://localhost/ws"),
      onBun ? 101 : 426
    ],
    ["an upgrade with a body", upgrade({ "Phone-Number": "mallory", "Content-Length": "1000000" }), 400],
    ["an upgrade with a chunked body", upgrade({ "Phone-Number": "mallory", "Transfer-Encoding": "chunked" }), 400],
    ["an offer of HTTP/2", get("/health/live", { Connection: "Upgrade", Upgrade: "h2c" }), 200],
    ["a body that is expected", get("/health/live", { Expect: "100-continue", "Content-Length": "5" }), 100],
    ["an unknown expectation", get("/health/live", { Expect: "the-unexpected" }), onBun ? 200 : 417],
    ["no host", "GET /health/live HTTP/1.1\r\n\r\n", 400],
    [
      "trailers without end",
      `POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: m\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${
        "x: y\r\n".repeat(10_000)
      }`,
      onBun ? 400 : 431
    ],
    [
      "a chunk's extension without end",
      `POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: m\r\nTransfer-Encoding: chunked\r\n\r\n1;${
        "x".repeat(50_000)
      }`,
      413
    ]
  ]
  for (const [name, request, status] of cases) {
    served(`P9 ${name}: ${status === 0 ? "no answer" : status}, and the chat goes on`, function*(port) {
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const client = yield* hostile(port)
      client.write(request)
      assert.strictEqual(yield* client.status, status)
      yield* roundTrip(alice)
      client.socket.destroy()
      yield* until(Effect.map(open, (count) => count === 1))
    })
  }
})

describe("an upgrade before the last answer", () => {
  served("P9 ends the connection, or comes after it: whose words would come first?", function*(port) {
    const client = yield* hostile(port)
    client.write(get("/health/live") + upgrade({ "Phone-Number": "mallory" }))
    if (onBun) {
      // Where the answer is there at once, it comes first, and the upgrade after it.
      yield* answered(client, 2)
      assert.deepStrictEqual(statusesOf(client), [200, 101])
    } else {
      yield* client.gone
      assert.deepStrictEqual(statusesOf(client), [200])
    }
  })
})

describe("the pace of the door", () => {
  served("one address that knocks uses up its own part, and not that of others", function*(port) {
    yield* Effect.forEach(Array.from({ length: 400 }), () => knock(port, "mallory", "127.0.0.2"), { concurrency: 50 })
    const honest = yield* Effect.forEach(
      Array.from({ length: 15 }),
      (_, i) => knock(port, `u${i}`, "127.0.0.3"),
      { concurrency: 15 }
    )
    assert.deepStrictEqual(honest, Array.from({ length: 15 }, () => 101))
  }, { settings: { maxConnectionsPerSecond: 100 } })

  served("many who come back at once from many addresses get in", function*(port) {
    const back = yield* Effect.forEach(
      Array.from({ length: 300 }, (_, i) => i),
      (i) => knock(port, `u${i}`, `127.1.${Math.floor(i / 200)}.${i % 200 + 1}`),
      { concurrency: "unbounded" }
    )
    assert.deepStrictEqual(back, Array.from({ length: 300 }, () => 101))
  }, { settings: { maxConnectionsPerSecond: 200 } })

  /** Each on a connection of its own, as proxies may ask. */
  const behindProxy = Effect.fnUntraced(function*(port: number, from: string, path: string) {
    const client = yield* hostile(port, "127.0.0.2")
    const headers = { "Phone-Number": from, "X-Forwarded-For": from }
    client.write(path === "/ws" ? upgrade(headers) : get(path, headers))
    const status = yield* client.status
    client.socket.destroy()
    return status
  })

  const asked = (port: number, path: string, times: number, from: (i: number) => string) =>
    Effect.forEach(Array.from({ length: times }, (_, i) => from(i)), (from) => behindProxy(port, from, path), {
      concurrency: 50
    })

  const proxied = {
    proxies: ["127.0.0.2"],
    settings: { maxConnectionsPerSecond: 20, maxRequestsPerSecondPerAddress: 20 }
  }

  served(
    "P9 one client behind a trusted proxy uses up its own part, and not that of the others there",
    function*(port) {
      const requests = yield* asked(port, "/v1/info", 400, () => "203.0.113.1")
      assert.deepStrictEqual(new Set(requests), new Set([200, 429]))
      assert.deepStrictEqual(
        yield* asked(port, "/v1/info", 15, () => "203.0.113.2"),
        Array.from({ length: 15 }, () => 200)
      )
      const upgrades = yield* asked(port, "/ws", 400, () => "203.0.113.1")
      assert.deepStrictEqual(new Set(upgrades), new Set([101, 429]))
      assert.deepStrictEqual(yield* asked(port, "/ws", 15, () => "203.0.113.2"), Array.from({ length: 15 }, () => 101))
    },
    proxied
  )

  served("P9 all together behind a trusted proxy come in at the pace of all", function*(port) {
    const statuses = yield* asked(port, "/ws", 400, (i) => `203.0.113.${i % 200 + 1}`)
    assert.deepStrictEqual(new Set(statuses), new Set([101, 503]))
  }, proxied)

  const knock = Effect.fnUntraced(function*(port: number, user: string, from: string) {
    const client = yield* hostile(port, from)
    client.write(upgrade({ "Phone-Number": user }))
    return yield* client.status
  })
})
