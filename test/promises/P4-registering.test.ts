/** P4: an entry that is committed while a device registers comes after what the device has missed, at any moment. */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { TestClock } from "effect/testing"
import { actors, join, settle, story } from "../support/actors.ts"
import { isOverNodes } from "../support/overNodes.ts"

const chat = (text: string) => ({ type: "chat_message", recipient: "bob", text })

describe("registering", () => {
  it.effect.each(Array.range(0, 30))(
    "P4 the backlog comes first, %i turns after something is said",
    (turns) =>
      Effect.gen(function*() {
        const alice = yield* join("alice")
        alice.send(chat("one"))
        yield* alice.says(chat("two"))
        alice.send(chat("three"))
        for (let i = 0; i < turns; i++) yield* Effect.yieldNow
        const bob = yield* join("bob", "phone")
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(bob.seqs, [1, 2, 3])
      }).pipe(Effect.provide(actors()), Effect.scoped)
  )

  // On another server what was received may not be written down yet.
  if (isOverNodes) return
  story("P4 who comes back at once is not served again what was received, without any time passing", function*() {
    const alice = yield* join("alice")
    const served = (level: "plain" | "v1") => join("bob", { level, device: "phone" })

    const first = yield* served("plain")
    // The first cursor is written at once and begins the interval in which the others would wait.
    for (const text of ["one", "two", "three"]) yield* alice.says(chat(text))
    first.leave()
    yield* settle
    const second = yield* served("v1")
    assert.deepStrictEqual([first.seqs, second.seqs], [[1, 2, 3], []])

    for (const text of ["four", "five"]) yield* alice.says(chat(text))
    second.send({ type: "received", conversation: "dm:alice:bob", up_to: 5 })
    yield* second.gone
    assert.deepStrictEqual([second.seqs, (yield* served("v1")).seqs], [[4, 5], []])

    // What its socket did not take was not received, nor what it took last before the line broke.
    const third = yield* served("plain")
    third.stalled = true
    yield* alice.says(chat("six"))
    yield* third.gone
    assert.deepStrictEqual((yield* served("v1")).seqs, [6])
  })
})
