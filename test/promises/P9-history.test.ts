/** Pages of history: how large they are, and where they end. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { HistoryPage } from "../../src/domain/ServerFrame.ts"
import { actors, join, settle, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"

const seqsOf = ({ messages }: HistoryPage) => messages.map(({ seq }) => seq)

/** Pages one after the other up to the end, each within its bound. */
const walk = Effect.fnUntraced(function*(reader: MemoryConnection, target: object, count: number, bytes: number) {
  const all = Array.from({ length: count }, (_, i) => i + 1)
  for (const forwards of [true, false]) {
    let found: Array<number> = []
    for (let more = true; more;) {
      const from = forwards ? { after: found.at(-1) ?? 0 } : { before: found[0] ?? 1_000_000 }
      const page = yield* reader.ask({ type: "history", ...target, ...from, limit: 100 }, "history_page")
      assert.isAbove(page.messages.length, 0)
      assert.isAtMost(Buffer.byteLength(JSON.stringify(page.messages)), bytes + page.messages.length + 1)
      found = forwards ? [...found, ...seqsOf(page)] : [...seqsOf(page), ...found]
      more = page.has_more
    }
    assert.deepStrictEqual(found, all)
  }
})

const lifted = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }

describe("history", () => {
  for (const maxOutboundBytes of [1_048_576, 131_072]) {
    story(`P9 a page is a quarter of ${maxOutboundBytes} bytes at most, as it is encoded`, function*() {
      const alice = yield* join("alice")
      for (let i = 0; i < 20; i++) {
        alice.send({ type: "chat_message", recipient: "bob", text: `${i}${"\u0001".repeat(4_000)}` })
      }
      yield* settle
      yield* walk(alice, { recipient: "bob" }, 20, maxOutboundBytes / 4)
    }, actors({ ...lifted, maxOutboundBytes }))
  }

  story("P9 changes of a large group are large, too", function*() {
    const alice = yield* join("alice")
    const members = Array.from({ length: 1_000 }, (_, i) => `${"u".repeat(60)}${i}`)
    alice.send({ type: "create_group", id: "g", name: "tea", members })
    const { group } = yield* alice.waitFor("group_info")
    for (let i = 0; i < 5; i++) {
      for (const type of ["remove_members", "add_members"]) alice.send({ type, group, members })
    }
    yield* Effect.repeat(alice.waitFor("group_info"), { times: 9 })
    yield* walk(alice, { group }, 11, 262_144)
  }, actors(lifted))

  story("an end may be any number: beyond the log is its end", function*() {
    const alice = yield* join("alice")
    for (const text of ["one", "two", "three"]) alice.send({ type: "chat_message", recipient: "bob", text })
    yield* settle
    const page = Effect.fnUntraced(function*(end: string) {
      alice.send(`{"type":"history","recipient":"bob","limit":2,${end}}`)
      return yield* alice.waitFor("history_page")
    })
    for (const n of ["4", "9007199254740991", "9007199254740993", "9223372036854775807", "1e300"]) {
      const last = yield* page(`"before":${n}`)
      assert.deepStrictEqual([seqsOf(last), last.has_more], [[2, 3], true], n)
      const none = yield* page(`"after":${n}`)
      assert.deepStrictEqual([seqsOf(none), none.has_more, none.head_seq], [[], false, 3], n)
    }
    for (const end of ["\"before\":0", "\"before\":1.5", "\"after\":-1", "\"before\":null"]) {
      yield* alice.says(`{"type":"history","recipient":"bob",${end}}`)
      assert.include(alice.heard.at(-1), { type: "error", code: "invalid_frame" }, end)
    }
  })
})
