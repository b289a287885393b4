/** One trace for each message, whoever says it and whatever becomes of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Option, type Scope, Tracer } from "effect"
import { TestClock } from "effect/testing"
import { type GroupId, UserId } from "../../../src/domain/Ids.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import type { MessageTracesOptions } from "../../../src/services/telemetry/MessageTraces.ts"
import { UserNames } from "../../../src/services/UserNames.ts"
import { actors, join, settle, startUser } from "../../support/actors.ts"
import { Moody } from "../../support/moodyStore.ts"
import { hubOf, startNode } from "../../support/nodes.ts"
import { eventsOf, RecordingTracer } from "../../support/RecordingTracer.ts"
import { until } from "../../support/until.ts"

type Services = Layer.Success<ReturnType<typeof actors>> | Scope.Scope

const told = (
  name: string,
  body: (recording: RecordingTracer) => Generator<Effect.Effect<any, unknown, Services>, void, never>,
  options: MessageTracesOptions & { readonly store?: Layer.Layer<MessageStore> } = {}
) =>
  it.effect(name, () => {
    const recording = new RecordingTracer()
    return Effect.gen(() => body(recording)).pipe(
      Effect.provide(actors({}, options.store)),
      (test) => recording.traced(test, options),
      Effect.scoped
    )
  })

const stages = ["message.queue", "message.commit", "message.deliver"]

const say = (from: { readonly send: (frame: object) => void }, id: string, to: object, text = "a secret text") =>
  from.send({ type: "chat_message", id, ...to, text })

const attributesOf = (span: Tracer.NativeSpan) => Object.fromEntries(span.attributes)

describe("the trace of a message", () => {
  told(
    "begins with its frame, ends with its last delivery, and says no more than ids and numbers",
    function*(recording) {
      const alice = yield* join("alice")
      const bob = yield* join("bob", "phone")
      yield* join("bob", "laptop")
      say(alice, "m1", { recipient: "bob" })
      const { message_id } = yield* bob.expect("incoming_message")
      yield* settle
      const [root, ...others] = recording.named("message")
      assert.isEmpty(others)
      assert.deepStrictEqual(recording.open, [])
      assert.deepStrictEqual(recording.below(root!), stages)
      assert.strictEqual(root!.kind, "server")
      assert.deepStrictEqual(eventsOf(root!), ["accepted"])
      assert.deepStrictEqual(attributesOf(root!), {
        "switchboard.user": "alice",
        "switchboard.command": "chat_message",
        "switchboard.seq": 1
      })
      const [commit] = recording.named("message.commit")
      assert.deepStrictEqual(attributesOf(commit!), {
        "switchboard.message_id": message_id,
        "switchboard.commit.messages": 1,
        "switchboard.commit.cursors": 0
      })
      assert.deepStrictEqual(attributesOf(recording.named("message.deliver")[0]!), { "switchboard.connections": 2 })
      for (const { traceId } of recording.spans.filter(({ name }) => name.startsWith("message"))) {
        assert.strictEqual(traceId, root!.traceId)
      }
    }
  )

  told("has as many spans for many as for one, and a commit of many is in the trace of each", function*(recording) {
    const alice = yield* join("alice")
    const users = Array.from({ length: 30 }, (_, i) => `user${i}`)
    for (const user of users) yield* join(user)
    const { group } = yield* alice.ask({ type: "create_group", name: "all", members: users }, "group_info")
    for (let i = 0; i < 5; i++) say(alice, `m${i}`, { group })
    yield* settle
    const roots = recording.named("message")
    assert.lengthOf(roots, 6)
    for (const root of roots) assert.deepStrictEqual(recording.below(root), stages)
    assert.strictEqual(new Set(roots.map(({ traceId }) => traceId)).size, 6)
    const deliveries = recording.named("message.deliver").slice(1)
    for (const span of deliveries) assert.strictEqual(span.attributes.get("switchboard.connections"), 30)
    const commits = recording.named("message.commit").slice(1)
    for (const span of commits) assert.strictEqual(span.attributes.get("switchboard.commit.messages"), 5)
    assert.deepStrictEqual(recording.open, [])
  })

  told("of a change of a group ends when it is answered and told", function*(recording) {
    const alice = yield* join("alice")
    yield* join("bob")
    const group = { type: "create_group", id: "g", name: "us", members: ["bob"] }
    yield* alice.ask(group, "group_info")
    // A retry changes nothing.
    yield* alice.ask(group, "group_info")
    yield* alice.ask({ type: "remove_members", group: "no-such-group-at-all22", members: ["bob"] }, "error")
    yield* settle
    const [made, again, refused] = recording.named("message")
    assert.deepStrictEqual(recording.below(made!), stages)
    assert.deepStrictEqual(eventsOf(made!), ["answered"])
    assert.notInclude(recording.below(again!), "message.deliver")
    assert.strictEqual(refused!.attributes.get("error.type"), "not_found")
    assert.deepStrictEqual(recording.open, [])
  })

  told("of a retry, and of a reaction that is there, ends with the commit; nobody needs an id", function*(recording) {
    const alice = yield* join("alice")
    const { connection: bob } = yield* startUser("bob")
    yield* settle
    say(alice, "m1", { recipient: "bob" })
    say(alice, "m1", { recipient: "bob" })
    yield* settle
    bob.send({ type: "chat_message", recipient: "alice", text: "Hi" })
    yield* settle
    const reaction = { type: "react", recipient: "bob", seq: 2, emoji: "👍" }
    alice.send(reaction)
    alice.send(reaction)
    yield* settle
    const roots = recording.named("message")
    assert.strictEqual(roots[1]!.attributes.get("switchboard.duplicate"), true)
    const delivered = [stages, stages.slice(0, 2), stages, stages, stages.slice(0, 2)]
    assert.deepStrictEqual(roots.map((root) => recording.below(root)), delivered)
    assert.deepStrictEqual(recording.open, [])
  })

  told("of what is refused says why, and is no error", function*(recording) {
    const alice = yield* join("alice")
    say(alice, "m1", { group: "no-such-group-at-all22" })
    say(alice, "m2", { recipient: "bob" })
    yield* settle
    say(alice, "m2", { recipient: "bob" }, "another text")
    yield* settle
    const [missing, , conflict] = recording.named("message")
    assert.strictEqual(missing!.attributes.get("error.type"), "not_found")
    assert.strictEqual(conflict!.attributes.get("error.type"), "id_conflict")
    for (const { status } of [missing!, conflict!]) {
      assert.isTrue(status._tag === "Ended" && Exit.isSuccess(status.exit))
    }
    assert.deepStrictEqual(recording.open, [])
  })

  const moody = new Moody()
  told("of what the store fails to keep is an error", function*(recording) {
    const alice = yield* join("alice")
    moody.mood = "failing"
    say(alice, "m1", { recipient: "bob" })
    yield* settle
    say(alice, "m2", { recipient: "bob" })
    yield* settle
    moody.mood = "well"
    for (const root of recording.named("message")) {
      assert.strictEqual(root.attributes.get("error.type"), "unavailable")
      assert.isTrue(root.status._tag === "Ended" && Exit.isFailure(root.status.exit))
    }
    assert.lengthOf(recording.named("message"), 2)
    assert.deepStrictEqual(recording.open, [])
    yield* TestClock.adjust("10 seconds")
  }, { store: moody.layer })

  told("is for messages: a question has one of its own, receipts and typing have none", function*(recording) {
    const alice = yield* join("alice")
    const before = recording.spans.length
    yield* alice.ask({ type: "history", recipient: "bob", after: 0 }, "history_page")
    alice.send({ type: "typing", recipient: "bob", active: true })
    alice.send("no frame")
    yield* alice.ask({ type: "ping" }, "pong")
    const [question, ...others] = recording.spans.slice(before).filter(({ kind }) => kind === "server")
    assert.isEmpty(others)
    assert.strictEqual(question!.name, "history")
    assert.strictEqual(question!.status._tag, "Ended")
    assert.deepStrictEqual(attributesOf(question!), { "switchboard.user": "alice" })
    assert.isEmpty(recording.spans.filter(({ name }) => name.startsWith("message")))
  })

  told("is not begun where its sampler wants none, which hides nothing from anybody", function*(recording) {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    say(alice, "m1", { recipient: "bob" })
    yield* bob.expect("incoming_message")
    assert.isEmpty(recording.spans.filter(({ name }) => name.startsWith("message")))
  }, { sampler: { ratio: 0, parentBased: true } })

  told("goes on with the span of the app that says it, sampled as that one is", function*(recording) {
    const server = yield* ServerActor
    const bob = yield* join("bob")
    const send = server.send({ sender: UserId.make("alice"), recipient: UserId.make("bob"), text: "Hi" })
    yield* Effect.withSpan(send, "order")
    yield* bob.expect("incoming_message")
    yield* settle
    const [order] = recording.named("order")
    const [call] = recording.named("ServerActor.send")
    const [message] = recording.named("message")
    assert.strictEqual(Option.getOrThrow(call!.parent).spanId, order!.spanId)
    assert.strictEqual(Option.getOrThrow(message!.parent).spanId, call!.spanId)
    assert.strictEqual(message!.traceId, order!.traceId)
    assert.deepStrictEqual(recording.below(message!), stages)
    assert.deepStrictEqual(recording.open, [])
    yield* Effect.withSpan(send, "quiet", { sampled: false })
    assert.lengthOf(recording.named("message"), 1)
  })

  it.effect("shows users as log lines do", () => {
    const recording = new RecordingTracer()
    return Effect.gen(function*() {
      const alice = yield* join("alice")
      say(alice, "m1", { recipient: "bob" })
      yield* settle
      const spans = recording.spans.map((span) => [span.name, ...span.attributes.values()])
      assert.include(JSON.stringify(spans), "somebody")
      assert.notMatch(JSON.stringify(spans), /alice|bob|secret/)
    }).pipe(
      Effect.provide(actors()),
      recording.traced,
      Effect.provideService(UserNames, () => "somebody"),
      Effect.scoped
    )
  })
})

for (const bus of ["with a bus", "without a bus"] as const) {
  describe(`the trace of a message on two servers, ${bus}`, () => {
    const live = (
      name: string,
      body: (recording: RecordingTracer, options: {
        readonly a: Effect.Success<ReturnType<typeof startNode>>
        readonly b: Effect.Success<ReturnType<typeof startNode>>
      }) => Generator<Effect.Effect<any, unknown, Scope.Scope>, void, never>
    ) =>
      it.live(name, () => {
        const recording = new RecordingTracer()
        return Effect.gen(function*() {
          const hub = hubOf()
          if (bus === "without a bus") { for (const name of ["a", "b"]) hub.cut(name) }
          const [a, b] = [yield* startNode(hub, "a"), yield* startNode(hub, "b")]
          yield* Effect.gen(() => body(recording, { a, b }))
        }).pipe(recording.traced, Effect.scoped, Effect.provide(Layer.fresh(MemoryMessageStore.layer())))
      })

    live("has the deliveries of both", function*(recording, { a, b }) {
      const alice = yield* a.join("alice")
      const [bob, here] = [yield* b.join("bob"), yield* a.join("bob")]
      say(alice, "m1", { recipient: "bob" })
      yield* bob.waitFor("incoming_message")
      yield* here.waitFor("incoming_message")
      yield* until(Effect.sync(() => recording.named("message.deliver").length === 2 && recording.open.length === 0))
      const [root] = recording.named("message")
      const deliveries = recording.named("message.deliver")
      for (const span of deliveries) {
        assert.strictEqual(span.traceId, root!.traceId)
        assert.strictEqual(Option.getOrThrow(span.parent).spanId, root!.spanId)
        assert.strictEqual(span.attributes.get("switchboard.connections"), 1)
      }
      assert.sameMembers(deliveries.map((span) => span.attributes.get("switchboard.node")), [
        a.cluster.node,
        b.cluster.node
      ])
      assert.sameMembers(deliveries.map(({ kind }) => kind), ["internal", "consumer"])
    })

    live("in a group, too, and after retries that tell nobody anything", function*(recording, { a, b }) {
      const alice = yield* a.join("alice")
      const bob = yield* b.join("bob")
      const { group } = yield* alice.ask({ type: "create_group", name: "us", members: ["bob"] }, "group_info")
      const chat = { type: "chat_message", id: "m1", group: group as GroupId, text: "Hi" }
      yield* alice.ask(chat, "message_accepted")
      yield* alice.ask(chat, "message_accepted")
      // What was told of a commit that changed nothing takes its place in the journal.
      assert.strictEqual(yield* alice.code({ ...chat, text: "another" }), "id_conflict")
      yield* alice.ask({ ...chat, id: "m2" }, "message_accepted")
      const second = bob.waitFor("incoming_message", ({ seq }) => seq === 3)
      yield* second
      yield* until(Effect.sync(() => recording.named("message.deliver").length === 6 && recording.open.length === 0))
      const last = recording.named("message").at(-1)!
      assert.lengthOf(recording.below(last).filter((name) => name === "message.deliver"), 2)
    })
  })
}
