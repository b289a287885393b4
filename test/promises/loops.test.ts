/** What runs as long as the server does: one mistake costs one turn, and where it cannot, the server says that it is broken. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { Authenticator, type Identity, type Refused } from "../../src/services/access/Authenticator.ts"
import { allowAll, Authorization } from "../../src/services/access/Authorization.ts"
import { LogSignals } from "../../src/services/events/LogSignals.ts"
import { Lifeline } from "../../src/services/kernel/Lifeline.ts"
import { repeatForever } from "../../src/services/kernel/repeatForever.ts"
import { LastSeen } from "../../src/services/presence/LastSeen.ts"
import { Typing } from "../../src/services/presence/Typing.ts"
import { Readiness } from "../../src/services/Readiness.ts"
import { Router } from "../../src/services/server/Router.ts"
import { Settings } from "../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import * as Retention from "../../src/services/storage/Retention.ts"
import * as Switchboard from "../../src/services/Switchboard.ts"
import { Heartbeat } from "../../src/services/user/Heartbeat.ts"
import { actors, join, makeRef, pass, startUser, story } from "../support/actors.ts"
import { hubOf, startNode } from "../support/nodes.ts"
import { memoryWith } from "../support/stores.ts"
import { onTwoServers, ways } from "../support/twoServers.ts"
import { until } from "../support/until.ts"

/** Throws the first time. */
const once = <A>(then: A) => {
  let thrown = false
  return (): A => {
    if (thrown) return then
    thrown = true
    throw new Error("a defect")
  }
}

const alice = UserId.make("alice")

describe("loops", () => {
  it.effect("repeatForever goes on after whatever a turn did, and ends when it is interrupted", () =>
    Effect.gen(function*() {
      const turns = [Effect.die(new Error("a defect")), Effect.interrupt, Effect.void, Effect.void]
      let taken = 0
      const loop = yield* Effect.forkChild(
        repeatForever("Test", Effect.suspend(() => turns[Math.min(taken++, 3)]!), "1 second")
      )
      yield* TestClock.adjust("10 seconds")
      // Two turns that went wrong, with a pause more each.
      assert.strictEqual(taken, 9)
      yield* Fiber.interrupt(loop)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(taken, 9)
    }))

  it.effect("Presence: an app's rule that throws in a recheck costs one turn, for all others too", () => {
    const rule = once(true)
    let broken = false
    const policy = Layer.succeed(Authorization, { ...allowAll, seePresence: () => broken ? rule() : true })
    return Effect.gen(function*() {
      const alice = yield* join("alice")
      alice.send({ type: "chat_message", recipient: "carol", text: "hi" })
      yield* alice.says({ type: "subscribe_presence", users: ["bob", "carol"] })
      broken = true
      // They share a conversation from here on, so it is looked at again.
      alice.send({ type: "chat_message", recipient: "bob", text: "hi" })
      yield* TestClock.adjust("1 second")
      const carol = yield* startUser("carol")
      yield* startUser("bob")
      yield* TestClock.adjust("5 seconds")
      const shown = () => alice.all("presence").map((f) => `${f.user} ${f.status}`)
      assert.includeMembers(shown(), ["bob online", "carol online"])
      carol.connection.vanish()
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(shown().at(-1), "carol offline")
    }).pipe(Effect.provide(actors().pipe(Layer.provide(policy))))
  })

  it.effect("LastSeen: what a store did not take is written the next time", () => {
    const die = once(undefined)
    const written: Array<unknown> = []
    const store = memoryWith(() => ({ putLastSeen: (seen) => Effect.sync(() => void (die(), written.push(...seen))) }))
    return Effect.gen(function*() {
      const lastSeen = yield* LastSeen
      lastSeen.note(alice, 1)
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(written, [{ user: "alice", at: 1 }])
    }).pipe(Effect.provide(actors({}, store)))
  })

  story(
    "Heartbeat and Typing: somebody whose callback throws keeps nobody waiting for longer than a turn",
    function*() {
      const heartbeat = yield* Heartbeat
      const peer = {
        lastActivity: 0,
        isPinged: false,
        heartbeatDue: once(undefined),
        heartbeatMissed: () => {},
        expiresAt: Number.POSITIVE_INFINITY,
        credentialsExpiring: () => {},
        credentialsExpired: () => {}
      }
      heartbeat.watch(peer)
      const { connection } = yield* startUser("alice")
      const typing = yield* Typing
      const { ref } = yield* makeRef("bob")
      const show = once(undefined)
      let shown = 0
      const type = (active: boolean) =>
        typing.set(ref, Conversation.direct(ref.user, ref.user), active, {
          find: () => {
            // The second time is in a turn of the loop, because it is too soon after the first.
            if (++shown === 2) show()
          }
        })
      type(true)
      type(false)
      yield* TestClock.adjust("1100 millis")
      type(true)
      yield* TestClock.adjust("30 seconds")
      assert.isAtLeast(shown, 2)
      assert.strictEqual(connection.pings, 1)
      assert.strictEqual(yield* typing.size, 0)
    }
  )

  it.effect("Retention: a store that dies in the middle is asked again", () => {
    const die = once(0)
    let trims = 0
    const store = memoryWith(() => ({ trim: () => Effect.sync(() => (trims++, die())) }))
    return Effect.gen(function*() {
      yield* Layer.build(
        Retention.layer({ days: 1 }).pipe(Layer.provide(store))
      )
      yield* TestClock.adjust("3 minutes")
      assert.isAtLeast(trims, 3)
    }).pipe(Effect.scoped)
  })

  it.effect("Bans: a store that dies once is read again", () => {
    const dieOnce = once(undefined)
    let reads = 0
    const store = memoryWith((store) => ({
      bans: Effect.suspend(() => {
        if (++reads === 3) dieOnce()
        return store.bans
      })
    }))
    return Effect.gen(function*() {
      yield* TestClock.adjust("30 seconds")
      assert.isAtLeast(reads, 6)
    }).pipe(Effect.provide(actors({}, store)))
  })
})

describe("what must not die", () => {
  it.effect("deliveries: a defect is said by health and Lifeline, and the log", () => {
    // Accepted, and no word of what became of it.
    const store = memoryWith(() => ({ commit: () => Effect.succeed({ appends: [], moves: [] }) }))
    return Effect.gen(function*() {
      const { broken, isBroken } = yield* Lifeline
      const { reason } = yield* Readiness
      const connection = yield* join("alice", { level: "plain" })
      assert.deepStrictEqual([yield* isBroken, yield* reason], [false, undefined])
      yield* connection.says({ type: "chat_message", recipient: "bob", text: "hi" })
      assert.deepStrictEqual([yield* isBroken, yield* reason], [true, "broken"])
      assert.deepStrictEqual(yield* broken, { name: "Deliveries" })
    }).pipe(Effect.provide(actors({}, store)))
  })

  for (const way of ways) {
    const live = onTwoServers(MemoryMessageStore.layer(), way)

    live(`P4 deliveries of what was said on another server, ${way}: the same, and nothing after it is told`, function*(
      { a, b }
    ) {
      const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
      const { broken, isBroken } = Context.get(b.context, Lifeline)
      yield* alice.ask({ type: "chat_message", recipient: "bob", text: "one" }, "message_accepted")
      yield* until(Effect.sync(() => bob.texts.length === 1))
      assert.isFalse(yield* isBroken)
      yield* Context.get(b.context, LogSignals).listen({ note: once(undefined), missed: () => {} })
      for (const text of ["two", "three"]) {
        yield* alice.ask({ type: "chat_message", recipient: "bob", text }, "message_accepted")
      }
      assert.deepStrictEqual(yield* broken, { name: "Deliveries" })
      assert.strictEqual(yield* Context.get(b.context, Readiness).reason, "broken")
      // What others confirm comes the same way, so by now what was said would be there.
      yield* bob.ask({ type: "ping" }, "pong")
      assert.deepStrictEqual(bob.texts, ["one"])
      assert.isFalse(yield* Context.get(a.context, Lifeline).isBroken)
    })
  }

  it.live("P4 a group that cannot be followed on another server: the same", () => {
    const store = Layer.effectContext(Effect.map(Layer.build(MemoryMessageStore.layer()), (context) => {
      const store = Context.get(context, MessageStore)
      const group: typeof store.group = (asked) =>
        Effect.map(store.group(asked), (state) => state && { ...state, members: undefined as never })
      return Context.add(context, MessageStore, { ...store, group })
    }))
    return Effect.gen(function*() {
      const hub = hubOf()
      const [a, b] = [yield* startNode(hub, "a"), yield* startNode(hub, "b")]
      const [alice] = [yield* a.join("alice"), yield* b.join("bob")]
      yield* alice.ask({ type: "create_group", name: "tea", members: [] }, "group_info")
      assert.deepStrictEqual(yield* Context.get(b.context, Lifeline).broken, { name: "GroupViews" })
    }).pipe(Effect.timeout("20 seconds"), Effect.scoped, Effect.provide(Layer.fresh(store)))
  })

  story("an app's mistake is its own: what `kick` asks throws in who called it", function*() {
    const router = yield* Router
    const { ref } = yield* makeRef("alice")
    yield* router.register(ref)
    const exit = yield* Effect.exit(router.kick(once(true)))
    assert.strictEqual(exit._tag, "Failure")
    assert.strictEqual(yield* router.kick(() => false), 0)
    assert.isFalse(yield* (yield* Lifeline).isBroken)
  })
})

describe("an app that never answers", () => {
  it.effect("`verify` of a newer token, and `write`: the session goes on", () => {
    const authenticator = Layer.succeed(Authenticator, {
      authenticate: (): Effect.Effect<Identity, Refused> => Effect.never,
      verify: () => Effect.uninterruptible(Effect.never)
    })
    const policy = Layer.succeed(Authorization, { ...allowAll, write: () => Effect.uninterruptible(Effect.never) })
    const layer = Switchboard.layer.pipe(
      Layer.provideMerge(MemoryMessageStore.layer()),
      Layer.provide(authenticator),
      Layer.provide(policy),
      Layer.provideMerge(Settings.layerOf({}))
    )
    return Effect.gen(function*() {
      const connection = yield* join("alice")
      connection.send({ type: "refresh_auth", id: "a", token: "t" })
      connection.send({ type: "chat_message", id: "b", recipient: "bob", text: "hi" })
      yield* connection.says({ type: "ping", id: "c" })
      yield* pass("10 seconds")
      yield* pass("5 seconds")
      const answers = connection.heard.flatMap((f) =>
        "id" in f && f.id !== undefined ? [[f.id, f.type === "error" ? f.code : f.type]] : []
      )
      assert.deepStrictEqual(answers, [["a", "unavailable"], ["b", "forbidden"], ["c", "pong"]])
    }).pipe(Effect.provide(layer))
  })
})
