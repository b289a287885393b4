import { assert, describe, it } from "@effect/vitest"
import { ClientId, GroupId, UserId } from "../../../src/domain/Ids.ts"
import { newGroupId } from "../../../src/services/group/groupIds.ts"

const alice = UserId.make("alice")

describe("ids of new groups", () => {
  it("never look like a flag at a command line", () => {
    for (let i = 0; i < 1_000; i++) {
      const id = newGroupId(alice, ClientId.make(String(i)))
      assert.notMatch(GroupId.make(id), /^-/)
      assert.lengthOf(id, 22)
    }
  })

  it("P3 are the same for a retry, and another for each other request", () => {
    const id = ClientId.make("one")
    assert.strictEqual(newGroupId(alice, id), newGroupId(alice, id))
    assert.notStrictEqual(newGroupId(alice, id), newGroupId(UserId.make("bob"), id))
    assert.notStrictEqual(newGroupId(alice, undefined), newGroupId(alice, undefined))
  })
})
