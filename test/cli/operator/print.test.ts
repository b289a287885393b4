import { assert, describe, it } from "@effect/vitest"
import { linesOf, tableOf } from "../../../src/cli/operator/print.ts"
import { path } from "../../../src/cli/operator/Request.ts"

describe("what an operator sees", () => {
  it("a table has a line for each, as wide as what is in it", () => {
    assert.strictEqual(
      tableOf(["user", "online", "last_seen"], [
        { user: "alice", online: true },
        { user: "constructor", online: false, last_seen: 0 }
      ]),
      [
        "user         online  last_seen",
        "alice        true",
        "constructor  false   1970-01-01T00:00:00.000Z"
      ].join("\n")
    )
  })

  it("a thing has a line for each field; what is deep stays JSON", () => {
    assert.strictEqual(
      linesOf({ user: "alice", ban: { reason: "spam" } }),
      ["user  alice", "ban   {\"reason\":\"spam\"}"].join("\n")
    )
  })

  it("nobody's name steers the terminal, nor does a time that no clock has", () => {
    const shown = tableOf(["name", "at"], [{ name: "\u001b[2Jalice\n\u202e", at: 9e15 }])
    for (const steering of ["\u001b", "\u202e"]) assert.notInclude(shown, steering)
    assert.strictEqual(shown.split("\n").length, 2)
    assert.include(shown, "9000000000000000")
  })

  it("an id may hold what a path does not", () => {
    assert.strictEqual(path`users/${"a/b ?#%"}/profile`, "users/a%2Fb%20%3F%23%25/profile")
  })
})
