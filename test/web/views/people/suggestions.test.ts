import { assert, describe, it } from "@effect/vitest"
import { mayGoOn } from "../../../../src/web/views/people/suggestions.ts"

describe("what is typed into a field of people", () => {
  // Of a person only the name is read.
  const people = { "uid=emma,ou=people": { name: "Emma, Dr. Stone" }, bert: { name: "Bert" } } as never
  const users = ["uid=emma,ou=people", "bert"]

  it("goes on after a comma or a space only where somebody's id or name does", () => {
    for (const text of ["uid=emma,", "UID=Emma,", "Emma,", "emma, ", " emma, Dr. "]) {
      assert.isTrue(mayGoOn(text, users, { people }), text)
    }
    for (const text of ["bert,", "bert ", "Emma Stone ", "uid=emil,", "uid=emma,ou=people,"]) {
      assert.isFalse(mayGoOn(text, users, { people }), text)
    }
  })

  it("ends where nobody is known", () => {
    assert.isFalse(mayGoOn("uid=emma,", [], { people: {} }))
  })
})
