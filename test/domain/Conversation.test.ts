import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import { ConversationId, GroupId, UserId } from "../../src/domain/Ids.ts"

describe("Conversation", () => {
  it.effect.prop(
    "a direct one has one name, whoever names it, and its name tells its users; a group's tells the group",
    [UserId, UserId, GroupId],
    ([a, b, group]) =>
      Effect.sync(() => {
        const id = Conversation.direct(a, b)
        assert.strictEqual(id, Conversation.direct(b, a))
        const parsed = Conversation.parse(id)
        assert.deepStrictEqual(parsed, { kind: "direct", users: a < b ? [a, b] : [b, a] })
        if (parsed?.kind === "direct") assert.strictEqual(Conversation.peerOf(parsed.users, a), b)
        assert.deepStrictEqual(Conversation.parse(Conversation.group(group)), { kind: "group", group })
        assert.deepStrictEqual([id, Conversation.group(group)].map(Conversation.isGroup), [false, true])
      })
  )

  it("what nobody made is none", () => {
    for (
      const id of ["", "dm", "dm:a", "dm:b:a", "dm:a:b:c", "dm:a:no user", "group:", "group:a:b", "group:a.b", "x:a:b"]
    ) {
      assert.isUndefined(Conversation.parse(id as ConversationId), id)
    }
    assert.isUndefined(Conversation.peerOf([UserId.make("a"), UserId.make("b")], UserId.make("c")))
  })
})
