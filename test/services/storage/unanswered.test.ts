/** P10 and what docs/operations.md says of a store that fails: everything is answered in time, whatever the store does. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { Readiness } from "../../../src/services/Readiness.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { actors, inPassingTime, settle, startUser } from "../../support/actors.ts"
import { includes } from "../../support/includes.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { Moody } from "../../support/moodyStore.ts"

const settings = { maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0, maxMessagesPerSecondPerAddress: 0 }

const come = Effect.fnUntraced(function*(user: string, level: "plain" | "v1" = "v1") {
  const { connection } = yield* startUser(user, { level })
  yield* settle
  return connection
})

const say = (connection: MemoryConnection, id: string, recipient = "bob") =>
  connection.receive({ type: "chat_message", id, recipient, text: id })

const pass = (millis: number) => settle.pipe(Effect.andThen(TestClock.adjust(millis)), Effect.andThen(settle))

const codeOf = (connection: MemoryConnection, id: string) =>
  connection.written.flatMap((frame) =>
    "id" in frame && frame.id === id ? [frame.type === "error" ? frame.code : frame.type] : []
  )

const reason = Effect.flatMap(Readiness, ({ reason }) => reason)

const withStore = <A, E, R>(test: (store: Moody) => Effect.Effect<A, E, R>) => {
  const store = new Moody()
  return inPassingTime(actors(settings, store.layer), Effect.ensuring(test(store), store.wake))
}

for (const mood of ["silent", "deaf"] as const) {
  describe(`a ${mood} store, whosever it is`, () => {
    it.effect("a message is unavailable after 10 seconds, then at once; it recovers by itself", () =>
      withStore((store) =>
        Effect.gen(function*() {
          const alice = yield* come("alice")
          const bob = yield* come("bob")
          store.mood = mood
          say(alice, "1")
          yield* pass(9_900)
          assert.deepStrictEqual(codeOf(alice, "1"), [])
          yield* pass(200)
          assert.deepStrictEqual(codeOf(alice, "1"), ["unavailable"])
          assert.strictEqual(yield* reason, "store")
          say(alice, "2")
          yield* settle
          assert.deepStrictEqual(codeOf(alice, "2"), ["unavailable"])
          for (let i = 0; i < 6; i++) {
            yield* pass(20_000)
            alice.pong()
            bob.pong()
          }
          yield* store.wake
          yield* pass(5_000)
          assert.isUndefined(yield* reason)
          say(alice, "1")
          say(alice, "2")
          yield* pass(1_000)
          assert.deepStrictEqual(codeOf(alice, "1"), ["unavailable", "message_accepted"])
          assert.deepStrictEqual(codeOf(alice, "2"), ["unavailable", "message_accepted"])
          const heard = bob.written.flatMap((frame) =>
            frame.type === "incoming_message" ? [[frame.seq, frame.text]] : []
          )
          assert.deepStrictEqual(heard, [[1, "1"], [2, "2"]])
        })
      ))

    it.effect("questions are unavailable after 5 seconds, then at once", () =>
      withStore((store) =>
        Effect.gen(function*() {
          const alice = yield* come("alice")
          store.mood = mood
          const ask = (id: string) => {
            alice.receive({ type: "history", id: `h${id}`, recipient: "bob", after: 0 })
            alice.receive({ type: "conversations", id: `c${id}` })
            alice.receive({ type: "subscribe_presence", id: `p${id}`, users: ["bob"] })
            alice.receive({ type: "block", id: `b${id}`, user: "carol" })
          }
          ask("1")
          yield* pass(5_000)
          assert.deepStrictEqual(codeOf(alice, "h1"), ["unavailable"])
          // Asked then whether it works, it does not answer within 2 seconds.
          yield* pass(5_000)
          assert.strictEqual(yield* reason, "store")
          for (const what of ["c1", "p1", "b1"]) assert.deepStrictEqual(codeOf(alice, what), ["unavailable"], what)
          ask("2")
          yield* settle
          for (const what of ["h2", "c2", "p2", "b2"]) {
            assert.deepStrictEqual(codeOf(alice, what), ["unavailable"], what)
          }
        })
      ))

    it.effect("it is noticed where nobody says anything, and whoever comes is taken in and caught up afterwards", () =>
      withStore((store) =>
        Effect.gen(function*() {
          const alice = yield* come("alice")
          say(alice, "1")
          yield* pass(1_000)
          store.mood = mood
          yield* pass(12_100)
          assert.strictEqual(yield* reason, "store")
          const bob = yield* come("bob")
          includes(bob.written[0], { type: "welcome" })
          yield* pass(20_000)
          yield* store.wake
          yield* pass(10_000)
          includes(bob.written.find(({ type }) => type !== "welcome" && type !== "ping"), {
            type: "incoming_message",
            seq: 1
          })
        })
      ))

    it.effect("calls that hang are bounded, however many ask and however long it lasts", () =>
      withStore((store) =>
        Effect.gen(function*() {
          const all = yield* Effect.forEach(Array.from({ length: 300 }, (_, i) => i), (i) => come(`user${i}`))
          store.mood = mood
          for (const each of all) each.receive({ type: "history", id: "h", recipient: "bob", after: 0 })
          yield* pass(5_100)
          for (const each of all) assert.deepStrictEqual(codeOf(each, "h"), ["unavailable"])
          for (let i = 0; i < 100; i++) {
            say(all[i]!, `m${i}`)
            all[i]!.receive({ type: "history", id: "again", recipient: "bob", after: 0 })
            yield* pass(20_000)
            for (const each of all) each.pong()
          }
          // Each of the first 300 was asked before anybody knew.
          assert.isAtMost(store.hanging, mood === "deaf" ? 300 + 8 + 4 + 8 : 4)
          const before = store.calls.length
          yield* pass(600_000)
          assert.isAtMost(store.calls.length - before, mood === "deaf" ? 0 : 400)
          yield* store.wake
          yield* pass(10_000)
          assert.strictEqual(store.hanging, 0)
          assert.isUndefined(yield* reason)
        })
      ))

    it.effect("P10 a stop does not wait for it", () =>
      Effect.gen(function*() {
        const store = new Moody()
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(Layer.fresh(actors(settings, store.layer)), scope)
        yield* Effect.gen(function*() {
          const alice = yield* come("alice")
          alice.receive({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
          yield* pass(1_000)
          store.mood = mood
          say(alice, "1")
          alice.receive({ type: "history", id: "h", recipient: "bob", after: 0 })
          yield* settle
        }).pipe(Effect.provide(context))
        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        yield* pass(4_000)
        assert.isDefined(closing.pollUnsafe())
        yield* store.wake
        yield* Fiber.join(closing)
      }))
  })
}

describe("a commit that is answered late", () => {
  it.effect("P1 P5 what came into the store after all is delivered, and a retry is the same message (P3)", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        const bob = yield* come("bob", "plain")
        store.mood = "deaf"
        store.only = new Set(["commit"])
        say(alice, "1")
        yield* pass(10_100)
        assert.deepStrictEqual(codeOf(alice, "1"), ["unavailable"])
        // The store answers all else; others wait for the late one, so that nothing overtakes it.
        store.mood = "well"
        say(alice, "2")
        yield* pass(5_000)
        assert.deepStrictEqual(codeOf(alice, "2"), ["unavailable"])
        yield* store.wake
        yield* pass(1_000)
        say(alice, "1")
        say(alice, "2")
        yield* pass(1_000)
        includes(alice.written.findLast((frame) => "id" in frame && frame.id === "1"), {
          type: "message_accepted",
          seq: 1,
          duplicate: true
        })
        const heard = bob.written.flatMap((frame) => frame.type === "incoming_message" ? [[frame.seq, frame.text]] : [])
        assert.deepStrictEqual(heard, [[1, "1"], [2, "2"]])
      })
    ))

  it.effect("others go on after half a minute, and what comes after an hour is still delivered", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        const bob = yield* come("bob")
        store.mood = "deaf"
        store.only = new Set(["commit"])
        say(alice, "1")
        yield* pass(10_100)
        store.mood = "well"
        alice.pong()
        bob.pong()
        yield* pass(31_000)
        alice.pong()
        bob.pong()
        say(alice, "2")
        yield* pass(1_000)
        assert.deepStrictEqual(codeOf(alice, "2"), ["message_accepted"])
        for (let i = 0; i < 180; i++) {
          yield* pass(20_000)
          alice.pong()
          bob.pong()
        }
        yield* store.wake
        yield* pass(1_000)
        const heard = bob.written.flatMap((frame) => frame.type === "incoming_message" ? [frame.text] : [])
        // What was not confirmed comes again.
        assert.deepStrictEqual(Array.from(new Set(heard)), ["2", "1"])
      })
    ))
})

describe("a store that dies", () => {
  it.effect("once in `check`, after a commit that failed: the server recovers", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        store.mood = "dying"
        say(alice, "1")
        yield* pass(1_000)
        assert.deepStrictEqual(codeOf(alice, "1"), ["unavailable"])
        store.mood = "well"
        yield* pass(5_000)
        assert.isUndefined(yield* reason)
        say(alice, "1")
        yield* settle
        assert.deepStrictEqual(codeOf(alice, "1"), ["unavailable", "message_accepted"])
      })
    ))

  it.effect("in a question: its client is told, and stays", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        say(alice, "1")
        yield* pass(100)
        store.mood = "dying"
        store.only = new Set(["history", "conversations", "blocks", "visibleTo"])
        alice.receive({ type: "history", id: "h", recipient: "bob", after: 0 })
        alice.receive({ type: "conversations", id: "c" })
        alice.receive({ type: "blocked_users", id: "b" })
        alice.receive({ type: "subscribe_presence", id: "p", users: ["bob"] })
        yield* pass(100)
        for (const id of ["h", "c", "b", "p"]) assert.deepStrictEqual(codeOf(alice, id), ["unavailable"], id)
        assert.isUndefined(alice.closedWith)
        // The store works, as far as it says.
        assert.isUndefined(yield* reason)
      })
    ))
})

describe("a store that answers at once", () => {
  it.effect("is not waited for: no time passes", () =>
    withStore(() =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        say(alice, "1")
        alice.receive({ type: "history", id: "h", recipient: "bob", after: 0 })
        yield* settle
        assert.deepStrictEqual(codeOf(alice, "1"), ["message_accepted"])
        assert.deepStrictEqual(codeOf(alice, "h"), ["history_page"])
        yield* (yield* ServerActor).flush
        yield* (yield* MessageStore).check
      })
    ))
})
