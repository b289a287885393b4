/** What was said is found again at a terminal: when, where and who, with the words marked, and what others wrote made harmless. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { colourStyle, plainStyle } from "../../../src/cli/chat/format.ts"
import { hitLine } from "../../../src/cli/chat/hits.ts"
import type { Screen } from "../../../src/cli/chat/Screen.ts"
import { Session } from "../../../src/cli/chat/Session.ts"
import { typed } from "../../../src/cli/chat/Typed.ts"
import { ConversationId, FileId, MessageId, UserId } from "../../../src/domain/Ids.ts"
import { match, parseQuery } from "../../../src/domain/search/query.ts"
import type { SearchHit } from "../../../src/domain/ServerFrame.ts"
import { due, ready } from "../../support/ScriptedServer.ts"

const hit = (text: string, query = "tea", more: Partial<SearchHit> = {}): SearchHit => ({
  conversation: ConversationId.make("dm:alice:bob"),
  kind: "text",
  seq: 7,
  message_id: MessageId.make("m7"),
  sender: UserId.make("bob"),
  at: Date.UTC(2026, 5, 15, 12),
  text,
  ranges: match(parseQuery(query), text) ?? [],
  ...more
})

/** Without the time of day, which is the machine's. */
const dated = (line: string): string => line.replace(/ \d\d:\d\d /, " ")

describe("a hit, as a line", () => {
  const cases: ReadonlyArray<readonly [name: string, hit: SearchHit, line: string]> = [
    ["words are marked", hit("Tea, or téa?"), "  15 Jun 2026, #7 bob: *Tea*, or *téa*?"],
    [
      "control characters are pictures, marked ones too",
      hit("tea\u001b[2J\u202etea"),
      "  15 Jun 2026, #7 bob: *tea*␛[2J\ufffd*tea*"
    ],
    ["lines are one line", hit("green\n\ntea"), "  15 Jun 2026, #7 bob: green ⏎  ⏎ *tea*"],
    [
      "of a long text what stands around the first word",
      hit(`${"a".repeat(500)} tea ${"b".repeat(500)}`),
      `  15 Jun 2026, #7 bob: …${"a".repeat(39)} *tea* ${"b".repeat(116)}…`
    ],
    [
      "what people call a character stays whole",
      hit(`${"👩‍👩‍👧‍👦".repeat(40)} tea`),
      `  15 Jun 2026, #7 bob: …${"👩‍👩‍👧‍👦".repeat(3)} *tea*`
    ],
    [
      "found by the name of a file",
      hit("", "tea", { attachments: [{ file: FileId.make("f1"), name: "tea\u0007.png", type: "image/png", size: 1 }] }),
      "  15 Jun 2026, #7 bob:  (tea␇.png)"
    ]
  ]
  for (const [name, hit, line] of cases) {
    it(name, () => assert.strictEqual(dated(hitLine(hit, plainStyle, undefined)), line))
  }

  it("says where, when all conversations were looked through, and marks with colours where there are some", () => {
    assert.include(hitLine(hit("tea"), plainStyle, "#fri\u0007ends"), " [#fri␇ends] bob: *tea*")
    assert.include(hitLine(hit("tea"), colourStyle, undefined), "\u001b[7mtea\u001b[27m")
  })
})

const start = Effect.gen(function*() {
  const { client, server } = yield* ready({ taking: false })
  const lines: Array<string> = []
  const notices: Array<string> = []
  const screen: Screen = {
    style: plainStyle,
    interactive: true,
    say: (_, said) => Effect.sync(() => void lines.push(...said())),
    notice: (line) => Effect.sync(() => void notices.push(line)),
    footer: () => Effect.void,
    lines: Stream.empty,
    edits: Stream.empty
  }
  const session = new Session(client, screen, UserId.make("alice"))
  const type = (line: string) => Effect.andThen(Effect.forkScoped(typed(session, line, () => {})), due)
  /** Answers the question, which it returns. */
  const answer = Effect.fnUntraced(function*(hits: ReadonlyArray<SearchHit>, cursor?: string) {
    const { id, type: _, ...question } = server.last().take("search")
    const more = cursor === undefined ? {} : { cursor }
    yield* server.last().tell({ type: "search_result", id, hits, ...more })
    return question
  })
  return { session, server, lines, notices, type, answer }
})

describe("/search and /more", () => {
  it.effect("in the conversation that is open, a page at a time", () =>
    Effect.gen(function*() {
      const { answer, lines, notices, server, session, type } = yield* start
      yield* Effect.forkScoped(session.open({ recipient: "bob" }))
      yield* due
      server.last().page({ seq: 1, kind: "text", message_id: "m1", sender: "bob", at: 1, text: "hi" })
      yield* due
      lines.length = 0
      yield* type("/search tea")
      assert.deepStrictEqual<object>(yield* answer([hit("tea")], "next"), { query: "tea", recipient: "bob", limit: 10 })
      assert.deepStrictEqual(lines.map(dated), ["  15 Jun 2026, #7 bob: *tea*", "* /more looks further back."])
      yield* type("/more")
      const second = yield* answer([hit("more tea")])
      assert.deepStrictEqual<object>(second, { query: "tea", recipient: "bob", limit: 10, cursor: "next" })
      assert.strictEqual(dated(lines.at(-1)!), "  15 Jun 2026, #7 bob: more *tea*")
      yield* type("/more")
      assert.deepStrictEqual(notices, ["! There is no more; look for something with /search WORDS."])
    }))

  it.effect("everywhere with -a, and where no conversation is open", () =>
    Effect.gen(function*() {
      const { answer, lines, type } = yield* start
      for (const line of ["/search -a tea", "/search tea"]) {
        yield* type(line)
        assert.deepStrictEqual<object>(yield* answer([hit("tea")]), { query: "tea", limit: 10 })
      }
      assert.deepStrictEqual(lines.map(dated), Array.from({ length: 2 }, () => "  15 Jun 2026, #7 [bob] bob: *tea*"))
    }))

  it.effect("goes on by itself over answers with nothing in them, for a while", () =>
    Effect.gen(function*() {
      const { answer, lines, type } = yield* start
      yield* type("/search tea")
      for (let i = 0; i < 3; i++) yield* answer([], `c${i}`)
      assert.isEmpty(lines)
      assert.strictEqual((yield* answer([]))["cursor"], "c2")
      assert.deepStrictEqual(lines, ["* Nothing was found."])
      yield* type("/search tea")
      for (let i = 0; i <= 10; i++) yield* answer([], `c${i}`)
      assert.deepStrictEqual(lines.slice(1), ["* Nothing was found yet.", "* /more looks further back."])
      yield* type("/more")
      assert.strictEqual((yield* answer([hit("tea")]))["cursor"], "c10")
    }))

  it.effect("a refusal is told", () =>
    Effect.gen(function*() {
      const { notices, server, type } = yield* start
      yield* type("/search tea")
      server.last().refuse("search", "unknown_type")
      yield* due
      assert.deepStrictEqual(notices, ["! No."])
    }))
})
