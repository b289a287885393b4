/** Presence is for those who share a conversation, also where its first message was kept without an answer. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { StoreError } from "../../src/services/storage/MessageStore.ts"
import { actors, join, pass, story } from "../support/actors.ts"
import { memoryWith } from "../support/stores.ts"

/** Keeps the next commit and does not say so. */
const store = () => {
  let isSaid = false
  return memoryWith(({ commit }) => ({
    commit: (appends, moves, stamp) =>
      Effect.flatMap(commit(appends, moves, stamp), (kept) => {
        if (isSaid || appends.length === 0) return Effect.succeed(kept)
        isSaid = true
        return Effect.fail(new StoreError({ kind: "unavailable", message: "The line broke." }))
      })
  }))
}

describe("presence after a store failed", () => {
  story("whoever is told of nothing sees the other all the same", function*() {
    const alice = yield* join("alice", "phone")
    const bob = yield* join("bob", "phone")
    alice.send({ type: "subscribe_presence", users: ["bob"] })
    yield* pass("1 second")
    assert.deepStrictEqual(alice.all("presence").map(({ status }) => status), ["offline"])
    bob.send({ type: "chat_message", recipient: "alice", text: "hello", id: "1" })
    yield* pass("5 seconds")
    assert.deepStrictEqual(alice.texts, ["hello"])
    assert.deepStrictEqual(alice.all("presence").map(({ status }) => status), ["offline", "online"])
  }, actors({}, store()))
})
