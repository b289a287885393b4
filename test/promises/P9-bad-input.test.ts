/** P9: bad input costs its sender only. Each case on a real socket, with an honest pair of users beside it. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { hostile, upgrade } from "../support/HostileClient.ts"
import { connect, open, roundTrip, type TestClient } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"

/** The honest pair still talks. */
const stillWorks = Effect.fnUntraced(function*(port: number) {
  const dora = yield* connect({ port, user: "dora" })
  const emil = yield* connect({ port, user: "emil" })
  dora.send({ type: "chat_message", recipient: "emil", text: "still here?" })
  assert.strictEqual((yield* emil.expect("incoming_message")).text, "still here?")
})

const refused = (options: Parameters<typeof open>[0]) => Effect.flip(open(options))

describe("P9 at the door", () => {
  served("no or malformed Phone-Number is 401 with a problem body", function*(port) {
    for (const user of [undefined, "", " ", "a b", "a".repeat(129), ":b", "@system", "ünal", "/a", "a\"b", "a?b"]) {
      const refusal = yield* refused({
        port,
        ...(user === undefined ? undefined : { headers: { "Phone-Number": Buffer.from(user).toString("latin1") } })
      })
      assert.strictEqual(refusal.status, 401, String(user))
      assert.strictEqual(refusal.contentType, "application/problem+json")
      assert.propertyVal(refusal.body, "status", 401)
    }
    yield* stillWorks(port)
  })

  served("two Phone-Number headers are 401, not the first of them", function*(port) {
    const answer = yield* raw(port, upgrade({ "Phone-Number": "alice\r\nPhone-Number: bob" }))
    assert.match(answer, /^HTTP\/1\.1 401 /)
  })

  served("a malformed device is 400", function*(port) {
    for (const device of ["", "a b", "x".repeat(65), "../x"]) {
      assert.strictEqual((yield* refused({ port, user: "alice", device })).status, 400, device)
    }
  })

  served("other paths are 404, a plain GET of /ws is 426, other upgrades of /ws are refused", function*(port) {
    const get = (path: string, more = "") =>
      raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nPhone-Number: alice\r\n${more}\r\n`)
    const missing = yield* get("/nope")
    assert.match(missing, /^HTTP\/1\.1 404 /)
    assert.include(missing, "application/problem+json")
    const plain = yield* get("/ws")
    assert.match(plain, /^HTTP\/1\.1 426 /)
    assert.match(plain, /upgrade: websocket/i)
    assert.match(
      yield* raw(port, upgrade({ "Phone-Number": "alice" }, "/nope")),
      /^HTTP\/1\.1 404 /
    )
    assert.match(yield* raw(port, upgrade({ "Phone-Number": "alice", Upgrade: "h2c" })), /^HTTP\/1\.1 4\d\d /)
    yield* stillWorks(port)
  })
})

/** Sends bytes and answers with all that comes back until the server ends the connection. */
const raw = Effect.fnUntraced(function*(port: number, bytes: string) {
  const client = yield* hostile(port)
  client.write(bytes)
  yield* client.gone
  return client.received()
})

describe("P9 frames that end the connection", () => {
  const closesWith = (name: string, code: number, send: (client: TestClient) => void) =>
    served(name, function*(port) {
      const client = yield* connect({ port, user: "mallory" })
      send(client)
      assert.strictEqual(yield* client.closed, code)
      yield* stillWorks(port)
    })

  closesWith("binary: 1003", 1003, (client) => client.send(Buffer.from([1, 2, 3])))
  closesWith("not UTF-8: 1007", 1007, ({ ws }) => ws.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false }))
  closesWith("larger than a frame may be: 1009", 1009, (client) => client.send("x".repeat(65_537)))
  closesWith("larger in many fragments: 1009", 1009, ({ ws }) => {
    for (let i = 0; i < 70; i++) ws.send("x".repeat(1_000), { fin: false })
  })
  closesWith("20 invalid frames in a row: 4510", 4510, (client) => {
    for (let i = 0; i < 20; i++) client.send("not json")
  })
})

describe("P9 frames that are answered with an error", () => {
  const chat = (more: object) => ({ type: "chat_message", id: "x", recipient: "bob", text: "hi", ...more })
  const cases: ReadonlyArray<readonly [name: string, frame: object | string, code: string]> = [
    ["empty", "", "invalid_frame"],
    ["not JSON", "hello", "invalid_frame"],
    ["half JSON", "{\"type\":\"ping\"", "invalid_frame"],
    ["a number", "1", "invalid_frame"],
    ["null", "null", "invalid_frame"],
    ["an array", "[{\"type\":\"ping\"}]", "invalid_frame"],
    ["no type", {}, "invalid_frame"],
    ["type is a number", { type: 1 }, "invalid_frame"],
    ["type is an object", { type: { toString: "ping" } }, "invalid_frame"],
    ["unknown type", { type: "shout" }, "unknown_type"],
    ["__proto__ as a type", "{\"type\":\"__proto__\"}", "unknown_type"],
    ["constructor as a type", { type: "constructor" }, "unknown_type"],
    ["toString as a type", { type: "toString" }, "unknown_type"],
    ["server's type", { type: "incoming_message", sender: "bob", text: "x" }, "unknown_type"],
    ["no text", { type: "chat_message", recipient: "bob" }, "invalid_frame"],
    ["text is a number", chat({ text: 5 }), "invalid_frame"],
    ["text is null", chat({ text: null }), "invalid_frame"],
    ["text is empty", chat({ text: "" }), "invalid_frame"],
    ["text is blank", chat({ text: " \t\n\u00a0" }), "invalid_frame"],
    ["text with NUL", chat({ text: "a\0b" }), "invalid_frame"],
    [
      "text with a lone surrogate",
      "{\"type\":\"chat_message\",\"recipient\":\"bob\",\"text\":\"\\ud800\"}",
      "invalid_frame"
    ],
    ["text one byte too long", chat({ text: "é".repeat(8_192) + "x" }), "text_too_long"],
    ["recipient is a number", chat({ recipient: 49 }), "invalid_frame"],
    ["recipient is malformed", chat({ recipient: "no spaces" }), "invalid_frame"],
    ["recipient is an object", chat({ recipient: { $ne: "" } }), "invalid_frame"],
    ["no target", { type: "chat_message", text: "hi" }, "invalid_target"],
    ["two targets", chat({ group: "g" }), "invalid_target"],
    ["three targets", chat({ group: "g", conversation: "dm:a:b" }), "invalid_target"],
    ["somebody else's conversation", { type: "chat_message", conversation: "dm:bob:carol", text: "hi" }, "not_found"],
    ["a conversation that is none", { type: "chat_message", conversation: "__proto__", text: "hi" }, "not_found"],
    ["id of 0 characters", chat({ id: "" }), "invalid_frame"],
    ["id of 65 characters", chat({ id: "x".repeat(65) }), "invalid_frame"],
    ["id is a number", chat({ id: 7 }), "invalid_frame"],
    ["reply_to 0", chat({ reply_to: 0 }), "invalid_frame"],
    ["reply_to a fraction", chat({ reply_to: 1.5 }), "invalid_frame"],
    [
      "reaction with 10 KB of emoji",
      { type: "react", recipient: "bob", seq: 1, emoji: "👍".repeat(2_500) },
      "invalid_frame"
    ],
    ["reaction to what is not there", { type: "react", recipient: "bob", seq: 1, emoji: "👍" }, "not_found"],
    ["edit of what is not there", { type: "edit_message", recipient: "bob", seq: 1, text: "x" }, "not_found"],
    ["delete of what is not there", { type: "delete_message", recipient: "bob", seq: 1 }, "not_found"],
    ["reply to what is not there", chat({ reply_to: 7 }), "not_found"],
    ["a group that is not there", { type: "chat_message", group: "g", text: "hi" }, "not_found"],
    ["64 KB of nesting", "[".repeat(32_000) + "]".repeat(32_000), "invalid_frame"],
    ["nesting inside a field", `{"type":"ping","x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, "pong"]
  ]

  for (const [name, frame, code] of cases) {
    served(name, function*(port) {
      const client = yield* connect({ port, user: "mallory", level: "v1" })
      client.send(frame)
      const answer = yield* client.next
      if (code === "pong") return assert.strictEqual(answer.type, "pong")
      assert.propertyVal(answer, "type", "error")
      assert.propertyVal(answer, "code", code)
      assert.propertyVal(answer, "temporary", false)
      yield* roundTrip(client)
      yield* stillWorks(port)
    })
  }

  served("the error carries the id of the frame, when it has one", function*(port) {
    const client = yield* connect({ port, user: "mallory" })
    client.send({ type: "shout", id: "mine" })
    assert.strictEqual((yield* client.expect("error")).id, "mine")
  })

  served("a valid frame in between starts the count of invalid ones again", function*(port) {
    const client = yield* connect({ port, user: "mallory" })
    for (let i = 0; i < 19; i++) client.send("bad")
    client.send({ type: "ping" })
    for (let i = 0; i < 19; i++) client.send("bad")
    yield* roundTrip(client)
    client.send("bad")
    yield* roundTrip(client)
  })

  served("P8 fields that only the server sets are ignored", function*(port) {
    const bob = yield* connect({ port, user: "bob" })
    const mallory = yield* connect({ port, user: "mallory" })
    mallory.send(chat({ sender: "alice", seq: 99, at: 1, message_id: "forged", __proto__: { sender: "alice" } }))
    const message = yield* bob.expect("incoming_message")
    assert.strictEqual(message.sender, "mallory")
    assert.strictEqual(message.seq, 1)
    assert.notStrictEqual(message.at, 1)
    assert.notStrictEqual(message.message_id, "forged")
  })
})
