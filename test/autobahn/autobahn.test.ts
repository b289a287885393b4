/**
 * P9 The cases of the Autobahn test suite: sections 1 to 7, 9, 10, 12 and 13. The server is the real one, of the platform
 * that runs the test; its limits of pace are lifted, because the suite says more than people do, and a text may be as long
 * as a frame. Every case is taken twice, as it is and as the text of a message to oneself (`Dress`). What a verdict means
 * stands in `Fuzzer.ts`.
 */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { connect, roundTrip } from "../support/TestClient.ts"
import { onBun, served, type TestServerOptions, unlimitedFrames } from "../support/TestServer.ts"
import { bare, type Case, clean, type Dress, message, pieces, protocolError, say, text, wrappedFor } from "./case.ts"
import { closing, closingAfterMuch, informational, ofTooMuch } from "./cases/closing.ts"
import { autoFragments, fragmentation, framing, opcodes, pings, reserved } from "./cases/framing.ts"
import { binaries, boundedTexts, largeTexts, roundTrips } from "./cases/limits.ts"
import { utf8 } from "./cases/utf8.ts"
import { open, take, type Verdict } from "./Fuzzer.ts"

const pace = {
  ...unlimitedFrames,
  maxMessagesPerSecondPerAddress: 0,
  maxConnectionsPerSecond: 0,
  maxConnectionsPerAddress: 0,
  maxInvalidFrames: 0
} as const

const bounded: TestServerOptions = { settings: { ...pace, maxTextBytes: 65_536 } }
const lifted: TestServerOptions = {
  settings: { ...pace, maxFrameBytes: 0, maxTextBytes: 0, maxOutboundBytes: 0 }
}

/** Fragments have a bound on Node; Bun counts bytes. */
const tooMany = onBun ? [] : [1008]

const isRight = ({ behaviour, end }: Verdict) => behaviour !== "FAILED" && end === "OK"

let people = 0

const section = (
  name: string,
  cases: (dress: Dress) => ReadonlyArray<Case>,
  { dresses = ["bare", "wrapped"], options = bounded }: {
    readonly dresses?: ReadonlyArray<Dress["name"]>
    readonly options?: TestServerOptions
  } = {}
) => {
  for (const dress of dresses) {
    served(`${name}, ${dress}`, function*(port) {
      const others = [yield* connect({ port, user: "others" }), yield* connect({ port, user: "besides" })] as const
      const count = cases(bare).length
      const verdicts = yield* Effect.forEach(
        Array.from({ length: count }, (_, i) => i),
        Effect.fnUntraced(
          function*(i) {
            // Who breaks the rules again and again is refused for a while, so each is somebody else.
            const user = `user${++people}`
            const one = cases(dress === "bare" ? bare : wrappedFor(user))[i]!
            const client = yield* open(port, user)
            return yield* take(one, client, Effect.asVoid(Effect.andThen(roundTrip(others[0]), roundTrip(others[0]))))
          },
          Effect.scoped
        ),
        { concurrency: 1 }
      )
      assert.deepStrictEqual(
        verdicts.filter((verdict) => !isRight(verdict)).map(({ behaviour, code, end, heard, id }) => ({
          id,
          behaviour,
          end,
          code,
          heard: heard.map((event) => event.slice(0, 80))
        })),
        []
      )
      others[0].send({ type: "chat_message", recipient: "besides", text: "still here?" })
      assert.strictEqual((yield* others[1].expect("incoming_message")).text, "still here?")
    }, options)
  }
}

describe("P9 the cases of Autobahn", () => {
  section("1 framing", framing)
  section("2 pings and pongs", () => pings, { dresses: ["bare"] })
  section("3 reserved bits", reserved)
  section("4 opcodes", opcodes)
  section("5 fragmentation", fragmentation)
  section("6 UTF-8", utf8)
  section("7 closing", closing)
  section("7.1.6 more than a frame may be, and a close", ofTooMuch)
  section("7.1.6 where it may be", closingAfterMuch, { options: lifted })
  section("7.13 codes that are none", () => informational, { dresses: ["bare"] })
  section("9 limits, of texts", (dress) => boundedTexts(dress, tooMany))
  section("9 limits, of texts without a bound", largeTexts, { options: lifted })
  section("9 limits, of binary", () => binaries(tooMany), { dresses: ["bare"] })
  section("9.7 round trips", roundTrips)
  section("10 auto-fragments", (dress) => autoFragments(dress, (payload) => pieces(payload, 1_300)))

  // Of 12 and 13: what a client may offer. The server agrees to none, which is its right, and the suite notes as
  // "unimplemented"; so it takes what is not compressed, and no frame that says it is.
  const offers = [
    "permessage-deflate",
    "permessage-deflate; server_no_context_takeover",
    "permessage-deflate; server_max_window_bits=9",
    "permessage-deflate; client_max_window_bits; server_max_window_bits=15",
    "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
    "permessage-deflate; client_no_context_takeover; client_max_window_bits=15",
    "permessage-deflate; server_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate"
  ]
  served("12 and 13 compression", function*(port) {
    for (const [i, offer] of offers.entries()) {
      for (const isCompressed of [false, true]) {
        const user = `user${++people}`
        const client = yield* open(port, user, { "Sec-WebSocket-Extensions": offer })
        assert.notMatch(client.answer.head!, /sec-websocket-extensions/i, offer)
        const dress = wrappedFor(user)
        const words = "not compressed"
        const verdict = yield* take(
          isCompressed
            ? { id: `13.${i + 1}`, steps: [say(text, "x", { rsv: 4 })], heard: [], ending: protocolError }
            : { id: `13.${i + 1}`, steps: message(dress, [words]), heard: [dress.echo(words)], ending: clean },
          client,
          Effect.void
        )
        assert.isTrue(isRight(verdict), JSON.stringify(verdict))
      }
    }
  }, bounded)
})
