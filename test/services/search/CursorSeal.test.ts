/** P8: a cursor tells its client nothing, and is nobody else's. */
import { assert, describe, it } from "@effect/vitest"
import { randomBytes } from "node:crypto"
import { ConversationId, UserId } from "../../../src/domain/Ids.ts"
import { SearchCursor } from "../../../src/domain/search/SearchCursor.ts"
import { CursorSeal } from "../../../src/services/search/CursorSeal.ts"

const [alice, bob] = [UserId.make("alice"), UserId.make("bob")]
const place = { at: 1_764_000_000_000, conversation: ConversationId.make("dm:carol:dave"), seq: 17 }

describe("CursorSeal", () => {
  it("opens what it has sealed for the same reader, also another server with the key", () => {
    const key = randomBytes(32)
    const cursor = new CursorSeal(key).seal(place, alice)
    assert.deepStrictEqual(new CursorSeal(key).open(cursor, alice), place)
    const operators = new CursorSeal(key).seal(place, undefined)
    assert.deepStrictEqual(new CursorSeal(key).open(operators, undefined), place)
  })

  it("tells nothing, and the same place is another word each time", () => {
    const seal = new CursorSeal(randomBytes(32))
    const [one, two] = [seal.seal(place, alice), seal.seal(place, alice)]
    assert.notStrictEqual(one, two)
    for (const said of [one, Buffer.from(one, "base64url").toString("latin1")]) {
      for (const part of ["carol", "dave", "1764"]) assert.notInclude(said, part)
    }
  })

  it("opens nothing that is another's, of another key, changed, cut or made up", () => {
    const seal = new CursorSeal(randomBytes(32))
    const cursor = seal.seal(place, alice)
    assert.isUndefined(seal.open(cursor, bob))
    assert.isUndefined(seal.open(cursor, undefined))
    assert.isUndefined(new CursorSeal(randomBytes(32)).open(cursor, alice))
    for (let i = 0; i < cursor.length - 1; i++) {
      const changed = cursor.slice(0, i) + (cursor[i] === "A" ? "B" : "A") + cursor.slice(i + 1)
      assert.isUndefined(seal.open(SearchCursor.make(changed), alice), changed)
      assert.isUndefined(seal.open(SearchCursor.make(cursor.slice(0, i + 1)), alice))
    }
    for (const text of ["A", "A".repeat(40), "A".repeat(400)]) {
      assert.isUndefined(seal.open(SearchCursor.make(text), alice))
    }
  })

  it("is never taken for a flag at a command line", () => {
    const seal = new CursorSeal(randomBytes(32))
    for (let i = 0; i < 1_000; i++) assert.match(seal.seal(place, alice), /^[a-z]/)
  })

  it("the longest place has a cursor that a frame may carry", () => {
    const seal = new CursorSeal(randomBytes(32))
    const far = {
      at: Number.MAX_SAFE_INTEGER,
      conversation: ConversationId.make(`dm:${"a".repeat(64)}:${"b".repeat(64)}`),
      seq: Number.MAX_SAFE_INTEGER
    }
    assert.deepStrictEqual(seal.open(seal.seal(far, alice), alice), far)
  })
})
