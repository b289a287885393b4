/** P9 where files come in and go out: a clear answer to whoever does wrong, nothing left behind, and nobody else notices. */
import { assert, describe } from "@effect/vitest"
import { Clock, Deferred, Effect, Layer, Stream } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { defaultDevice, UserId } from "../../src/domain/Ids.ts"
import { Admission, Bans, Tickets } from "../../src/index.ts"

import { FilePolicy } from "../../src/services/files/FilePolicy.ts"
import { eventually } from "../support/eventually.ts"
import { ask, askRaw, fileRecords, linkOf, upload } from "../support/fileApi.ts"
import { hostile } from "../support/HostileClient.ts"
import { moodyFiles } from "../support/moodyFiles.ts"
import { overTls } from "../support/overTls.ts"
import { connect, roundTrip } from "../support/TestClient.ts"
import { onBun, served, TestServer, type TestServerOptions } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const alice = UserId.make("alice")

const post = (headers: Record<string, string>, name = "a.bin", user = "alice") =>
  `POST /v1/files?name=${encodeURIComponent(name)} HTTP/1.1\r\nHost: localhost\r\nPhone-Number: ${user}\r\n${
    Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`).join("")
  }\r\n`

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

type Moody = ReturnType<typeof moodyFiles>

/** A story with a place for files that the story can look into. */
const story = <A>(
  name: string,
  body: (port: number, files: Moody) => Generator<Effect.Effect<any, any, any>, A, never>,
  options: TestServerOptions<any> = {}
) => {
  const files = moodyFiles()
  served(`P9 ${name}`, (port) => body(port, files), { ...options, files: files.layer })
}

const nothingIsLeft = Effect.fnUntraced(function*(files: Moody, user = alice) {
  const records = yield* fileRecords
  yield* eventually(Effect.map(
    Effect.orDie(records.usage(user)),
    (usage) => usage.files === 0 && usage.bytes === 0 && files.kept.size === 0 && files.coming() === 0
  ))
})

const taken = (files: Moody, bytes: number) => until(Effect.sync(() => files.coming() >= bytes))

describe("a body that is not what was said", () => {
  story("one that ends early leaves nothing behind", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Content-Length": "1000000" }) + "x".repeat(100_000))
    yield* taken(files, 50_000)
    const { bytes } = yield* (yield* fileRecords).usage(alice)
    assert.strictEqual(bytes, 1_000_000, "room is taken before the bytes are there")
    client.socket.destroy()
    yield* nothingIsLeft(files)
  })

  story("one in chunks that ends in the middle leaves nothing behind", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Transfer-Encoding": "chunked" }) + chunk("x".repeat(70_000)))
    yield* taken(files, 60_000)
    client.socket.end()
    yield* nothingIsLeft(files)
  })

  story("one in chunks without end is refused at the first byte past the limit", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Transfer-Encoding": "chunked" }))
    const go = () => {
      if (client.socket.writable && client.socket.write(chunk("x".repeat(16_384)))) setImmediate(go)
      else client.socket.once("drain", go)
    }
    go()
    assert.strictEqual(yield* client.status, 413)
    assert.match(client.received(), /application\/problem\+json/)
    yield* client.gone
    yield* nothingIsLeft(files)
  }, { settings: { maxFileBytes: 1_000_000 } })

  story("one that is said to be too large is refused before a byte of it is taken", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Content-Length": "1000001" }))
    assert.strictEqual(yield* client.status, 413)
    yield* client.gone
    yield* nothingIsLeft(files)
  }, { settings: { maxFileBytes: 1_000_000 } })

  story("what comes behind a body of the length that was said is another request, or the end", function*(port) {
    const client = yield* hostile(port)
    const one = `${post({ "Content-Length": "5" })}hello`
    client.write(one + one)
    yield* until(Effect.sync(() => client.received().split("HTTP/1.1 201").length === 3))
    client.write(`${one} GARBAGE\r\n\r\n`)
    yield* client.gone
    assert.match(client.received(), /HTTP\/1\.1 400/)
  })

  // At the ends of what is read, and of what is written, at once.
  const sizes = [65_535, 65_537, 1_000_001, 1, 524_288, 3_000_000, 16_385]

  story("every byte of many, one behind the other, is of the file that it was sent for", function*(port, files) {
    const client = yield* hostile(port)
    const sent = sizes.map((size) => randomBytes(size))
    client.write(Buffer.concat(sent.flatMap((each) => [
      Buffer.from(post({ "Content-Length": String(each.length) })),
      each
    ])))
    yield* until(Effect.sync(() => client.received().split("HTTP/1.1 201").length === sizes.length + 1))
    const sums = Array.from(client.received().matchAll(/"sha256":"(\w+)"/g), ([, sum]) => sum)
    assert.deepStrictEqual(sums, sent.map((each) => createHash("sha256").update(each).digest("hex")))
    assert.isTrue(Buffer.concat(Array.from(files.kept.values(), ({ bytes }) => bytes)).equals(Buffer.concat(sent)))
  })

  story("none at all is a file of no bytes, in whatever way it is said", function*(port) {
    const sent = yield* upload(port, "", { name: "empty" })
    assert.deepStrictEqual([sent.status, sent.body.size], [201, 0])
    for (const headers of [{}, { "Content-Length": "0" }, { "Transfer-Encoding": "chunked" }]) {
      const client = yield* hostile(port)
      client.write(post(headers) + ("Transfer-Encoding" in headers ? "0\r\n\r\n" : ""))
      assert.strictEqual(yield* client.status, 201)
    }
    const link = yield* linkOf(sent.body)
    for (const headers of [{}, { range: "bytes=0-" }]) {
      const got = yield* askRaw(port, link, headers)
      assert.deepStrictEqual([got.status, got.bytes.length], [200, 0])
    }
  })

  story("chunks of one byte each are a file like any other", function*(port) {
    const client = yield* hostile(port)
    client.write(`${post({ "Transfer-Encoding": "chunked" })}${chunk("x").repeat(5_000)}0\r\n\r\n`)
    assert.strictEqual(yield* client.status, 201)
    assert.include(client.received(), "\"size\":5000")
  })
})

describe("a slow body", () => {
  story("takes longer than any request may, as long as it comes", function*(port, files) {
    const client = yield* hostile(port)
    const pieces = 12
    client.write(post({ "Content-Length": String(pieces * 2_000) }))
    for (let i = 1; i <= pieces; i++) {
      // The pace of this client, and no wait: longer in all than a request may take, and never silent for that long.
      yield* Effect.sleep(150)
      client.write("x".repeat(2_000))
      if (i < pieces) yield* taken(files, i * 2_000)
    }
    assert.strictEqual(yield* client.status, 201)
  }, { settings: { handshakeMillis: 1_000 } })

  story("one that stops is told so and closed", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Content-Length": "100000" }) + "x".repeat(50_000))
    assert.strictEqual(yield* client.status, 408)
    yield* client.gone
    yield* nothingIsLeft(files)
  }, { settings: { handshakeMillis: 500 } })

  story("one that comes byte by byte is told so and closed", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Content-Length": "100000" }))
    yield* Effect.forkScoped(Effect.forever(Effect.delay(Effect.sync(() => client.write("x")), 50)))
    assert.strictEqual(yield* client.status, 408)
    yield* client.gone
    yield* nothingIsLeft(files)
  }, { settings: { handshakeMillis: 500 } })

  story("of whoever may not send it has as long as any request", function*(port) {
    const client = yield* hostile(port)
    client.write("POST /v1/files?name=a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
    assert.strictEqual(yield* client.status, 401)
    yield* client.gone
    const ticket = yield* hostile(port)
    ticket.write("POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: m\r\nContent-Length: 100\r\n\r\n{")
    yield* ticket.gone
    assert.match(ticket.received(), /^(HTTP\/1\.1 408|$)/)
  }, { settings: { handshakeMillis: 500 } })

  story("a place for files that is slow costs its client nothing", function*(port, files) {
    const go = yield* Deferred.make<void>()
    files.mood.gate = Deferred.await(go)
    const client = yield* hostile(port)
    client.write(post({ "Content-Length": "200000" }) + "x".repeat(200_000))
    const patient = yield* hostile(port)
    patient.write(post({ "Content-Length": "200000" }) + "x".repeat(100_000))
    // As long as any request may take, and not so long that the place is given up.
    const late = yield* hostile(port)
    late.write("POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: m\r\nContent-Length: 100\r\n\r\n{")
    yield* late.gone
    yield* Deferred.succeed(go, undefined)
    patient.write("x".repeat(100_000))
    assert.strictEqual(yield* client.status, 201)
    assert.strictEqual(yield* patient.status, 201)
  }, { settings: { handshakeMillis: 1_500 } })

  story(
    "a place for files that stands still is given up, also of a client that has gone meanwhile",
    function*(port, files) {
      files.mood.gate = Effect.never
      const client = yield* hostile(port)
      client.write(post({ "Content-Length": "2000000" }) + "x".repeat(1_000_000))
      const gone = yield* hostile(port)
      gone.write(post({ "Content-Length": "2000000" }, "b.bin", "bob") + "x".repeat(1_000_000))
      const records = yield* fileRecords
      yield* eventually(Effect.map(Effect.orDie(records.usage(UserId.make("bob"))), ({ files }) => files === 1))
      // TLS has no reset of its own.
      if (overTls === undefined) gone.socket.resetAndDestroy()
      else gone.socket.destroy()
      assert.strictEqual(yield* client.status, 503)
      assert.match(client.received(), /retry-after: \d/i)
      yield* client.gone
      yield* nothingIsLeft(files)
      yield* nothingIsLeft(files, UserId.make("bob"))
    },
    { settings: { handshakeMillis: 300 } }
  )

  story("others are not asked to wait: messages go on, and there is a bound to how many there are", function*(port) {
    const bob = yield* connect({ port, user: "bob", level: "v1" })
    const slow = yield* Effect.forEach(
      Array.from({ length: 64 }),
      () => Effect.tap(hostile(port), (client) => Effect.sync(() => client.write(post({ "Content-Length": "1000" }))))
    )
    const records = yield* fileRecords
    yield* eventually(Effect.map(Effect.orDie(records.usage(alice)), ({ files }) => files === 64))
    const past = yield* hostile(port)
    past.write(post({ "Content-Length": "1000" }))
    assert.strictEqual(yield* past.status, 429)
    assert.match(past.received(), /retry-after: \d/i)
    yield* roundTrip(bob)
    assert.strictEqual((yield* upload(port, "hello", { user: "bob" })).status, 201)
    slow[0]!.socket.destroy()
    yield* eventually(Effect.map(Effect.orDie(records.usage(alice)), ({ files }) => files === 63))
    assert.strictEqual((yield* upload(port, "hello")).status, 201)
  })

  story("a hundred begin at once; those past it begin one after the other, and none is refused", function*(port) {
    const clock = yield* Clock.Clock
    const begun = clock.monotonicTimeNanosUnsafe()
    const statuses = yield* Effect.forEach(
      Array.from({ length: 130 }),
      () => Effect.map(upload(port, "hello"), ({ status }) => status),
      { concurrency: 30 }
    )
    assert.deepStrictEqual(statuses, Array.from({ length: 130 }, () => 201))
    // At twenty a second: however slow the machine is, thirty were not begun sooner.
    assert.isAtLeast(Number(clock.monotonicTimeNanosUnsafe() - begun) / 1e6, 1_400)
    assert.strictEqual((yield* upload(port, "hello", { user: "bob" })).status, 201)
  })

  story("those who wait are no pending connections: a flood of these does not end them", function*(port, files) {
    const client = yield* hostile(port)
    client.write(post({ "Content-Length": "2000" }) + "x".repeat(1_000))
    yield* taken(files, 1_000)
    for (let i = 0; i < 6; i++) yield* Effect.flatMap(hostile(port), ({ connected }) => connected)
    client.write("x".repeat(1_000))
    assert.strictEqual(yield* client.status, 201)
  }, { settings: { maxPendingConnections: 3 } })
})

describe("who asks", () => {
  story("is known before the body is wanted", function*(port, files) {
    const expecting = { Expect: "100-continue", "Content-Length": "5" }
    const nobody = yield* hostile(port)
    nobody.write(post(expecting, "a", "not a user"))
    // Bun says "go on" by itself.
    if (!onBun) assert.strictEqual(yield* nobody.status, 401)
    yield* nobody.gone
    assert.include(nobody.received(), "HTTP/1.1 401")
    assert.strictEqual(nobody.received().includes("100 Continue"), onBun)
    const large = yield* hostile(port)
    large.write(post({ ...expecting, "Content-Length": "100000000" }))
    const client = yield* hostile(port)
    client.write(post(expecting))
    assert.strictEqual(yield* client.status, 100)
    client.write("hello")
    yield* until(Effect.sync(() => client.received().includes("HTTP/1.1 201")))
    assert.strictEqual(files.kept.size, 1)
  })

  story("a ticket will do, once", function*(port) {
    const tickets = yield* Tickets
    const { ticket } = yield* tickets.issue({ user: alice, device: defaultDevice, named: false }, "127.0.0.1")
    const send = () => ask(port, `/v1/files?name=a&ticket=${ticket}`, { method: "POST", body: "hello" })
    assert.strictEqual((yield* send()).status, 201)
    assert.strictEqual((yield* send()).status, 401)
  })

  story("the banned, pages of others and whoever is nobody are refused", function*(port) {
    yield* (yield* Bans).ban({ kind: "user", id: "mallory" })
    assert.strictEqual((yield* upload(port, "hello", { user: "mallory" })).status, 403)
    const evil = yield* upload(port, "hello", { headers: { origin: "https://evil.com" } })
    assert.strictEqual(evil.status, 403)
    assert.strictEqual((yield* ask(port, "/v1/files?name=a", { method: "POST", body: "x" })).status, 401)
  })

  story("each who asks counts at the door", function*(port) {
    yield* Admission
    const statuses: Array<number> = []
    for (let i = 0; i < 30; i++) {
      const client = yield* hostile(port, "127.0.0.2")
      client.write(post({ "Content-Length": "5" }) + "hello")
      statuses.push(yield* client.status)
    }
    assert.include(statuses, 429)
  }, { settings: { maxRequestsPerSecondPerAddress: 5 } })
})

describe("names and types", () => {
  const bad = [
    "",
    "../etc/passwd",
    "a/b",
    "a\\b",
    "..",
    "nul\0",
    "line\nend",
    "photo\u202egnp.exe",
    "\u2066hidden",
    "x".repeat(256),
    "x".repeat(5_000),
    "   "
  ]
  story("that are not plain are refused in one sentence, and nothing is left", function*(port, files) {
    for (const name of bad) {
      const { body, status } = yield* upload(port, "hello", { name })
      assert.strictEqual(status, 400, JSON.stringify(name))
      assert.match(body.detail, /^[A-Z][^.]*\.$/)
    }
    assert.strictEqual(
      (yield* ask(port, "/v1/files", { method: "POST", headers: { "phone-number": "alice" } })).status,
      400
    )
    for (const type of ["nonsense", "a/b/c", "text/", "te xt/plain", "<script>/x"]) {
      assert.strictEqual((yield* upload(port, "hello", { type })).status, 400, type)
    }
    yield* nothingIsLeft(files)
  })

  story("in whatever script are kept as they are, composed", function*(port) {
    for (const name of ["x".repeat(255), "ö".normalize("NFD"), "写真 👩‍👩‍👧.png", "a\"b';%2F.txt", "界".repeat(255)]) {
      const sent = yield* upload(port, "hello", { name })
      assert.deepStrictEqual([sent.status, sent.body?.name], [201, name.normalize("NFC")])
      const got = yield* ask(port, yield* linkOf(sent.body))
      assert.strictEqual(got.status, 200, name)
      const disposition = got.headers.get("content-disposition") ?? ""
      const [, encoded] = /filename\*=UTF-8''([A-Za-z0-9._~!#$&+^`|%-]+)$/.exec(disposition) ?? []
      assert.strictEqual(decodeURIComponent(encoded ?? ""), name.normalize("NFC"))
    }
  })

  story("a type without one, or with parameters, is plain", function*(port) {
    assert.strictEqual((yield* upload(port, "hello")).body.type, "application/octet-stream")
    const { body } = yield* upload(port, "hello", { type: "Text/Plain; charset=UTF-8" })
    assert.strictEqual(body.type, "text/plain")
  })
})

describe("room", () => {
  story("is counted with that of uploads on their way, and given back", function*(port, files) {
    const first = yield* hostile(port)
    first.write(post({ "Content-Length": "6000" }) + "x".repeat(1_000))
    yield* taken(files, 1_000)
    const second = yield* upload(port, "x".repeat(6_000))
    assert.strictEqual(second.status, 507)
    assert.match(second.body.detail, /^[A-Z].*\.$/)
    assert.strictEqual((yield* upload(port, "x".repeat(6_000), { user: "bob" })).status, 201)
    first.socket.destroy()
    yield* eventually(
      Effect.map(Effect.orDie((yield* fileRecords).usage(alice)), ({ files }) => files === 0)
    )
    assert.strictEqual((yield* upload(port, "x".repeat(6_000))).status, 201)
  }, { settings: { maxFileBytesPerUser: 10_000 } })

  story("of what comes in chunks is all that is left, until it is known how much it is", function*(port) {
    const send = (bytes: number) =>
      Effect.gen(function*() {
        const client = yield* hostile(port)
        client.write(`${post({ "Transfer-Encoding": "chunked" })}${chunk("x".repeat(bytes))}0\r\n\r\n`)
        return yield* client.status
      })
    assert.strictEqual(yield* send(4_000), 201)
    assert.strictEqual(yield* send(7_000), 507)
    assert.strictEqual(yield* send(6_000), 201)
    assert.strictEqual(yield* send(1), 507)
  }, { settings: { maxFileBytesPerUser: 10_000 } })

  story("a disk that is full in the middle is 507, one that is away 503, and nothing is left", function*(port, files) {
    files.mood.fullAfter = 50_000
    assert.strictEqual((yield* upload(port, "x".repeat(200_000))).status, 507)
    yield* nothingIsLeft(files)
    files.mood.isDown = true
    const away = yield* upload(port, "hello")
    assert.strictEqual(away.status, 503)
    assert.isNotNull(away.headers.get("retry-after"))
    files.mood.isDown = false
    delete files.mood.fullAfter
    const sent = yield* upload(port, "hello")
    assert.strictEqual(sent.status, 201)
    files.mood.isDown = true
    assert.strictEqual((yield* ask(port, yield* linkOf(sent.body))).status, 503)
  })
})

describe("what a browser may do with it", () => {
  story("nothing but show the few types that are harmless, and those as they are called", function*(port) {
    const shown = [
      "image/png",
      "image/jpeg",
      "image/gif",
      "image/webp",
      "image/avif",
      "audio/mpeg",
      "video/mp4",
      "video/webm",
      "application/pdf"
    ]
    const others = ["image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "text/plain", "image/bmp"]
    const polyglot = "\x89PNG\r\n<html><script>alert(1)</script>"
    for (const type of [...shown, ...others]) {
      const sent = yield* upload(port, polyglot, { type, name: "polyglot.html" })
      const { headers } = yield* ask(port, yield* linkOf(sent.body))
      const isShown = shown.includes(type)
      assert.strictEqual(headers.get("content-type"), isShown ? type : "application/octet-stream")
      assert.match(headers.get("content-disposition") ?? "", isShown ? /^inline; / : /^attachment; /)
      assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
      assert.match(headers.get("content-security-policy") ?? "", /^sandbox; default-src 'none'/)
      assert.match(headers.get("cache-control") ?? "", /^private, max-age=\d+, immutable$/)
      assert.strictEqual(headers.get("cross-origin-resource-policy"), "same-origin")
    }
  })

  story("pages that are allowed may send and show, after asking", function*(port) {
    const origin = "https://app.example.com"
    const preflight = yield* ask(port, "/v1/files?name=a", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,authorization"
      }
    })
    assert.strictEqual(preflight.status, 204)
    assert.strictEqual(preflight.headers.get("access-control-allow-origin"), origin)
    const sent = yield* upload(port, "hello", { headers: { origin } })
    assert.strictEqual(sent.headers.get("access-control-allow-origin"), origin)
    const got = yield* ask(port, yield* linkOf(sent.body), { headers: { origin } })
    assert.strictEqual(got.headers.get("access-control-allow-origin"), origin)
    assert.strictEqual(got.headers.get("cross-origin-resource-policy"), "cross-origin")
    assert.strictEqual((yield* upload(port, "x", { headers: { origin: "https://evil.com" } })).status, 403)
  }, { origins: ["https://app.example.com"] })
})

describe("links", () => {
  story("forged, expired, of others and of what is gone open nothing", function*(port) {
    const sent = yield* upload(port, "hello")
    const other = yield* upload(port, "other")
    const link = yield* linkOf(sent.body)
    assert.strictEqual((yield* ask(port, link)).status, 200)
    const [path, query] = link.split("?") as [string, string]
    const params = new URLSearchParams(query)
    const [expires, signature] = [params.get("expires")!, params.get("signature")!]
    const flipped = `${signature.slice(0, -1)}${signature.endsWith("A") ? "B" : "A"}`
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
    for (
      const forged of [
        path,
        `${path}?expires=${expires}`,
        `${path}?expires=${expires}&signature=`,
        `${path}?expires=${expires}&signature=${flipped}`,
        `${path}?expires=${expires}&signature=${signature}A`,
        `${path}?expires=${Number(expires) + 3_600}&signature=${signature}`,
        `${path}?expires=${now - 1}&signature=${signature}`,
        `${path}?expires=${expires}.0&signature=${signature}`,
        `${path}?expires=%20${expires}&signature=${signature}`,
        `${path.replace(sent.body.file, other.body.file)}?${query}`,
        `${path.replace(sent.body.file, "..%2F..%2Fetc%2Fpasswd")}?${query}`
      ]
    ) {
      const answer = yield* askRaw(port, forged, {})
      assert.strictEqual(answer.status, 403, forged)
      assert.notInclude(answer.bytes.toString(), "hello")
    }
    assert.strictEqual((yield* askRaw(port, `${path}?${query}&signature=${signature}`, {})).status, 400)
    // What it is called in the path changes nothing.
    assert.strictEqual((yield* ask(port, `${path}x?${query}`)).status, 200)
    yield* (yield* fileRecords).discard(sent.body.file)
    assert.strictEqual((yield* ask(port, link)).status, 404)
  })
})

describe("a slow reader", () => {
  story("of a download is cut when it takes nothing", function*(port) {
    const sent = yield* upload(port, new Uint8Array(20_000_000))
    const get = `GET ${yield* linkOf(sent.body)} HTTP/1.1\r\nHost: localhost\r\n\r\n`
    const { sockets: open } = yield* TestServer
    const deaf = yield* hostile(port)
    deaf.socket.pause()
    deaf.write(get)
    yield* until(Effect.map(open, (count) => count >= 1))
    yield* eventually(Effect.map(open, (count) => count === 0))
  }, { settings: { handshakeMillis: 1_000 } })

  story("holds up nobody: there may be many, and messages go on", function*(port) {
    const bob = yield* connect({ port, user: "bob", level: "v1" })
    const sent = yield* upload(port, new Uint8Array(5_000_000))
    const link = yield* linkOf(sent.body)
    for (let i = 0; i < 101; i++) {
      const reader = yield* hostile(port, "127.0.0.2")
      reader.socket.pause()
      reader.write(`GET ${link} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    }
    const past = () =>
      Effect.gen(function*() {
        const client = yield* hostile(port, "127.0.0.3")
        client.write(`GET ${link} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        return yield* client.status
      })
    assert.strictEqual(yield* past(), 200)
    yield* roundTrip(bob)
  })
})

describe("a policy", () => {
  const seen: Array<string> = []
  const files = moodyFiles()
  served("P9 passes, refuses, holds, and lets nothing pass that it could not look at", function*(port) {
    assert.strictEqual((yield* upload(port, "fine", { name: "fine" })).status, 201)
    const refused = yield* upload(port, "virus", { name: "refuse" })
    assert.deepStrictEqual([refused.status, refused.body.detail], [422, "This file is not wanted here."])
    const broken = yield* upload(port, "x", { name: "break" })
    assert.strictEqual(broken.status, 503)
    assert.strictEqual((yield* upload(port, "x", { name: "die" })).status, 503)
    const held = yield* upload(port, "odd", { name: "hold" })
    assert.deepStrictEqual([held.status, held.body.held], [201, true])
    assert.strictEqual((yield* ask(port, yield* linkOf(held.body))).status, 404)
    assert.deepStrictEqual(seen, ["fine", "refuse", "break", "die", "hold"])
    assert.deepStrictEqual(
      (yield* (yield* fileRecords).list({ limit: 10 })).map(({ name, state }) => [name, state]),
      [["fine", "ready"], ["hold", "held"]]
    )
    assert.strictEqual(files.kept.size, 2)
  }, {
    files: Layer.merge(
      files.layer,
      Layer.succeed(FilePolicy, {
        judge: ({ content, name }) =>
          Effect.gen(function*() {
            seen.push(name)
            yield* Stream.runDrain(content)
            if (name === "refuse") return { _tag: "Refuse", reason: "This file is not wanted here." } as const
            if (name === "break") return yield* Effect.fail("the scanner is away")
            if (name === "die") return yield* Effect.die("the scanner is broken")
            return name === "hold" ? { _tag: "Hold" } as const : { _tag: "Pass" } as const
          })
      })
    )
  })
})

describe("without a place for files", () => {
  served("P9 uploads are refused, and links open nothing", function*(port) {
    const sent = yield* upload(port, "hello")
    assert.strictEqual(sent.status, 501)
    assert.match(sent.body.detail, /^[A-Z].*\.$/)
    assert.strictEqual((yield* ask(port, yield* linkOf({ file: "f0", name: "a" }))).status, 404)
  })
})
