/** What people are called at a terminal. */
import { assert, describe, it } from "@effect/vitest"
import { Names } from "../../../src/cli/chat/Names.ts"
import { parse } from "../../../src/cli/chat/parse.ts"
import { UserId } from "../../../src/domain/Ids.ts"

const names = () => new Names(UserId.make("me"))

describe("names at a terminal", () => {
  it("by id until a name is known, and at first sight with both", () => {
    const known = names()
    assert.strictEqual(known.introduced("u1"), "u1")
    known.learnPerson("u1", "Anna")
    assert.deepStrictEqual([known.introduced("u1"), known.introduced("u1"), known.personOf("u1")], [
      "Anna (u1)",
      "Anna",
      "Anna"
    ])
    assert.strictEqual(known.labelOf("dm:me:u1"), "Anna")
    known.learnPerson("u1", undefined)
    assert.strictEqual(known.introduced("u1"), "u1")
  })

  it("with the id as long as two look the same", () => {
    const known = names()
    known.learnPerson("u1", "Anna")
    known.learnPerson("u2", "ANN\u200dA")
    assert.deepStrictEqual([known.personOf("u1"), known.personOf("u2")], ["Anna (u1)", "ANN\u200dA (u2)"])
    known.learnPerson("u2", "Berta")
    assert.strictEqual(known.personOf("u1"), "Anna")
  })

  it("whoever calls themself as somebody's id is shown with their own", () => {
    const known = names()
    assert.strictEqual(known.introduced("alice"), "alice")
    known.learnPerson("mallory", "Alice")
    known.introduced("mallory")
    assert.strictEqual(known.personOf("mallory"), "Alice (mallory)")
    known.learnPerson("mallory", "ME")
    assert.strictEqual(known.personOf("mallory"), "ME (mallory)")
  })

  it("commands about people", () => {
    assert.deepStrictEqual(parse("/name  New Name "), { _tag: "Name", name: "New Name" })
    assert.deepStrictEqual(parse("/name"), { _tag: "Name", name: "" })
    assert.deepStrictEqual(parse("/status Away"), { _tag: "Status", status: "Away" })
    assert.deepStrictEqual(parse("/whois bob"), { _tag: "Whois", user: "bob" })
    assert.deepStrictEqual(parse("/find an"), { _tag: "Find", prefix: "an" })
    assert.deepStrictEqual(parse("/report 3 it is spam"), { _tag: "Report", seq: 3, reason: "it is spam" })
    assert.deepStrictEqual(parse("/report #3"), { _tag: "Report", seq: 3 })
    assert.deepStrictEqual(parse("/ban a b"), { _tag: "GroupBan", members: ["a", "b"] })
    assert.strictEqual(parse("/find")._tag, "Wrong")
  })
})
