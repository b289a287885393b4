/** What a notification says, what a device has chosen, and the number on the icon. */
import { assert, describe, it } from "@effect/vitest"
import { badgedIcon, badgeText } from "../../../src/web/app/notify/badge.ts"
import { makeChoices, parseChoices, usual } from "../../../src/web/app/notify/choices.ts"
import { beginning, noteOf } from "../../../src/web/text/note.ts"
import { en } from "../../../src/web/words/en.ts"

const about = {
  user: "alice",
  conversation: "group:g1",
  seq: 7,
  sender: "Bob",
  group: "Harbour",
  text: "See you\n\nat nine",
  mentioned: false,
  icon: "https://example.org/bob.png"
}
const note = (more: Partial<typeof about> = {}, show: "full" | "name" | "nothing" = "full") =>
  noteOf({ ...about, ...more }, show, en.notifications)

describe("a notification", () => {
  it("has the sender, the group and the beginning in one line", () => {
    const { body, icon, tag, title } = note()
    assert.deepStrictEqual([title, body, icon], ["Bob (Harbour)", "See you at nine", about.icon])
    assert.strictEqual(tag, note({ seq: 8 }).tag)
    assert.notStrictEqual(tag, note({ user: "bob" }).tag)
    assert.strictEqual(noteOf({ ...about, group: undefined }, "full", en.notifications).title, "Bob")
  })

  it("says as much as was chosen", () => {
    assert.deepStrictEqual(note({}, "name").body, "New message")
    assert.deepStrictEqual(note({ mentioned: true }, "name").body, "A message that mentions you")
    assert.notMatch(JSON.stringify(note({ mentioned: true }, "nothing")), /Bob|Harbour|nine|png/)
  })

  it("is never longer than 120 characters, and cuts none in half", () => {
    for (const text of ["x".repeat(10_000), "👩‍👩‍👧".repeat(500), " \n".repeat(500) + "x", "\ud800".repeat(300)]) {
      const shown = beginning(text)
      assert.isAtMost(Array.from(shown).length, 120)
      assert.isTrue(shown.isWellFormed())
    }
    assert.strictEqual(beginning("short"), "short")
  })
})

describe("the choices of a device", () => {
  it("survive whatever else lies there, and a storage that is refused", () => {
    for (const text of [null, "", "{", "[]", "1", "{\"show\":\"all\",\"sound\":1,\"push\":{}}"]) {
      assert.deepStrictEqual(parseChoices(text), usual)
    }
    const refused = makeChoices(() => {
      throw new Error("refused")
    })
    refused.change({ sound: false, push: "alice" })
    assert.deepStrictEqual([refused.now.sound, refused.now.push], [false, "alice"])
    refused.again()
    refused.change({ push: undefined })
    assert.isFalse("push" in refused.now)
  })

  it("are the same in the next page", () => {
    const kept = new Map<string, string>()
    const storage = () => ({
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value)
    })
    makeChoices(storage).change({ desktop: true, show: "name" })
    assert.deepStrictEqual(makeChoices(storage).now, { ...usual, desktop: true, show: "name" })
  })
})

describe("the number on the icon", () => {
  it("has two digits at most", () => {
    assert.deepStrictEqual([1, 99, 100, 1_000].map(badgeText), ["1", "99", "99+", "99+"])
    assert.match(badgedIcon(3), /^data:image\/svg\+xml,/)
    assert.include(decodeURIComponent(badgedIcon(3)), ">3</text>")
  })
})
