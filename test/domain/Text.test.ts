/** P9: what nobody can see is no text, no name and no emoji; what people can see is. */
import { assert, describe, it } from "@effect/vitest"
import { decode } from "../../src/domain/FrameCodec.ts"
import { isBlank, isEmoji } from "../../src/domain/Text.ts"

const accepts = (frame: object): boolean => decode(JSON.stringify(frame), 16_384)._tag === "Frame"
const accepted = (emoji: string) => accepts({ type: "react", recipient: "bob", seq: 1, emoji })
const said = (text: string) => accepts({ type: "chat_message", recipient: "bob", text })
const named = (name: string) => accepts({ type: "create_group", name, members: [] })

const emojis = [
  "👍",
  "❤",
  "❤️",
  "✔︎",
  "©",
  "👍🏽",
  "✌🏿",
  "🇩🇪",
  "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "🏴‍☠️",
  "🏳️‍🌈",
  "👨‍👩‍👧‍👦",
  "👩🏽‍🚀",
  "🧑🏻‍❤️‍💋‍🧑🏿",
  "1️⃣",
  "#️⃣",
  "*⃣",
  "🫨",
  "+1",
  ":tada:",
  "ok",
  "한"
]

const noEmojis = [
  "\u0001",
  "\u202e",
  "\u2066x",
  "\u200b",
  "\u200d",
  "\ufe0f",
  "\u2060",
  "\ufeff",
  "\u3164",
  "\u2800",
  "👍\u200d",
  "\u200d👍",
  "👍\u200b",
  "👍 👍",
  "a\u0000",
  "a\u00ad",
  "x\u202ey",
  "🏴\u{E0067}",
  "\u{E0067}\u{E007F}",
  "\ud83d",
  "\n",
  "",
  "x".repeat(33)
]

const blanks = [
  "",
  " ",
  "\n\t",
  "\u200b",
  "\u200b \u2060",
  "\ufeff",
  "\u00ad",
  "\u3164",
  "\u2800",
  "\u0001",
  "\u202e\u202c",
  "\u{E0020}"
]

describe("what can be seen", () => {
  it("emojis are accepted, with their joiners, tones, flags and keycaps; what cannot be seen is not", () => {
    for (const emoji of emojis) assert.isTrue(isEmoji(emoji) && accepted(emoji), emoji)
    for (const emoji of noEmojis) assert.isFalse(accepted(emoji), JSON.stringify(emoji))
  })

  it("texts and names of what cannot be seen are blank; what can be seen may have it between", () => {
    for (const text of blanks) {
      assert.isTrue(isBlank(text), JSON.stringify(text))
      assert.isFalse(said(text) || named(text), JSON.stringify(text))
    }
    for (const text of ["a", " a ", "می\u200cخواهم", "👨‍👩‍👧", "\u200ba", "…", "𝄞", "\u0301"]) {
      assert.isTrue(said(text), JSON.stringify(text))
    }
    assert.isFalse(said("a\u0000b"))
  })
})
