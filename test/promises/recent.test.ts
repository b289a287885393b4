/** The list with the last spoken in first, as somebody is told of it. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { clientFrames } from "../../src/domain/ClientFrame.ts"
import { maxConversationId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { join, pass, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"

type List = Extract<ServerFrame, { readonly type: "conversation_list" }>

/** Said a second after the last word, so that each has a time of its own. */
const say = Effect.fnUntraced(function*(who: MemoryConnection, frame: object) {
  const answer = yield* who.ask(frame)
  yield* pass(1_000)
  return answer
})

const list = (who: MemoryConnection, frame: object = {}) =>
  who.ask({ type: "conversations", order: "recent", ...frame }, "conversation_list")

describe("conversations, the last spoken in first", () => {
  story("pages follow one another by the cursor, and without an order nothing has changed", function*() {
    const alice = yield* join("alice")
    for (const recipient of ["bob", "carol", "dave"]) {
      yield* say(alice, { type: "chat_message", recipient, text: `to ${recipient}`, id: recipient })
    }
    yield* say(alice, { type: "chat_message", recipient: "bob", text: "once more", id: "again" })
    const first = yield* list(alice, { limit: 2 })
    assert.deepStrictEqual(first.conversations.map(({ peer }) => peer as string), ["bob", "dave"])
    assert.isTrue(first.has_more)
    assert.isAtMost(first.cursor!.length, 200)
    const [bob] = first.conversations
    assert.include(bob!.last_message, { kind: "text", text: "once more" })
    assert.strictEqual(bob!.last_at, bob!.last_message!.at)
    yield* say(alice, { type: "chat_message", recipient: "dave", text: "moves up", id: "up" })
    const second = yield* list(alice, { limit: 2, cursor: first.cursor })
    assert.deepStrictEqual(second.conversations.map(({ peer }) => peer as string), ["carol"])
    assert.isFalse(second.has_more)
    assert.isUndefined(second.cursor)
    const byName = yield* alice.ask({ type: "conversations" }, "conversation_list")
    assert.deepStrictEqual(byName.conversations.map(({ peer }) => peer as string), ["bob", "carol", "dave"])
    assert.isUndefined(byName.conversations[0]?.last_message)
  })

  story("what somebody said while they were blocked is hidden here too, also when the block is over", function*() {
    const alice = yield* join("alice")
    const mallory = yield* join("mallory")
    const { group } = yield* alice.ask(
      { type: "create_group", name: "tea", members: ["mallory"], id: "g" },
      "group_info"
    )
    yield* say(alice, { type: "block", user: "mallory", id: "b" })
    yield* say(mallory, { type: "chat_message", group, text: "secret", id: "1" })
    const seen = Effect.map(list(alice), ({ conversations }) => conversations[0]?.last_message)
    const hidden = { kind: "text", deleted: true, hidden: true } as object
    assert.include(yield* seen, hidden)
    yield* say(alice, { type: "unblock", user: "mallory", id: "u" })
    const after = yield* seen
    assert.include(after, hidden)
    assert.notInclude(JSON.stringify(after), "secret")
    assert.include((yield* list(mallory)).conversations[0]?.last_message, { text: "secret" } as object)
  })

  story("a page of long last words has fewer of them, and says that there are more", function*() {
    const alice = yield* join("alice")
    for (let i = 0; i < 24; i++) {
      yield* say(alice, { type: "chat_message", recipient: `u${i}`, text: "x".repeat(16_000), id: `${i}` })
    }
    const found: Array<string> = []
    let cursor: string | undefined
    do {
      const page: List = yield* list(alice, { limit: 100, ...(cursor === undefined ? {} : { cursor }) })
      assert.isAtMost(JSON.stringify(page).length, 300_000)
      found.push(...page.conversations.map(({ peer }) => peer as string))
      cursor = page.cursor
      assert.strictEqual(page.has_more, cursor !== undefined)
    } while (cursor !== undefined)
    assert.deepStrictEqual(found, Array.from({ length: 24 }, (_, i) => `u${23 - i}`))
  })

  story("a cursor that is none, or without its order, is invalid_frame", function*() {
    assert.isDefined(clientFrames.conversations)
    const alice = yield* join("alice")
    for (
      const frame of [
        { order: "recent", cursor: "" },
        { order: "recent", cursor: "yesterday" },
        { order: "recent", cursor: `1.${"x".repeat(maxConversationId + 1)}` },
        { order: "recent", after: "dm:alice:bob" },
        { order: "loudest" },
        { cursor: "1.dm:alice:bob" }
      ]
    ) {
      const answer = yield* alice.ask({ type: "conversations", ...frame })
      assert.include(answer, { type: "error", code: "invalid_frame" } as object, JSON.stringify(frame))
    }
  })
})
