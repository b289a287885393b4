/**
 * P4 P8: while the store has not said what became of a block, nobody knows whether what the other says is to be heard. It
 * waits, and so does what comes after it.
 */
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { StoreError } from "../../src/services/storage/MessageStore.ts"
import { actors, join, settle, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { memoryWith } from "../support/stores.ts"

type Outcome = "kept" | "failed"

const undecided = (decided: Deferred.Deferred<Outcome>) =>
  memoryWith((store) => ({
    setBlock: (...block) =>
      Effect.flatMap(Deferred.await(decided), (outcome) =>
        outcome === "kept"
          ? store.setBlock(...block)
          : Effect.fail(new StoreError({ kind: "unavailable", message: "Gone." })))
  }))

/** Bob's block of ann is on its way, and ann and cem say something in their group. */
const stage = Effect.gen(function*() {
  const [ann, bob, cem] = [yield* join("ann"), yield* join("bob"), yield* join("cem")]
  const { group } = yield* cem.ask({ type: "create_group", name: "tea", members: ["ann", "bob"] }, "group_info")
  yield* settle
  bob.heard.length = 0
  const blocking = yield* Effect.forkChild(bob.ask({ type: "block", user: "ann" }))
  yield* settle
  yield* ann.ask({ type: "chat_message", group, text: "one" }, "message_accepted")
  yield* cem.ask({ type: "chat_message", group, text: "two" }, "message_accepted")
  yield* settle
  return { bob, blocking, group }
})

const texts = (who: MemoryConnection) => who.all("incoming_message").map(({ text }) => text)

describe("a block that nobody has decided", () => {
  for (
    const [outcome, heard] of [["kept", ["two"]], ["failed", ["one", "two"]]] satisfies ReadonlyArray<
      [Outcome, Array<string>]
    >
  ) {
    const live = Deferred.makeUnsafe<Outcome>()
    story(`and is ${outcome}: whoever is here`, function*() {
      const { blocking, bob } = yield* stage
      assert.deepStrictEqual(texts(bob), [])
      yield* Deferred.succeed(live, outcome)
      assert.strictEqual((yield* Fiber.join(blocking)).type, outcome === "kept" ? "blocked_users" : "error")
      yield* settle
      assert.deepStrictEqual(texts(bob), heard)
    }, actors({}, undecided(live)))

    const late = Deferred.makeUnsafe<Outcome>()
    story(`and is ${outcome}: whoever comes meanwhile`, function*() {
      yield* stage
      const phone = yield* join("bob", "phone")
      yield* settle
      assert.deepStrictEqual(texts(phone), [])
      yield* Deferred.succeed(late, outcome)
      yield* settle
      assert.deepStrictEqual(texts(phone), heard)
    }, actors({}, undecided(late)))

    const asked = Deferred.makeUnsafe<Outcome>()
    story(`and is ${outcome}: whoever reads the history`, function*() {
      const { group } = yield* stage
      const phone = yield* join("bob", "phone")
      const reading = yield* Effect.forkChild(phone.ask({ type: "history", group, after: 1 }, "history_page"))
      yield* settle
      yield* Deferred.succeed(asked, outcome)
      const { messages } = yield* Fiber.join(reading)
      assert.deepStrictEqual(
        messages.flatMap((entry) => "text" in entry && entry.text !== undefined ? [entry.text] : []),
        heard
      )
    }, actors({}, undecided(asked)))
  }
})
