/** What others wrote cannot do anything to a terminal. */
import { assert, describe, it } from "@effect/vitest"
import { entryLine, plainStyle } from "../../../src/cli/chat/format.ts"
import { graphemes, harmless, truncate, truncateStart, width } from "../../../src/cli/chat/text.ts"
import type { LogEvent } from "../../../src/client/types.ts"

const hostile = Array.from({ length: 0x300 }, (_, i) => String.fromCodePoint(i)).join("") + "\u2028\u2029\u202e\u2066"

const isHarmless = (line: string) => assert.notMatch(line, /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u)

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
    for (const event of events) isHarmless(entryLine(event, plainStyle, hostile))
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
