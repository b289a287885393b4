/** P4: an entry that is committed while a device registers comes after what the device has missed, at any moment. */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { TestClock } from "effect/testing"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
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

  it.effect("P4 who comes back at once is not served again what was received, without any time passing", () =>
    Effect.gen(function*() {
      const alice = yield* startUser("alice", { level: "v1" })
      const served = Effect.fnUntraced(function*(level: "plain" | "v1") {
        const bob = yield* startUser("bob", { level, device: "phone" })
        yield* settle
        return bob.connection
      })
      const seqs = (connection: { readonly written: ReadonlyArray<ServerFrame> }) =>
        connection.written.flatMap((frame) => frame.type === "incoming_message" ? [frame.seq] : [])

      const first = yield* served("plain")
      // The first cursor is written at once and begins the interval in which the others would wait.
      for (const text of ["one", "two", "three"]) {
        alice.connection.receive(chat(text))
        yield* settle
      }
      first.leave()
      yield* settle
      const second = yield* served("v1")
      assert.deepStrictEqual([seqs(first), seqs(second)], [[1, 2, 3], []])

      for (const text of ["four", "five"]) {
        alice.connection.receive(chat(text))
        yield* settle
      }
      second.receive({ type: "received", conversation: "dm:alice:bob", up_to: 5 })
      second.vanish()
      yield* settle
      assert.deepStrictEqual([seqs(second), seqs(yield* served("v1"))], [[4, 5], []])

      // What its socket did not take was not received, nor what it took last before the line broke.
      const third = yield* served("plain")
      third.stalled = true
      alice.connection.receive(chat("six"))
      yield* settle
      third.vanish()
      yield* settle
      assert.deepStrictEqual(seqs(yield* served("v1")), [6])
    }).pipe(Effect.provide(actors()), Effect.scoped))
})
