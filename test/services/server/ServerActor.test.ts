import { assert, describe, it } from "@effect/vitest"
import { Array, Context, Effect, Exit, Fiber, HashMap, Layer, Queue, Scope, Stream } from "effect"
import { Replaced } from "../../../src/domain/CloseCode.ts"
import * as Conversation from "../../../src/domain/Conversation.ts"
import { ClientId, GroupId, UserId } from "../../../src/domain/Ids.ts"
import { PersistenceActor } from "../../../src/services/persistence/PersistenceActor.ts"
import { Router } from "../../../src/services/server/Router.ts"
import { ServerActor } from "../../../src/services/server/ServerActor.ts"
import type { UserRef } from "../../../src/services/user/UserRef.ts"
import { actors, makeRef, settle, story } from "../../support/actors.ts"
import { includes } from "../../support/includes.ts"

const alice = UserId.make("alice")
const bob = UserId.make("bob")

type Speaker = { readonly ref: UserRef }

const say = Effect.fnUntraced(function*(from: Speaker, recipient: string, text: string, id?: string) {
  const router = yield* Router
  yield* router.tellUnsafe({
    _tag: "UserChat",
    sender: from.ref.user,
    recipient: UserId.make(recipient),
    conversation: Conversation.direct(from.ref.user, UserId.make(recipient)),
    command: {
      type: "chat_message",
      recipient: UserId.make(recipient),
      text,
      ...(id === undefined ? undefined : { id: ClientId.make(id) })
    },
    requester: from.ref
  }) ?? Effect.void
})

describe("ServerActor", () => {
  story("RegisterUser is answered in the user's mailbox, UnregisterUser leaves nothing (P7)", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const { mailbox, ref } = yield* makeRef("alice")
    yield* router.register(ref)
    yield* settle
    assert.deepStrictEqual(Array.map(yield* Queue.takeAll(mailbox), (m) => m._tag), ["Registered"])
    assert.isTrue(HashMap.has(yield* router.registry, alice))
    yield* router.unregister(ref)
    yield* settle
    assert.strictEqual(HashMap.size(yield* router.registry), 0)
    assert.strictEqual(yield* server.connections, 0)
  })

  story("UserChat reaches every connection of the recipient and is acknowledged to its sender", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const a = yield* makeRef("alice")
    const phone = yield* makeRef("bob", { device: "phone", level: "v1" })
    const nameless = yield* makeRef("bob")
    const carol = yield* makeRef("carol")
    for (const { ref } of [a, phone, nameless, carol]) yield* router.register(ref)
    yield* say(a, "bob", "Hi Bob!", "m1")
    yield* server.flush
    for (const { connection } of [phone, nameless]) {
      const frames = connection.heard
      assert.strictEqual(frames.length, 1)
      includes(frames[0], { type: "incoming_message", sender: "alice", text: "Hi Bob!", seq: 1 })
    }
    const answers = a.connection.heard
    assert.strictEqual(answers.length, 1)
    includes(answers[0], { type: "message_accepted", id: "m1", seq: 1, conversation: "dm:alice:bob" })
    assert.deepStrictEqual(carol.connection.heard, [])
  })

  story("the sender's other devices hear it at level v1 only; to oneself it comes back to all", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const speaking = yield* makeRef("alice", { level: "v1" })
    const tablet = yield* makeRef("alice", { level: "v1", device: "tablet" })
    const plain = yield* makeRef("alice")
    for (const { ref } of [speaking, tablet, plain]) yield* router.register(ref)
    yield* say(speaking, "bob", "one")
    yield* server.flush
    assert.strictEqual(speaking.connection.heard.length, 0)
    includes(tablet.connection.heard[0], { sender: "alice", text: "one" })
    assert.strictEqual(plain.connection.heard.length, 0)
    yield* say(speaking, "alice", "note to self")
    yield* server.flush
    for (const { connection } of [speaking, tablet, plain]) {
      includes(connection.heard.at(-1), { sender: "alice", text: "note to self" })
    }
  })

  story("P2 each sender's order is kept, and both sides see the same one", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const a = yield* makeRef("alice", { level: "v1" })
    const tablet = yield* makeRef("alice", { level: "v1", device: "tablet" })
    const b = yield* makeRef("bob", { level: "v1" })
    for (const { ref } of [a, tablet, b]) yield* router.register(ref)
    yield* Effect.all([
      Effect.forEach(Array.range(1, 100), (i) => say(a, "bob", `a${i}`), { discard: true }),
      Effect.forEach(Array.range(1, 100), (i) => say(tablet, "bob", `t${i}`), { discard: true })
    ], { concurrency: "unbounded" })
    yield* server.flush
    const seen = b.connection.heard.flatMap((f) => f.type === "incoming_message" ? [f] : [])
    assert.deepStrictEqual(seen.map((f) => f.seq), Array.range(1, 200))
    const texts = seen.map((f) => f.text)
    assert.deepStrictEqual(texts.filter((t) => t.startsWith("a")), Array.range(1, 100).map((i) => `a${i}`))
    assert.deepStrictEqual(texts.filter((t) => t.startsWith("t")), Array.range(1, 100).map((i) => `t${i}`))
  })

  story("a newer connection of the same device replaces the older, nameless ones live side by side", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const older = yield* makeRef("alice", { device: "phone" })
    const newer = yield* makeRef("alice", { device: "phone" })
    const nameless = [yield* makeRef("alice"), yield* makeRef("alice")]
    for (const { ref } of [older, ...nameless, newer]) yield* router.register(ref)
    yield* settle
    assert.deepInclude(yield* Queue.takeAll(older.mailbox), { _tag: "Close", code: Replaced })
    assert.strictEqual(yield* server.connections, 3)
    // The older one unregisters late; the newer one must stay.
    yield* router.unregister(older.ref)
    yield* settle
    assert.strictEqual(yield* server.connections, 3)
  })

  story("P6 a full mailbox ends only its own connection", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const a = yield* makeRef("alice")
    const slow = yield* makeRef("bob", { maxOutboundBytes: 2_000 })
    slow.connection.stalled = true
    const quick = yield* makeRef("bob")
    for (const { ref } of [a, slow, quick]) yield* router.register(ref)
    for (let i = 0; i < 100; i++) yield* say(a, "bob", `message ${i}`)
    yield* server.flush
    assert.strictEqual(slow.connection.closedWith?.code, 4008)
    assert.isUndefined(quick.connection.closedWith)
    assert.strictEqual(quick.connection.heard.length, 100)
  })

  story("an app around it sends in a user's name, gets the commit, and hears what happens", function*() {
    const router = yield* Router
    const server = yield* ServerActor
    const b = yield* makeRef("bob")
    const events = yield* server.events.pipe(Stream.take(3), Stream.runCollect, Effect.forkChild)
    yield* settle
    yield* router.register(b.ref)
    const accepted = yield* server.send({ sender: alice, recipient: bob, text: "from the app" })
    includes(accepted, { seq: 1, conversation: "dm:alice:bob" })
    yield* router.unregister(b.ref)
    assert.deepStrictEqual((yield* Fiber.join(events)).map((e) => e._tag), ["Connected", "Accepted", "Disconnected"])
    includes(b.connection.heard[0], { text: "from the app", sender: "alice" })
    const error = yield* Effect.flip(server.send({ sender: alice, recipient: bob, text: "x".repeat(16_385) }))
    assert.strictEqual(error.code, "text_too_long")
  })

  it.effect("P10 what is asked of a server that has stopped is answered, and what was asked before is done", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.build(actors()).pipe(Scope.provide(scope))
      const router = Context.get(context, Router)
      const server = Context.get(context, ServerActor)
      const before = yield* Effect.forkChild(server.send({ sender: alice, recipient: bob, text: "just in time" }))
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Fiber.join(before)).seq, 1)
      for (const to of [{ recipient: bob }, { group: GroupId.make("g1") }]) {
        const error = yield* Effect.flip(server.send({ sender: alice, text: "too late", ...to }))
        includes(error, { code: "unavailable", temporary: true })
      }
      assert.strictEqual(yield* router.kick(() => true), 0)
      yield* server.flush
      const persistence = Context.get(context, PersistenceActor)
      const answers: Array<unknown> = []
      yield* persistence.flush(() => answers.push("flushed"))
      assert.deepStrictEqual(answers, ["flushed"])
    }))
})
