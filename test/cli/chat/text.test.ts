/** What others wrote cannot do anything to a terminal. */
import { assert, describe, it } from "@effect/vitest"
import { entryLine, fileLines, pendingLine, plainStyle } from "../../../src/cli/chat/format.ts"
import { progressLine } from "../../../src/cli/chat/Sending.ts"
import { graphemes, harmless, truncate, truncateStart, width } from "../../../src/cli/chat/text.ts"
import type { LogEvent } from "../../../src/client/types.ts"

const hostile = Array.from({ length: 0x300 }, (_, i) => String.fromCodePoint(i)).join("") + "\u2028\u2029\u202e\u2066"

const isHarmless = (line: string) => assert.notMatch(line, /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u)

// What a hostile server might send fits no type.
const messageWith = (file: object) =>
  ({
    type: "incoming_message",
    sender: "alice",
    conversation: "c",
    seq: 1,
    message_id: "m",
    at: 0,
    text: "",
    attachments: [{ file: "f", ...file }]
    // Ids of a test are not branded.
  }) as unknown as LogEvent

describe("harmless", () => {
  it("leaves no control character and no override of the direction, and all else as it is", () => {
    isHarmless(harmless(hostile))
    assert.strictEqual(harmless("a\tb\r\nc\u001b[2J\u007f\u009b"), "a b ⏎ c␛[2J␡\ufffd")
    const innocent = "שלום 漢字 👩‍👩‍👧‍👦 é e\u0301"
    assert.strictEqual(harmless(innocent), innocent)
  })

  it("every kind of entry is made harmless in all of its parts", () => {
    const common = { sender: hostile, conversation: "c", seq: 1, message_id: "m", at: 0, target: 1 }
    const change = (more: object) => ({
      type: "group_changed",
      group: "g",
      conversation: "c",
      seq: 1,
      by: hostile,
      at: 0,
      change: more
    })
    const events = [
      { ...common, type: "incoming_message", text: hostile },
      { ...common, type: "message_edited", text: hostile },
      { ...common, type: "message_deleted" },
      { ...common, type: "reaction", emoji: hostile },
      change({ action: "created", name: hostile, members: [{ user: hostile, role: "owner" }] }),
      change({ action: "members_added", members: [hostile] }),
      change({ action: "members_removed", members: [hostile] }),
      change({ action: "role_set", user: hostile, role: "admin" }),
      change({ action: "renamed", name: hostile }),
      change({ action: "left" })
    ] as unknown as ReadonlyArray<LogEvent>
    for (const event of events) isHarmless(entryLine(event, plainStyle, { where: hostile }))
  })

  it("so are files, in a message and on their way", () => {
    const file = { file: "f", name: hostile, type: hostile, size: 1 }
    for (const line of fileLines(messageWith(file), () => `http://localhost/${hostile}`)) isHarmless(line)
    isHarmless(pendingLine({ id: "1", target: { recipient: "b" }, text: hostile, at: 0, attachments: [file] }))
    isHarmless(progressLine(hostile))
    isHarmless(progressLine(hostile, { attempt: 2, sent: 1, total: 2, reason: hostile }))
  })
})

describe("files", () => {
  const lines = (file: object, url?: string) => fileLines(messageWith(file), () => url)

  it("are what they are, how large and where, a line each", () => {
    const url = "http://localhost/v1/files/f/a.png?expires=1&signature=x"
    assert.deepStrictEqual(
      [
        lines({ name: "a.png", type: "image/png", size: 2_345_678, width: 1_280, height: 720 }, url),
        lines({ name: "a b.webm", type: "video/webm", size: 999 }, url),
        lines({ name: "a.mp3", type: "audio/mpeg", size: 1 }),
        lines({ name: "a.html", type: "text/html", size: 1_000_000_000 })
      ].flat().map((line) => line.trim()),
      [
        `[picture 1280×720, 2.3 MB] a.png ${url}`,
        `[video, 999 bytes] a b.webm ${url}`,
        "[sound, 1 byte] a.mp3",
        "[file, 1 GB] a.html"
      ]
    )
  })

  it("a message of nothing else has no text to show", () => {
    const event = messageWith({ name: "a.png", type: "image/png", size: 1 })
    assert.match(entryLine(event, plainStyle), /#1 alice:$/)
    assert.match(entryLine({ ...event, text: "look" } as LogEvent, plainStyle), /#1 alice: look$/)
  })

  it("on their way: how far, and what is begun again", () => {
    const line = (more: object) => progressLine("a.png", { attempt: 1, sent: 0, ...more })
    assert.strictEqual(progressLine("a.png"), "↑ a.png waits for other files")
    assert.strictEqual(line({ sent: 499_999, total: 1_000_000 }), "↑ a.png 49 % of 1 MB")
    assert.strictEqual(line({ total: 0 }), "↑ a.png 100 % of 0 bytes")
    assert.strictEqual(line({ sent: 2_000 }), "↑ a.png 2 kB")
    assert.strictEqual(
      line({ attempt: 2, total: 10, reason: "the connection broke" }),
      "↑ a.png 0 % of 10 bytes, begun again: the connection broke"
    )
  })
})

describe("what the operator did", () => {
  it("is said of the operator, who is no user", () => {
    const deleted = {
      type: "message_deleted",
      sender: "@system",
      conversation: "c",
      seq: 2,
      message_id: "m",
      at: 0,
      target: 1
    }
    const renamed = {
      type: "group_changed",
      group: "g",
      conversation: "c",
      seq: 3,
      by: "@system",
      at: 0,
      change: {
        action: "renamed",
        name: "Tee"
      }
    }
    const lines = ([deleted, renamed] as unknown as ReadonlyArray<LogEvent>).map((each) => entryLine(each, plainStyle))
    assert.match(lines[0]!, /the operator deleted #1$/)
    assert.match(lines[1]!, /the operator named the group Tee$/)
  })
})

describe("width", () => {
  it("counts columns, not units", () => {
    assert.deepStrictEqual(["abc", "漢字", "👩‍👩‍👧‍👦", "e\u0301", "❤️", ""].map(width), [3, 4, 2, 1, 2, 0])
  })

  it("what is cut fits, and is cut between characters", () => {
    assert.strictEqual(truncate("漢字漢字", 5), "漢字…")
    assert.strictEqual(truncate("abc", 3), "abc")
    assert.strictEqual(truncateStart(graphemes("ab漢字"), 3), "字")
  })
})
