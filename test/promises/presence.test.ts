/** Presence and typing under TestClock: grace, coalescing, devices, races, and who may see whom. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { allowAll, Authorization } from "../../src/services/access/Authorization.ts"
import { Presence } from "../../src/services/presence/Presence.ts"
import { Typing } from "../../src/services/presence/Typing.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, join, pass, settle, startUser, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { memoryWith } from "../support/stores.ts"

/** They have talked, so each may see the other. */
const acquaint = (a: MemoryConnection, b: string) => a.says({ type: "chat_message", recipient: b, text: "hi" })

/** What the client was told since the last time. */
const told = (connection: MemoryConnection) =>
  connection.take().flatMap((frame) =>
    frame.type === "presence"
      ? [`${frame.user} ${frame.status}${frame.last_seen === undefined ? "" : ` ${frame.last_seen}`}`]
      : frame.type === "typing"
      ? [`${frame.user} ${frame.active ? "types" : "stops"}`]
      : []
  )

describe("presence", () => {
  story("the state now, then each change; offline comes after 15 s of grace, with the time of leaving", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    yield* acquaint(alice, "bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob", "nobody"] })
    assert.deepStrictEqual(told(alice), ["bob online", "nobody offline"])
    yield* pass(5_000)
    yield* bob.gone
    yield* pass(14_000)
    assert.deepStrictEqual(told(alice), [])
    yield* pass(1_500)
    assert.deepStrictEqual(told(alice), ["bob offline 5000"])
    yield* join("bob")
    yield* pass(250)
    assert.deepStrictEqual(told(alice), ["bob online"])
  })

  story("a reload does not flicker", function*() {
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    const bob = yield* join("bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    told(alice)
    yield* bob.gone
    yield* pass(10_000)
    yield* join("bob")
    yield* pass(20_000)
    assert.deepStrictEqual(told(alice), [])
  })

  story("who comes and goes a hundred times in a second makes at most two frames", function*() {
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    told(alice)
    for (let i = 0; i < 100; i++) {
      yield* (yield* join("bob")).gone
      yield* pass(10)
    }
    yield* pass(20_000)
    const frames = told(alice)
    assert.isAtMost(frames.length, 2)
    assert.match(frames.at(-1)!, /^bob offline/)
  })

  story("a user is online as long as one of their devices is", function*() {
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    const phone = yield* join("bob", "phone")
    const web = yield* join("bob", "web")
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    told(alice)
    yield* phone.gone
    // Less than the heartbeat's patience: nobody answers pings here.
    yield* pass(16_000)
    assert.deepStrictEqual(told(alice), [])
    yield* web.gone
    yield* pass(15_000)
    yield* pass(500)
    assert.deepStrictEqual(told(alice).map((line) => line.split(" ")[1]), ["offline"])
  })

  story("whatever falls together with the subscription, the last word is right", function*() {
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    yield* acquaint(alice, "carol")
    const bob = yield* join("bob")
    told(alice)
    // All in one turn: the subscription, one who comes and one who goes.
    alice.send({ type: "subscribe_presence", users: ["bob", "carol"] })
    bob.vanish()
    yield* startUser("carol", { level: "v1" })
    yield* settle
    yield* pass(20_000)
    const last = new Map(told(alice).map((line) => line.split(" ") as [string, string]))
    assert.deepStrictEqual(Array.from(last), [["bob", "offline"], ["carol", "online"]])
  })

  story("strangers look offline until they talk; afterwards the subscription they have begins to work", function*() {
    const alice = yield* join("alice")
    yield* join("bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    assert.deepStrictEqual(told(alice), ["bob offline"])
    yield* acquaint(alice, "bob")
    yield* pass(500)
    assert.deepStrictEqual(told(alice), ["bob online"])
  })

  story("members of a group see each other, and not any more when one is taken out", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    yield* bob.says({ type: "subscribe_presence", users: ["alice"] })
    yield* alice.says({ type: "create_group", id: "g", name: "tea", members: ["bob"] })
    const info = alice.all("group_info")[0]
    yield* pass(500)
    assert.deepStrictEqual(told(bob), ["alice offline", "alice online"])
    yield* alice.says({ type: "remove_members", group: info?.group, members: ["bob"] })
    yield* pass(500)
    assert.deepStrictEqual(told(bob), ["alice offline"])
  })

  story("across a block nobody sees anybody, in both directions, and no time", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    yield* acquaint(alice, "bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    yield* bob.says({ type: "subscribe_presence", users: ["alice"] })
    told(alice)
    told(bob)
    yield* bob.says({ type: "block", user: "alice" })
    yield* pass(500)
    assert.deepStrictEqual([told(alice), told(bob)], [["bob offline"], ["alice offline"]])
    yield* bob.gone
    yield* pass(20_000)
    assert.deepStrictEqual(told(alice), [])
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    assert.deepStrictEqual(told(alice), ["bob offline"])
    const back = yield* join("bob")
    yield* back.says({ type: "unblock", user: "alice" })
    yield* pass(500)
    assert.deepStrictEqual(told(alice), ["bob online"])
  })

  story("a name twice is one name", function*() {
    const presence = yield* Presence
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    yield* join("bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob", "carol", "bob"] })
    assert.deepStrictEqual(told(alice), ["bob online", "carol offline"])
    assert.strictEqual((yield* presence.size).watches, 2)
    yield* alice.says({ type: "unsubscribe_presence", users: ["bob", "bob"] })
    assert.strictEqual((yield* presence.size).watches, 1)
  })

  it.effect("who blocks and unblocks somebody whom many watch makes nobody else be looked at again", () => {
    let looks = 0
    const counted = memoryWith((store) => ({
      visibleTo: (user, others) => {
        looks += others.length
        return store.visibleTo(user, others)
      }
    }))
    return Effect.gen(function*() {
      const mallory = yield* join("mallory")
      yield* join("star")
      for (let i = 0; i < 50; i++) {
        yield* (yield* join(`fan${i}`)).says({ type: "subscribe_presence", users: ["star", "mallory"] })
      }
      yield* mallory.says({ type: "subscribe_presence", users: ["star", "fan1"] })
      yield* pass(1_000)
      looks = 0
      for (let i = 0; i < 40; i++) yield* mallory.says({ type: i % 2 === 0 ? "block" : "unblock", user: "star" })
      yield* pass(1_000)
      assert.strictEqual(looks, 1)
    }).pipe(Effect.provide(actors({}, counted)))
  })

  it.effect("P9 a policy that breaks hides whom it was asked about, and presence goes on", () => {
    let broken = false
    return Effect.gen(function*() {
      const alice = yield* join("alice")
      yield* join("bob")
      yield* join("carol")
      yield* acquaint(alice, "bob")
      yield* acquaint(alice, "carol")
      yield* alice.says({ type: "subscribe_presence", users: ["bob", "carol"] })
      assert.deepStrictEqual(told(alice), ["bob online", "carol online"])
      const group = { type: "create_group", name: "tea", members: ["bob"] }
      broken = true
      yield* alice.says(group)
      yield* pass(500)
      assert.deepStrictEqual(told(alice).sort(), ["bob offline", "carol offline"])
      broken = false
      yield* alice.says(group)
      yield* pass(500)
      assert.deepStrictEqual(told(alice).sort(), ["bob online", "carol online"])
    }).pipe(Effect.provide(
      actors().pipe(Layer.provide(Layer.succeed(Authorization, {
        ...allowAll,
        seePresence: () => broken ? Effect.die(new Error("the app's own defect")) : Effect.succeed(true)
      })))
    ))
  })

  it.effect("an answer of before a block does not undo the block", () => {
    const gate = Deferred.makeUnsafe<void>()
    let isSlow = false
    const slow = memoryWith((store) => ({
      visibleTo: (user, others) =>
        Effect.flatMap(store.visibleTo(user, others), (visibleTo) => {
          if (!isSlow) return Effect.succeed(visibleTo)
          isSlow = false
          return Effect.as(Deferred.await(gate), visibleTo)
        })
    }))
    return Effect.gen(function*() {
      const alice = yield* join("alice")
      const bob = yield* join("bob")
      yield* acquaint(alice, "bob")
      isSlow = true
      yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
      yield* bob.says({ type: "block", user: "alice" })
      yield* pass(500)
      Deferred.doneUnsafe(gate, Effect.void)
      yield* settle
      yield* pass(500)
      assert.deepStrictEqual(new Set(told(alice)), new Set(["bob offline"]))
    }).pipe(Effect.provide(actors({}, slow)))
  })

  it.effect("an app's own policy hides users, and looks like somebody who is offline", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      yield* join("boss")
      yield* acquaint(alice, "boss")
      yield* alice.says({ type: "subscribe_presence", users: ["boss"] })
      assert.deepStrictEqual(told(alice), ["boss offline"])
    }).pipe(Effect.provide(
      actors().pipe(Layer.provide(Layer.succeed(Authorization, {
        ...allowAll,
        seePresence: (_, user) => Effect.succeed(user !== "boss")
      })))
    )))

  story("at most 500 for one connection, and nothing stays when it ends", function*() {
    const presence = yield* Presence
    const alice = yield* join("alice")
    const users = Array.from({ length: 500 }, (_, i) => `user${i}`)
    yield* alice.says({ type: "subscribe_presence", users })
    assert.strictEqual(told(alice).length, 500)
    yield* alice.says({ type: "subscribe_presence", users: ["user7"] })
    assert.strictEqual(told(alice).length, 1)
    yield* alice.says({ type: "subscribe_presence", id: "1", users: ["one-more"] })
    assert.strictEqual(alice.heard.at(-1)?.type, "error")
    yield* alice.says({ type: "unsubscribe_presence", users: ["user7"] })
    yield* alice.says({ type: "subscribe_presence", users: ["one-more"] })
    assert.deepStrictEqual(told(alice), ["one-more offline"])
    yield* alice.gone
    yield* pass(20_000)
    assert.deepStrictEqual(yield* presence.size, { online: 0, watches: 0 })
  })

  story("last seen is written together, and told after a restart too", function*() {
    const store = yield* MessageStore
    const bob = yield* join("bob")
    yield* pass(7_000)
    yield* bob.gone
    yield* pass(25_000)
    assert.deepStrictEqual(yield* store.lastSeen([UserId.make("bob")]), [{ user: UserId.make("bob"), at: 7_000 }])
  })

  story("a slow connection misses no state: it is told when it reads again", function*() {
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    told(alice)
    alice.stalled = true
    for (let i = 0; i < 10; i++) yield* alice.says({ type: "history", recipient: "bob", after: 0 })
    for (let i = 0; i < 900; i++) alice.send({ type: "ping", id: "x".repeat(60) })
    yield* settle
    assert.isAbove(alice.buffered(), 65_536)
    yield* join("bob")
    yield* pass(1_000)
    assert.deepStrictEqual(told(alice), [])
    alice.drain()
    yield* pass(1_000)
    assert.deepStrictEqual(told(alice), ["bob online"])
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))

  story("a slow connection that asks has its answer like any other", function*() {
    const alice = yield* join("alice")
    yield* acquaint(alice, "bob")
    alice.stalled = true
    for (let i = 0; i < 1_000; i++) alice.send({ type: "ping", id: "x".repeat(60) })
    yield* settle
    assert.isAbove(alice.buffered(), 65_536)
    yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
    alice.drain()
    yield* pass(1_000)
    assert.deepStrictEqual(told(alice), ["bob offline"])
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))
})

describe("typing", () => {
  story("is shown at once and ends by itself after 6 seconds", function*() {
    const typing = yield* Typing
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    yield* alice.says({ type: "typing", recipient: "bob", active: true })
    assert.deepStrictEqual(told(bob), ["alice types"])
    yield* pass(5_500)
    assert.deepStrictEqual(told(bob), [])
    yield* pass(500)
    assert.deepStrictEqual(told(bob), ["alice stops"])
    yield* pass(5_000)
    assert.deepStrictEqual([told(bob), told(alice), yield* typing.size], [[], [], 0])
  })

  story("goes on while there are signs of it, and stops when told", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    for (let i = 0; i < 5; i++) {
      yield* alice.says({ type: "typing", recipient: "bob", active: true })
      yield* pass(4_000)
    }
    yield* alice.says({ type: "typing", recipient: "bob", active: false })
    assert.deepStrictEqual(told(bob), ["alice types", "alice stops"])
  })

  story("on and off a thousand times in a second makes a frame or two", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    for (let i = 0; i < 1_000; i++) {
      yield* alice.says({ type: "typing", recipient: "bob", active: i % 2 === 0 })
      if (i % 100 === 99) yield* pass(100)
    }
    yield* pass(5_000)
    assert.isAtMost(told(bob).length, 2)
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))

  story("in a group its members see it, in one of more than 100 nobody", function*() {
    const alice = yield* join("alice")
    const bob = yield* join("bob")
    for (const others of [1, 100]) {
      const members = ["bob", ...Array.from({ length: others }, (_, i) => `u${i}`)]
      yield* alice.says({ type: "create_group", id: `g${others}`, name: "tea", members })
      const info = alice.all("group_info").at(-1)
      yield* alice.says({ type: "typing", group: info?.group, active: true })
      assert.deepStrictEqual(told(bob), others === 1 ? ["alice types"] : [])
    }
  })

  describe("whoever was told that it began is told that it ended", () => {
    const begin = Effect.fnUntraced(function*() {
      const [alice, bob, carol] = [yield* join("alice"), yield* join("bob"), yield* join("carol")]
      yield* alice.says({ type: "create_group", id: "g", name: "tea", members: ["bob", "carol"] })
      const group = alice.all("group_info").at(-1)!.group
      yield* bob.says({ type: "typing", group, active: true })
      for (const connection of [alice, carol]) assert.deepStrictEqual(told(connection), ["bob types"])
      return { alice, bob, carol, group }
    })

    story("who leaves the group has stopped", function*() {
      const { alice, bob, carol, group } = yield* begin()
      yield* bob.says({ type: "leave_group", group })
      yield* pass(1_000)
      assert.deepStrictEqual([told(alice), told(carol), told(bob)], [["bob stops"], ["bob stops"], []])
      yield* bob.says({ type: "typing", group, active: true })
      yield* pass(10_000)
      assert.deepStrictEqual([told(alice), told(carol), yield* (yield* Typing).size], [[], [], 0])
    })

    story("who is removed has stopped, and who is removed with them hears nothing after their last frame", function*() {
      const { alice, bob, carol, group } = yield* begin()
      yield* alice.says({ type: "remove_members", group, members: ["bob", "carol"] })
      yield* pass(10_000)
      assert.strictEqual(carol.heard.at(-1)?.type, "group_changed")
      assert.deepStrictEqual([told(alice), told(carol), told(bob)], [["bob stops"], [], []])
    })

    story("a reader who leaves is told nothing more, the others are", function*() {
      const { alice, bob, carol, group } = yield* begin()
      yield* carol.says({ type: "leave_group", group })
      yield* bob.says({ type: "typing", group, active: false })
      yield* pass(1_000)
      assert.strictEqual(carol.heard.findLast(({ type }) => type !== "group_info")?.type, "group_changed")
      assert.deepStrictEqual([told(alice), told(carol)], [["bob stops"], []])
    })

    story("a connection that is gone types nowhere any more", function*() {
      const { alice, bob, carol } = yield* begin()
      yield* bob.says({ type: "typing", recipient: "alice", active: true })
      assert.deepStrictEqual(told(alice), ["bob types"])
      yield* bob.gone
      yield* pass(1_000)
      assert.deepStrictEqual([told(alice), told(carol)], [["bob stops", "bob stops"], ["bob stops"]])
      yield* pass(1_000)
      assert.strictEqual(yield* (yield* Typing).size, 0)
    })

    story("a block ends it between the two, in both directions, and for nobody else", function*() {
      const { alice, bob, carol, group } = yield* begin()
      yield* alice.says({ type: "typing", group, active: true })
      assert.deepStrictEqual([told(bob), told(carol)], [["alice types"], ["alice types"]])
      yield* alice.says({ type: "block", user: "bob" })
      assert.deepStrictEqual([told(alice), told(bob), told(carol)], [["bob stops"], ["alice stops"], []])
      yield* pass(6_000)
      assert.deepStrictEqual([told(alice), told(bob)], [[], []])
      assert.sameMembers(told(carol), ["bob stops", "alice stops"])
    })

    story("in a group that has become too large for it, too", function*() {
      const { alice, bob, group } = yield* begin()
      yield* alice.says({ type: "add_members", group, members: Array.from({ length: 100 }, (_, i) => `u${i}`) })
      yield* pass(1_000)
      yield* bob.says({ type: "typing", group, active: false })
      assert.deepStrictEqual(told(alice), ["bob stops"])
    })

    story("a reader who is slow at that moment hears it as soon as they read", function*() {
      const { alice, bob, carol, group } = yield* begin()
      carol.stalled = true
      for (let i = 0; i < 5; i++) {
        yield* alice.says({ type: "chat_message", recipient: "carol", text: "x".repeat(16_000) })
      }
      yield* pass(1_000)
      yield* bob.says({ type: "typing", group, active: false })
      yield* pass(1_000)
      assert.deepStrictEqual([told(alice), told(carol)], [["bob stops"], []])
      carol.drain()
      yield* pass(250)
      assert.deepStrictEqual(told(carol), ["bob stops"])
    })
  })
})
