/** P8 P9 on real sockets: what a hostile client does costs itself, and nobody else notices. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { SignJWT } from "jose"
import type { Socket } from "node:net"
import { deflateRawSync } from "node:zlib"
import * as JwtAuthenticator from "../../src/services/access/JwtAuthenticator.ts"
import * as JwtKeys from "../../src/services/access/JwtKeys.ts"
import { actors, join, pass, settle, story } from "../support/actors.ts"
import { frame, hostile, intruder, upgrade } from "../support/HostileClient.ts"
import { http, overTls } from "../support/overTls.ts"
import { connect, roundTrip, type TestClient } from "../support/TestClient.ts"
import { onBun, served, servedOnNode, TestServer, testServer, type TestServerOptions } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

/** Two honest people, who must not notice anything. */
const besides = (
  name: string,
  attack: (port: number) => Generator<Effect.Effect<any, never, Scope.Scope>, void, never>,
  options: TestServerOptions = {}
) =>
  served(
    name,
    function*(port) {
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      yield* Effect.gen(() => attack(port))
      yield* talk(alice, bob)
    },
    options
  )

const talk = Effect.fnUntraced(function*(alice: TestClient, bob: TestClient) {
  alice.send({ type: "chat_message", id: "honest", recipient: "bob", text: "still there?" })
  yield* alice.waitFor("message_accepted")
  // What a flood got through before its limit is Bob's as well.
  while ((yield* bob.waitFor("incoming_message")).text !== "still there?") { /* the next one */ }
})

const errorsOf = (
  client: { readonly frames: () => ReadonlyArray<{ readonly opcode: number; readonly payload: Buffer }> }
) =>
  client.frames().filter(({ opcode }) => opcode === 1).map(({ payload }) =>
    JSON.parse(payload.toString()) as {
      type: string
      code?: string
      retry_after_ms?: number
    }
  )

const chat = (more: object) => frame(JSON.stringify({ type: "chat_message", recipient: "bob", text: "x", ...more }))

describe("a hostile client", () => {
  served("P8 forged sender, seq, time and ids are not believed", function*(port) {
    const bob = yield* connect({ port, user: "bob" })
    const mallory = yield* intruder(port, "mallory")
    mallory.write(
      chat({ sender: "alice", seq: 999, at: 1, message_id: "mine", conversation_id: "dm:alice:bob", user: "alice" })
    )
    const { at, message_id, sender, seq } = yield* bob.expect("incoming_message")
    assert.deepStrictEqual<unknown>([sender, seq], ["mallory", 1])
    assert.isAbove(at, 1)
    assert.notStrictEqual(message_id as string, "mine")
  })

  served(
    "P3 P8 the same id of two senders is two messages; other content under one's own is a conflict",
    function*(port) {
      const [alice, mallory] = [yield* connect({ port, user: "alice" }), yield* connect({ port, user: "mallory" })]
      const say = (client: TestClient, text: string) =>
        client.send({ type: "chat_message", id: "same", recipient: "bob", text })
      say(alice, "one")
      assert.isUndefined((yield* alice.expect("message_accepted")).duplicate)
      say(mallory, "one")
      assert.isUndefined((yield* mallory.expect("message_accepted")).duplicate)
      say(mallory, "two")
      assert.strictEqual((yield* mallory.expect("error")).code, "id_conflict")
    }
  )

  besides("types and fields that are names of JavaScript are unknown like any other", function*(port) {
    const mallory = yield* connect({ port, user: "mallory" })
    for (const type of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
      mallory.send({ type })
      assert.strictEqual((yield* mallory.expect("error")).code, "unknown_type", type)
    }
    mallory.send(`{"__proto__":{"type":"ping"},"constructor":{"prototype":{"admin":true}}}`)
    assert.strictEqual((yield* mallory.expect("error")).code, "invalid_frame")
    assert.isUndefined(({} as { admin?: true }).admin)
  })

  besides("a flood of frames: rate_limited with a time, then 4511, then 429 at the door", function*(port) {
    const mallory = yield* intruder(port, "mallory")
    const burst = Buffer.concat(Array.from({ length: 200 }, () => chat({})))
    mallory.write(burst)
    assert.strictEqual(yield* mallory.gone, 4511)
    const errors = errorsOf(mallory)
    assert.isAtLeast(errors.length, 10)
    for (const { code, retry_after_ms } of errors) {
      assert.strictEqual(code, "rate_limited")
      assert.isAbove(retry_after_ms ?? 0, 0)
    }
    const again = yield* intruder(port, "mallory")
    assert.strictEqual(yield* again.status, 429)
    assert.match(again.received(), /Retry-After: \d+\r\n/i)
  }, { settings: { maxMessagesPerSecond: 20 } })

  story("who is refused and stops is not cut off, and goes on after the time it was told", function*() {
    const alice = yield* join("alice", { level: "plain" })
    for (let i = 0; i < 15; i++) alice.send({ type: "ping", id: `${i}` })
    yield* settle
    const waits = alice.all("error").map(({ retry_after_ms }) => retry_after_ms ?? 0)
    assert.isAbove(Math.max(...waits), 0)
    assert.strictEqual(yield* alice.code({ type: "ping" }), "rate_limited")
    yield* pass(Math.max(...waits))
    assert.strictEqual(yield* alice.code({ type: "ping" }), "pong")
    assert.isUndefined(alice.closedWith)
  }, actors({ maxMessagesPerSecond: 5 }))

  besides("floods of pings, pongs and invalid frames end with a code", function*(port) {
    for (
      const [user, bytes, code] of [
        ["pinger", frame("x", 0x89), 4511],
        ["ponger", frame("x", 0x8a), 4511],
        ["babbler", frame("{}"), 4510],
        ["shouter", frame("not json"), 4510]
      ] as const
    ) {
      const client = yield* intruder(port, user)
      client.write(Buffer.concat(Array.from({ length: 3_000 }, () => bytes)))
      assert.strictEqual(yield* client.gone, code, user)
    }
  })

  // What Bun has read of a socket it does not say.
  servedOnNode("P9 who goes on after the end was said is not read to the end", function*(port) {
    const { server } = yield* TestServer
    const sockets: Array<Socket> = []
    server!.on("connection", (socket: Socket) => sockets.push(socket))
    yield* Effect.forEach(
      [
        ["pinger", [frame("x", 0x82)], frame("x".repeat(120), 0x89), 1003],
        ["talker", [frame("x", 0x82)], frame("x".repeat(120)), 1003],
        ["babbler", Array.from({ length: 200 }, () => frame("{}")), frame("{}".padEnd(120)), 4510]
      ] as const,
      Effect.fnUntraced(function*([user, bad, more, code]) {
        const client = yield* intruder(port, user)
        client.write(Buffer.concat(bad))
        client.write(Buffer.alloc(8_388_608, more))
        assert.strictEqual(yield* client.gone, code, user)
      }),
      { concurrency: "unbounded" }
    )
    assert.lengthOf(sockets, 3)
    for (const { bytesRead } of sockets) assert.isBelow(bytesRead, 524_288)
  })

  besides("1-byte fragments pass as long as they are few; 10,000 of them end the connection", function*(port) {
    const mallory = yield* intruder(port, "mallory")
    const text = JSON.stringify({ type: "ping", id: "slow" })
    const pieces = Array.from(text, (letter, i) => frame(letter, i === 0 ? 0x01 : i === text.length - 1 ? 0x80 : 0))
    mallory.write(Buffer.concat(pieces))
    yield* until(Effect.sync(() => mallory.received().includes("\"pong\"")))
    mallory.write(
      Buffer.concat([frame("{", 0x01), ...Array.from({ length: 10_000 }, () => frame(" ", 0x00)), frame("}", 0x80)])
    )
    // Bun counts bytes and not pieces: it is one frame of 10,002.
    if (onBun) yield* until(Effect.sync(() => errorsOf(mallory).some(({ code }) => code === "invalid_frame")))
    else assert.strictEqual(yield* mallory.gone, 1008)
  })

  besides("frames against the rules of WebSocket end the connection with a code, and not the server", function*(port) {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000))
    const bad: ReadonlyArray<readonly [string, Buffer, number]> = [
      ["a compressed bomb", frame(bomb.subarray(0, 9_000), 0xc1), 1002],
      ["an unmasked frame", Buffer.from([0x81, 0x01, 0x61]), 1002],
      ["a reserved opcode", frame("x", 0x83), 1002],
      ["a fragmented ping", frame("x", 0x09), 1002],
      ["a ping of 126 bytes", frame("x".repeat(126), 0x89), 1002],
      ["a continuation of nothing", frame("x", 0x80), 1002],
      ["not UTF-8", frame(Buffer.from([0xff, 0xfe])), 1007],
      ["binary", frame("x", 0x82), 1003],
      ["too big", frame("x".repeat(70_000)), 1009],
      ["a length of 2^63", Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]), 1009]
    ]
    for (const [i, [what, bytes, code]] of bad.entries()) {
      const client = yield* intruder(port, `mallory${i}`)
      client.write(bytes)
      assert.strictEqual(yield* client.gone, code, what)
    }
  })

  besides("compression is not agreed to", function*(port) {
    const client = yield* hostile(port)
    client.write(upgrade({ "Phone-Number": "m", "Sec-WebSocket-Extensions": "permessage-deflate" }))
    assert.strictEqual(yield* client.status, 101)
    assert.notMatch(client.received(), /Sec-WebSocket-Extensions/i)
  })

  besides("who breaks the rules again and again is refused for a while", function*(port) {
    let admitted = 0
    for (let i = 0; i < 20; i++) {
      const client = yield* intruder(port, "mallory")
      if (!client.admitted) break
      admitted++
      client.write(frame("x", 0x83))
      yield* client.gone
    }
    assert.isAtLeast(admitted, 5)
    assert.isBelow(admitted, 20)
  })
})

describe("the door", () => {
  besides(
    "pages of other origins, of none and of names that point here are refused; programs and own pages are not",
    function*(port) {
      const host = `localhost:${port}`
      for (
        const [headers, status] of [
          [{ Host: host }, 101],
          [{ Host: host, Origin: `${http}://${host}` }, 101],
          [{ Host: host, Origin: "https://evil.com" }, 403],
          [{ Host: host, Origin: "null" }, 403],
          [{ Host: "evil.com", Origin: "http://evil.com" }, 403]
        ] as const
      ) {
        const client = yield* hostile(port)
        client.write(upgrade({ "Phone-Number": "alice", ...headers }))
        assert.strictEqual(yield* client.status, status, JSON.stringify(headers))
      }
    }
  )

  it.live("connections of a user and of an address have a bound: 429 and when to come back", () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      const first = yield* intruder(port, "alice")
      const second = yield* intruder(port, "alice")
      assert.deepStrictEqual([first.admitted, second.admitted], [true, true])
      const third = yield* intruder(port, "alice")
      assert.strictEqual(yield* third.status, 429)
      assert.match(third.received(), /Retry-After: \d+/i)
      const other = yield* intruder(port, "bob")
      assert.isTrue(other.admitted)
      // The fourth of this address: three are in.
      assert.strictEqual(yield* (yield* intruder(port, "carol")).status, 429)
      // A place that is given up is free again.
      first.socket.destroy()
      yield* until(Effect.gen(function*() {
        return (yield* intruder(port, "carol")).admitted
      }))
    }).pipe(
      Effect.scoped,
      Effect.provide(testServer({ settings: { maxConnectionsPerUser: 2, maxConnectionsPerAddress: 3 } }))
    ))

  served("a device that comes back takes its own place, also when there is no other", function*(port) {
    const old = yield* connect({ port, user: "alice", device: "phone", level: "v1" })
    yield* connect({ port, user: "alice", device: "phone", level: "v1" })
    assert.strictEqual(yield* old.closed, 4509)
  }, { settings: { maxConnectionsPerUser: 1 } })

  besides(
    "a flood of connections of one address: 429 and Retry-After before the upgrade, past that no answer, and then the door opens",
    function*(port) {
      const clients = yield* Effect.forEach(Array.from({ length: 200 }), (_, i) => intruder(port, `u${i}`), {
        concurrency: 20
      })
      const refused = clients.filter(({ admitted }) => !admitted)
      const statuses = yield* Effect.forEach(refused, ({ status }) => status)
      for (const [i, client] of refused.entries()) {
        if (statuses[i] === 0) continue
        assert.strictEqual(statuses[i], 429)
        assert.match(client.received(), /Retry-After: \d+\r\n/i)
        assert.match(client.received(), /application\/problem\+json/)
      }
      assert.isAtLeast(statuses.filter((status) => status === 429).length, 10)
      // Bun has no door before the request.
      if (!onBun) assert.isAtLeast(statuses.filter((status) => status === 0).length, 10)
      yield* until(Effect.map(intruder(port, "later"), ({ admitted }) => admitted))
    },
    { settings: { maxConnectionsPerSecond: 20 } }
  )

  // With TLS they share this process's one core with their handshakes.
  const many = overTls === undefined ? 5_000 : 1_000

  served(
    `${many} half-open upgrades: memory stays bounded, others come in meanwhile, and they are gone in time`,
    function*(port) {
      const { sockets: open } = yield* TestServer
      const half = Effect.tap(hostile(port), ({ connected }) => connected)
      const halves = yield* Effect.forEach(Array.from({ length: many }), () => half, { concurrency: 100 })
      for (const half of halves) half.write("GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      yield* roundTrip(alice)
      // Bun says nothing of those that have not asked yet; twice a second it is looked who is there.
      if (onBun) yield* until(Effect.map(open, (count) => count <= 302))
      else assert.isAtMost(yield* open, 302)
      // Those that are left say a byte now and then, and are closed all the same.
      for (const half of halves) half.write("x")
      yield* until(Effect.map(open, (count) => count <= 1))
    },
    { settings: { maxPendingConnections: 300, handshakeMillis: 2_000 } },
    120_000
  )

  besides(
    "too many headers, headers too long and requests that never end get an answer or none, and no place",
    function*(port) {
      const long = yield* hostile(port)
      long.write(upgrade({ "Phone-Number": "m", "X-Long": "x".repeat(20_000) }))
      assert.strictEqual(yield* long.status, 431)
      const malformed = yield* hostile(port)
      malformed.write("GET /ws HTTP/9.9\r\n\r\n")
      assert.strictEqual(yield* malformed.status, onBun ? 505 : 400)
      const silent = yield* hostile(port)
      yield* silent.gone
    },
    { settings: { handshakeMillis: 1_000 } }
  )
})

describe("tokens and tickets on the wire", () => {
  const secret = "0123456789abcdef0123456789abcdef"
  const jwt = Layer.orDie(JwtAuthenticator.layer({ keys: JwtKeys.fromSecret(secret) }))
  const withTokens = { authenticator: jwt }
  const token = (user: string) =>
    Effect.promise(() =>
      new SignJWT({}).setProtectedHeader({ alg: "HS256" }).setSubject(user).setExpirationTime("1h")
        .sign(Buffer.from(secret))
    )
  const ticketOf = (port: number, headers: Record<string, string>, device?: string) =>
    Effect.promise(() =>
      fetch(`${http}://127.0.0.1:${port}/v1/tickets`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(device === undefined ? {} : { device })
      }).then(async (response) => ({ status: response.status, body: await response.json() as { ticket: string } }))
    )

  served("a token opens a connection by header and by subprotocol, and is not repeated in the answer", function*(port) {
    const alice = yield* token("alice")
    const byHeader = yield* hostile(port)
    byHeader.write(upgrade({ Authorization: `Bearer ${alice}` }))
    const byProtocol = yield* hostile(port)
    byProtocol.write(upgrade({ "Sec-WebSocket-Protocol": `switchboard.v1, bearer.${alice}` }))
    for (const client of [byHeader, byProtocol]) {
      assert.strictEqual(yield* client.status, 101)
      assert.notInclude(client.received(), alice)
    }
    for (const headers of [{}, { Authorization: "Bearer nonsense" }, { "Phone-Number": "alice" }]) {
      const stranger = yield* hostile(port)
      stranger.write(upgrade(headers))
      assert.strictEqual(yield* stranger.status, 401)
    }
  }, withTokens)

  served("a ticket is of one use, also when two use it at once, and of its device", function*(port) {
    const headers = { authorization: `Bearer ${yield* token("alice")}` }
    const { body, status } = yield* ticketOf(port, headers, "web")
    assert.strictEqual(status, 201)
    const race = yield* Effect.forEach(Array.from({ length: 10 }), () => hostile(port))
    for (const client of race) client.write(upgrade({}, `/ws?ticket=${body.ticket}&device=web`))
    const statuses = yield* Effect.forEach(race, ({ status }) => status)
    assert.deepStrictEqual(statuses.toSorted((a, b) => a - b), [101, ...Array.from({ length: 9 }, () => 401)])
    const other = yield* ticketOf(port, headers, "web")
    const thief = yield* hostile(port)
    thief.write(upgrade({}, `/ws?ticket=${other.body.ticket}&device=phone`))
    assert.strictEqual(yield* thief.status, 401)
    const elsewhere = yield* ticketOf(port, headers, "web")
    const away = yield* hostile(port, "127.0.0.9")
    away.write(upgrade({}, `/ws?ticket=${elsewhere.body.ticket}&device=web`))
    assert.strictEqual(yield* away.status, 401)
  }, withTokens)

  served("no ticket without a token, for a page of another origin, or with a malformed body", function*(port) {
    const authorization = `Bearer ${yield* token("alice")}`
    assert.strictEqual((yield* ticketOf(port, {})).status, 401)
    assert.strictEqual((yield* ticketOf(port, { authorization, origin: "https://evil.com" })).status, 403)
    assert.strictEqual((yield* ticketOf(port, { authorization }, "not a device")).status, 400)
    assert.strictEqual((yield* ticketOf(port, { authorization })).status, 201)
  }, withTokens)
})
