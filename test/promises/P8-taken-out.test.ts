/**
 * P8: whoever is taken out of a group while the server reads something of it for them sees nothing of what came after. The
 * store here answers whether they are in at once, and what they asked for only when they are out.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Stream } from "effect"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { PersonalData } from "../../src/services/personal/PersonalData.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, join, pass, settle, story } from "../support/actors.ts"
import { startPushService } from "../support/pushService.ts"
import { until } from "../support/until.ts"

/** What is read waits for it, once it is there. */
const makeGate = () => {
  let gate: Deferred.Deferred<void> | undefined
  const behind = <A, E>(read: Effect.Effect<A, E>) =>
    Effect.suspend(() => gate === undefined ? read : Effect.andThen(Deferred.await(gate), read))
  const store = Layer.effect(
    MessageStore,
    Effect.map(MessageStore, (store) =>
      MessageStore.of({
        ...store,
        history: (options) => behind(store.history(options)),
        positions: (...of) => behind(store.positions(...of))
      }))
  ).pipe(Layer.provideMerge(MemoryMessageStore.layer()))
  return {
    store,
    close: () => {
      gate = Deferred.makeUnsafe<void>()
    },
    open: Effect.suspend(() => Deferred.succeed(gate!, undefined))
  }
}

/** Ann has bob in a group where all is to be seen, and three things are said. */
const together = Effect.gen(function*() {
  const [ann, bob] = [yield* join("ann"), yield* join("bob")]
  const { conversation, group } = yield* ann.ask(
    { type: "create_group", name: "tea", members: ["bob", "cem"], history: "all" },
    "group_info"
  )
  yield* ann.ask({ type: "chat_message", group, text: "one" }, "message_accepted")
  yield* bob.ask({ type: "chat_message", group, text: "of bob" }, "message_accepted")
  yield* settle
  const goes = Effect.gen(function*() {
    yield* ann.ask({ type: "remove_members", group, members: ["bob"] }, "group_info")
    yield* ann.ask({ type: "chat_message", group, text: "secret" }, "message_accepted")
  })
  return { ann, bob, conversation, group, goes }
})

describe("taken out while the server reads", () => {
  for (
    const frame of [
      { type: "history", after: 0 },
      { type: "history", before: Number.MAX_SAFE_INTEGER },
      { type: "receipts" },
      { type: "report", seq: 5, reason: "spam" }
    ]
  ) {
    const gate = makeGate()
    story(`${JSON.stringify(frame)} is answered as to one who is out`, function*() {
      const { bob, goes, group } = yield* together
      gate.close()
      const asked = yield* Effect.forkChild(bob.ask({ ...frame, group }))
      yield* settle
      yield* goes
      yield* gate.open
      const answer = yield* Fiber.join(asked)
      assert.strictEqual(answer.type === "error" && answer.code, "not_a_member")
      assert.notInclude(JSON.stringify(bob.heard), "secret")
    }, actors({}, gate.store))
  }

  const again = makeGate()
  story("and who is let in again has what there is", function*() {
    const { ann, bob, goes, group } = yield* together
    again.close()
    const asked = yield* Effect.forkChild(bob.ask({ type: "history", group, after: 0 }, "history_page"))
    yield* settle
    yield* goes
    yield* ann.ask({ type: "add_members", group, members: ["bob"] }, "group_info")
    yield* again.open
    const { messages } = yield* Fiber.join(asked)
    assert.deepStrictEqual(messages.map(({ seq }) => seq), [1, 2, 3, 4, 5, 6])
  }, actors({}, again.store))

  const exported = makeGate()
  story("an export goes on with their own words alone", function*() {
    const { goes } = yield* together
    const parts = yield* PersonalData.use((data) => data.parts(UserId.make("bob"))).pipe(
      Effect.provide(PersonalData.layer)
    )
    exported.close()
    const taken = yield* Effect.forkChild(Stream.runCollect(parts!))
    yield* pass(100)
    yield* goes
    yield* exported.open
    yield* pass(1_000)
    const document = JSON.stringify(yield* Fiber.join(taken))
    assert.include(document, "of bob")
    assert.notInclude(document, "secret")
  }, actors({}, exported.store))

  const told = makeGate()
  it.effect("a push does not tell them of it", () =>
    Effect.gen(function*() {
      const stage = yield* startPushService
      yield* Effect.gen(function*() {
        const { ann, bob, goes, group } = yield* together
        const cem = yield* join("cem")
        for (const who of [bob, cem]) {
          yield* who.ask({ type: "push_subscribe", subscription: stage.browser().subscription }, "push_subscriptions")
          who.terminate(CloseCode.NoHeartbeat)
        }
        yield* pass(0)
        yield* ann.ask({ type: "chat_message", group, text: "come back" }, "message_accepted")
        told.close()
        yield* pass(11_000)
        yield* goes
        yield* told.open
        // What is said after it comes to cem in a push of its own, and by then one to bob would be there too.
        for (let pushes = 1; pushes <= 2; pushes++) {
          yield* pass(30_000)
          yield* until(Effect.sync(() => stage.pushed.length >= pushes))
          yield* ann.ask({ type: "chat_message", group, text: "and now?" }, "message_accepted")
        }
        assert.strictEqual(new Set(stage.pushed.map(({ path }) => path)).size, 1)
      }).pipe(Effect.provide(Layer.provide(actors({}, told.store), stage.settings)))
    }).pipe(Effect.scoped))
})
