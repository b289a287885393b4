/** P9 What is JSON is taken for JSON, what is none is refused as such, and what may be either does no harm: on sockets, in bodies. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isUtf8 } from "node:buffer"
import { decode } from "../../src/domain/FrameCodec.ts"
import { access, admin } from "../support/adminApi.ts"
import { frame, intruder } from "../support/HostileClient.ts"
import { connect, roundTrip } from "../support/TestClient.ts"
import { served, unlimitedFrames } from "../support/TestServer.ts"
import { until } from "../support/until.ts"
import { cases as own, type JsonCase } from "./cases.ts"
import { suite } from "./suite.ts"

const cases = [...suite, ...own]

const frameBytes = 65_536

const notJson = "The frame is not JSON"

/** What is said of a frame: that it is no JSON, or what it lacks. */
const verdictOf = (message: string) => message.startsWith(notJson) ? "n" : "y"

const fits = ({ kind, name }: JsonCase, verdict: "y" | "n") => {
  if (kind !== "i") assert.strictEqual(verdict, kind, name)
}

/** What a socket says of it: the message of the error, or the code that it is closed with. */
const said = Effect.fnUntraced(function*(port: number, user: string, { body }: JsonCase) {
  const client = yield* intruder(port, user)
  client.write(frame(body))
  const isText = () => client.frames().find(({ opcode }) => opcode === 1)
  const isClose = () => client.frames().some(({ opcode }) => opcode === 8)
  yield* until(Effect.sync(() => isText() !== undefined || isClose()))
  const text = isText()
  client.socket.end(frame(Buffer.from([0x03, 0xe8]), 0x88))
  const code = isClose() ? yield* client.gone : undefined
  return text === undefined ? code : JSON.parse(text.payload.toString()) as { code: string; message: string }
}, Effect.scoped)

describe("P9 JSON, whatever it looks like", () => {
  it("all files of the suite are there, and those of them that are no UTF-8 are none here", () => {
    const count = (kind: string) => suite.filter((one) => one.kind === kind).length
    assert.deepStrictEqual({ y: count("y"), n: count("n"), i: count("i") }, { y: 95, n: 188, i: 35 })
    for (const { body, kind, name } of suite) {
      if (/utf8_surrogate|not_in_unicode|invalid[_-]utf-?8|truncated-utf/i.test(name)) {
        assert.isFalse(isUtf8(body), name)
      }
      if (kind === "y") assert.isTrue(isUtf8(body), name)
    }
  })

  it("the decoder says of each case what it is", () => {
    for (const one of cases.filter(({ body }) => isUtf8(body))) {
      const decoded = decode(one.body.toString(), 16_384)
      assert.strictEqual(decoded._tag, "Invalid", one.name)
      if (decoded._tag === "Invalid") fits(one, verdictOf(decoded.error.message))
    }
  })

  served(
    `${cases.length} cases as frames: an error that says so, 1007 for no UTF-8, 1009 past the bound`,
    function*(port) {
      const [alice, bob] = [yield* connect({ port, user: "alice" }), yield* connect({ port, user: "bob" })]
      for (const [i, one] of cases.entries()) {
        const answer = yield* said(port, `user${i}`, one)
        if (one.body.length > frameBytes) assert.strictEqual(answer, 1009, one.name)
        else if (!isUtf8(one.body)) assert.strictEqual(answer, 1007, one.name)
        else if (typeof answer === "object") {
          assert.strictEqual(answer.code, "invalid_frame", one.name)
          fits(one, verdictOf(answer.message))
        } else assert.fail(`${one.name}: ${answer}`)
      }
      alice.send({ type: "chat_message", recipient: "bob", text: "still here?" })
      assert.strictEqual((yield* bob.expect("incoming_message")).text, "still here?")
    },
    { settings: { ...unlimitedFrames, maxMessagesPerSecondPerAddress: 0, maxConnectionsPerSecond: 0 } }
  )

  served(`${cases.length} cases as bodies: 400 that says so, 413 past the bound`, function*(port) {
    const alice = yield* connect({ port, user: "alice" })
    for (const one of cases) {
      const { body, status } = yield* admin(port, "POST", "/kick", one.body)
      assert.strictEqual(status, one.body.length > frameBytes ? 413 : 400, one.name)
      // Of nothing at all it is said that something is missing.
      const isNothing = new TextDecoder().decode(one.body) === ""
      if (status !== 400 || one.kind === "i" || isNothing) continue
      assert.strictEqual(body.detail === "The body is not JSON." ? "n" : "y", one.kind, `${one.name}: ${body.detail}`)
    }
    yield* roundTrip(alice)
  }, { access, settings: { maxRequestsPerSecondPerAddress: 0 } })
})
