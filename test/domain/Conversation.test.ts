import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import { ConversationId, GroupId, maxConversationId, UserId } from "../../src/domain/Ids.ts"

/** Many that differ in little. */
const oddUser = Schema.String.pipe(Schema.check(Schema.isPattern(/^[a+_-][a%:3A25]{0,5}$/u)), Schema.brand("UserId"))

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

  it.effect.prop(
    "what one pair is called, no other is",
    [oddUser, oddUser, oddUser, oddUser],
    ([a, b, c, d]) =>
      Effect.sync(() => {
        const isSame = [a, b].sort().join(" ") === [c, d].sort().join(" ")
        assert.strictEqual(Conversation.direct(a, b) === Conversation.direct(c, d), isSame)
        for (const id of [Conversation.direct(a, b), Conversation.direct(a, a)]) {
          assert.isTrue(Schema.is(ConversationId)(id), id)
          assert.sameMembers(Array.from(Conversation.usersOf(id)), id === Conversation.direct(a, a) ? [a] : [a, b])
        }
      }),
    { arbitrary: { runs: 1_000 } }
  )

  it("ids of users without a colon or a percent stand in it as they are; the longest fit", () => {
    const direct = (a: string, b: string) => Conversation.direct(UserId.make(a), UserId.make(b)) as string
    assert.strictEqual(direct("bob", "alice@example.com"), "dm:alice@example.com:bob")
    assert.strictEqual(direct("auth0|1", "f:1:a/b"), "dm:auth0|1:f%3A1%3Aa/b")
    // In the order of the ids, not of their parts.
    assert.strictEqual(direct("a:", "a&"), "dm:a&:a%3A")
    assert.strictEqual(direct("a%3A", "a:"), "dm:a%253A:a%3A")
    const longest = direct(`a${":".repeat(127)}`, `a${"%".repeat(127)}`)
    assert.strictEqual(longest.length, maxConversationId)
    assert.isTrue(Schema.is(ConversationId)(longest))
  })

  it("what nobody made is none", () => {
    for (
      const id of [
        "",
        "dm",
        "dm:a",
        "dm:b:a",
        "dm:a:b:c",
        "dm:a:no user",
        "dm:a%3a:b",
        "dm:a%:b",
        "dm:a%41:b",
        "dm:%3A:b",
        "dm:a%3A:a%2541x:",
        "dm:a%3A:a%25&",
        "group:",
        "group:a:b",
        "group:a.b",
        "x:a:b"
      ]
    ) {
      assert.isUndefined(Conversation.parse(id as ConversationId), id)
    }
    assert.isUndefined(Conversation.peerOf([UserId.make("a"), UserId.make("b")], UserId.make("c")))
  })
})
