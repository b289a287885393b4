/** P4: an entry that is committed while a device registers comes after what the device has missed, at any moment. */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { TestClock } from "effect/testing"
import { actors, settle, startUser } from "../support/actors.ts"

const chat = (text: string) => ({ type: "chat_message", recipient: "bob", text })

describe("registering", () => {
  it.effect.each(Array.range(0, 30))(
    "P4 the backlog comes first, %i turns after something is said",
    (turns) =>
      Effect.gen(function*() {
        const alice = yield* startUser("alice", { level: "v1" })
        yield* settle
        alice.connection.receive(chat("one"))
        alice.connection.receive(chat("two"))
        yield* settle
        alice.connection.receive(chat("three"))
        for (let i = 0; i < turns; i++) yield* Effect.yieldNow
        const bob = yield* startUser("bob", { level: "v1", device: "phone" })
        yield* settle
        yield* TestClock.adjust("1 second")
        const seqs = bob.connection.written.flatMap((frame) => frame.type === "incoming_message" ? [frame.seq] : [])
        assert.deepStrictEqual(seqs, [1, 2, 3])
      }).pipe(Effect.provide(actors()), Effect.scoped)
  )
})
