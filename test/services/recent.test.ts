/** The list with the last spoken in first, as somebody is told of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { clientFrames } from "../../src/domain/ClientFrame.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { actors, settle, startUser } from "../support/actors.ts"

type List = Extract<ServerFrame, { readonly type: "conversation_list" }>

const join = Effect.fnUntraced(function*(user: string) {
  const { connection } = yield* startUser(user, { level: "v1" })
  yield* settle
  const say = Effect.fnUntraced(function*(frame: object) {
    connection.written.splice(0)
    connection.receive(frame)
    yield* TestClock.adjust(1_000)
    yield* settle
    return connection.written as ReadonlyArray<ServerFrame>
  })
  const list = (frame: object = {}) =>
    Effect.map(
      say({ type: "conversations", order: "recent", ...frame }),
      (frames) => frames.find((each): each is List => each.type === "conversation_list")!
    )
  return { say, list }
})

describe("conversations, the last spoken in first", () => {
  it.effect("pages follow one another by the cursor, and without an order nothing has changed", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      for (const recipient of ["bob", "carol", "dave"]) {
        yield* alice.say({ type: "chat_message", recipient, text: `to ${recipient}`, id: recipient })
      }
      yield* alice.say({ type: "chat_message", recipient: "bob", text: "once more", id: "again" })
      const first = yield* alice.list({ limit: 2 })
      assert.deepStrictEqual(first.conversations.map(({ peer }) => peer as string), ["bob", "dave"])
      assert.isTrue(first.has_more)
      assert.isAtMost(first.cursor!.length, 200)
      const [bob] = first.conversations
      assert.include(bob!.last_message, { kind: "text", text: "once more" })
      assert.strictEqual(bob!.last_at, bob!.last_message!.at)
      yield* alice.say({ type: "chat_message", recipient: "dave", text: "moves up", id: "up" })
      const second = yield* alice.list({ limit: 2, cursor: first.cursor })
      assert.deepStrictEqual(second.conversations.map(({ peer }) => peer as string), ["carol"])
      assert.isFalse(second.has_more)
      assert.isUndefined(second.cursor)
      const byName = (yield* alice.say({ type: "conversations" })).find((each): each is List =>
        each.type === "conversation_list"
      )
      assert.deepStrictEqual(byName?.conversations.map(({ peer }) => peer as string), ["bob", "carol", "dave"])
      assert.isUndefined(byName?.conversations[0]?.last_message)
    }).pipe(Effect.provide(actors())))

  it.effect("what somebody said while they were blocked is hidden here too, also when the block is over", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      const mallory = yield* join("mallory")
      const made = yield* alice.say({ type: "create_group", name: "tea", members: ["mallory"], id: "g" })
      const info = made.find((each) => each.type === "group_info")
      const group = info?.type === "group_info" ? info.group : ""
      yield* alice.say({ type: "block", user: "mallory", id: "b" })
      yield* mallory.say({ type: "chat_message", group, text: "secret", id: "1" })
      const seen = Effect.map(alice.list(), ({ conversations }) => conversations[0]?.last_message)
      const hidden = { kind: "text", deleted: true, hidden: true } as object
      assert.include(yield* seen, hidden)
      yield* alice.say({ type: "unblock", user: "mallory", id: "u" })
      const after = yield* seen
      assert.include(after, hidden)
      assert.notInclude(JSON.stringify(after), "secret")
      assert.include((yield* mallory.list()).conversations[0]?.last_message, { text: "secret" } as object)
    }).pipe(Effect.provide(actors())))

  it.effect("a page of long last words has fewer of them, and says that there are more", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      for (let i = 0; i < 24; i++) {
        yield* alice.say({ type: "chat_message", recipient: `u${i}`, text: "x".repeat(16_000), id: `${i}` })
      }
      const found: Array<string> = []
      let cursor: string | undefined
      do {
        const page: List = yield* alice.list({ limit: 100, ...(cursor === undefined ? {} : { cursor }) })
        assert.isAtMost(JSON.stringify(page).length, 300_000)
        found.push(...page.conversations.map(({ peer }) => peer as string))
        cursor = page.cursor
        assert.strictEqual(page.has_more, cursor !== undefined)
      } while (cursor !== undefined)
      assert.deepStrictEqual(found, Array.from({ length: 24 }, (_, i) => `u${23 - i}`))
    }).pipe(Effect.provide(actors())))

  it.effect("a cursor that is none, or without its order, is invalid_frame", () =>
    Effect.gen(function*() {
      assert.isDefined(clientFrames.conversations)
      const alice = yield* join("alice")
      for (
        const frame of [
          { order: "recent", cursor: "" },
          { order: "recent", cursor: "yesterday" },
          { order: "recent", cursor: `1.${"x".repeat(161)}` },
          { order: "recent", after: "dm:alice:bob" },
          { order: "loudest" },
          { cursor: "1.dm:alice:bob" }
        ]
      ) {
        const [answer] = yield* alice.say({ type: "conversations", id: "c", ...frame })
        assert.include(answer, { type: "error", code: "invalid_frame" } as object, JSON.stringify(frame))
      }
    }).pipe(Effect.provide(actors())))
})
