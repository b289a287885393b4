/** Pages of history: how large they are, and where they end. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { HistoryPage } from "../../src/domain/ServerFrame.ts"
import { actors, settle, startUser } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { until } from "../support/until.ts"

const join = Effect.fnUntraced(function*(user: string) {
  const { connection } = yield* startUser(user, { level: "v1" })
  yield* settle
  return connection
})

const ask = Effect.fnUntraced(function*(connection: MemoryConnection, frame: string) {
  const before = connection.written.length
  connection.receive(frame)
  yield* until(Effect.sync(() => connection.written.length > before))
  const page = connection.written.slice(before).find((each) => each.type === "history_page")
  return page ?? assert.fail(JSON.stringify(connection.written.slice(before)))
})

const seqsOf = ({ messages }: HistoryPage) => messages.map(({ seq }) => seq)

const lifted = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }

/** Each of them a page after the other, all of them in order, none above its bound. */
const walk = Effect.fnUntraced(function*(connection: MemoryConnection, target: object, count: number, bytes: number) {
  const check = (page: HistoryPage) => {
    assert.isAbove(page.messages.length, 0)
    assert.isAtMost(Buffer.byteLength(JSON.stringify(page.messages)), bytes + page.messages.length + 1)
    return seqsOf(page)
  }
  const forwards: Array<number> = []
  for (let more = true; more;) {
    const page = yield* ask(
      connection,
      JSON.stringify({ type: "history", ...target, after: forwards.at(-1) ?? 0, limit: 100 })
    )
    forwards.push(...check(page))
    more = page.has_more
  }
  const backwards: Array<number> = []
  for (let more = true; more;) {
    const page = yield* ask(
      connection,
      JSON.stringify({ type: "history", ...target, before: backwards[0] ?? 1_000_000, limit: 100 })
    )
    backwards.unshift(...check(page))
    more = page.has_more
  }
  const all = Array.from({ length: count }, (_, i) => i + 1)
  assert.deepStrictEqual([forwards, backwards], [all, all])
})

describe("history", () => {
  for (const maxOutboundBytes of [1_048_576, 131_072]) {
    it.effect(`P9 a page is a quarter of ${maxOutboundBytes} bytes at most, as it is encoded`, () =>
      Effect.gen(function*() {
        const alice = yield* join("alice")
        for (let i = 0; i < 20; i++) {
          alice.receive({ type: "chat_message", recipient: "bob", text: `${i}${"\u0001".repeat(4_000)}` })
        }
        yield* settle
        yield* walk(alice, { recipient: "bob" }, 20, maxOutboundBytes / 4)
      }).pipe(Effect.provide(actors({ ...lifted, maxOutboundBytes }))))
  }

  it.effect("P9 changes of a large group are large, too", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      const members = Array.from({ length: 1_000 }, (_, i) => `${"u".repeat(60)}${i}`)
      alice.receive({ type: "create_group", id: "g", name: "tea", members })
      const infos = () => alice.written.filter((frame) => frame.type === "group_info")
      yield* until(Effect.sync(() => infos().length === 1))
      const group = infos()[0]!.group
      for (let i = 0; i < 5; i++) {
        for (const type of ["remove_members", "add_members"]) alice.receive({ type, group, members })
      }
      yield* until(Effect.sync(() => infos().length === 11))
      yield* walk(alice, { group }, 11, 262_144)
    }).pipe(Effect.provide(actors(lifted))))

  it.effect("an end may be any number: beyond the log is its end", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      for (const text of ["one", "two", "three"]) alice.receive({ type: "chat_message", recipient: "bob", text })
      yield* settle
      const page = (end: string) => ask(alice, `{"type":"history","recipient":"bob","limit":2,${end}}`)
      for (const n of ["4", "9007199254740991", "9007199254740993", "9223372036854775807", "1e300"]) {
        const last = yield* page(`"before":${n}`)
        assert.deepStrictEqual([seqsOf(last), last.has_more], [[2, 3], true], n)
        const none = yield* page(`"after":${n}`)
        assert.deepStrictEqual([seqsOf(none), none.has_more, none.head_seq], [[], false, 3], n)
      }
      for (const end of ["\"before\":0", "\"before\":1.5", "\"after\":-1", "\"before\":null"]) {
        alice.receive(`{"type":"history","recipient":"bob",${end}}`)
        yield* settle
        assert.include(alice.written.at(-1), { type: "error", code: "invalid_frame" }, end)
      }
    }).pipe(Effect.provide(actors())))
})
