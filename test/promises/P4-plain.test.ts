/** P4: what of the pushed counts as received by a plain client, by how its connection ends. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { actors, join, settle, startUser, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { memoryWith } from "../support/stores.ts"

const say = Effect.fnUntraced(function*(alice: MemoryConnection, ...texts: ReadonlyArray<string>) {
  for (const text of texts) {
    yield* alice.says({ type: "chat_message", recipient: "bob", text })
  }
})

/** What the next connection is sent after the first of these was received and the others pushed. */
const after = (
  name: string,
  expected: ReadonlyArray<string>,
  end: (bob: MemoryConnection, alice: MemoryConnection) => Effect.Effect<unknown>,
  stalled = false
) =>
  story(name, function*() {
    const { connection: alice } = yield* startUser("alice")
    const bob = yield* join("bob", { level: "plain" })
    // Its cursor is written at once and begins the interval in which the others wait.
    yield* say(alice, "one")
    bob.stalled = stalled
    yield* say(alice, "two", "three")
    yield* end(bob, alice)
    yield* settle
    const next = yield* join("bob", { level: "plain" })
    assert.deepStrictEqual(next.texts, expected)
  })

/** The bytes of one frame of these. */
const frameBytes = (bob: MemoryConnection) => bob.buffered() / 2

describe("a plain connection ends", () => {
  after(
    "P4 with the client's close frame: what its socket took was received",
    [],
    (bob) => Effect.sync(() => bob.leave())
  )

  after(
    "P4 without one: what was not written down yet comes again",
    ["two", "three"],
    (bob) => Effect.sync(() => bob.vanish())
  )

  after(
    "P10 with a close frame of the server that was answered: all before it was received",
    [],
    (bob) => Effect.sync(() => bob.close(CloseCode.Draining))
  )

  after(
    "P4 with one that was not answered: what was on its way was not received",
    ["two", "three"],
    (bob) => Effect.sync(() => bob.close(CloseCode.Kicked)),
    true
  )

  for (const code of [CloseCode.SlowReader, CloseCode.NoHeartbeat, CloseCode.Flood]) {
    after(
      `P4 cut off with ${code.code}: what was on its way was not received`,
      ["two", "three"],
      (bob) => Effect.sync(() => code === CloseCode.Flood ? bob.closeUnread(code) : bob.terminate(code))
    )
  }

  after("P4 half of it taken: the other half comes again", ["three"], (bob) =>
    Effect.gen(function*() {
      // A byte short of the last.
      bob.read(2 * frameBytes(bob) - 1)
      yield* settle
      bob.leave()
    }), true)

  after("P4 slowly: each is received when its last byte is taken", [], (bob) =>
    Effect.gen(function*() {
      const bytes = frameBytes(bob)
      for (let i = 0; i < 6; i++) bob.read(Math.ceil(bytes / 3))
      yield* settle
      bob.leave()
    }), true)

  after(
    "P4 what is said once it has begun to end was not received",
    ["four", "five"],
    (bob, alice) =>
      Effect.gen(function*() {
        bob.hangUp()
        yield* say(alice, "four", "five")
        bob.leave()
      })
  )

  let reads = 0
  const counting = memoryWith((store) => ({
    history: (options) => Effect.andThen(Effect.sync(() => reads++), store.history(options))
  }))

  story("P6 nothing is read from the store for a connection that has begun to end", function*() {
    const alice = yield* join("alice", { level: "plain" })
    for (let i = 0; i < 400; i++) {
      yield* alice.says({ type: "chat_message", recipient: "bob", text: "x".repeat(1_000) })
    }
    for (const level of ["plain", "v1"] as const) {
      reads = 0
      const bob = yield* join("bob", { level, stalled: true })
      assert.strictEqual(reads, 1)
      bob.drain()
      bob.hangUp()
      yield* settle
      assert.strictEqual(reads, 1)
      yield* bob.gone
    }
  }, actors({ maxMessagesPerSecond: 0 }, counting))
})
