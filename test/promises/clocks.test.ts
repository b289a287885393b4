/** Whatever the wall clock does, nobody is closed early and nothing stands still: intervals are not dates. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { NoHeartbeat } from "../../src/domain/CloseCode.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { Users } from "../../src/services/admin/Users.ts"
import { Tickets } from "../../src/services/admission/Tickets.ts"
import { idleMillis } from "../../src/services/group/ActiveGroups.ts"
import { Groups } from "../../src/services/group/Groups.ts"
import { cooldownMillis, FrameLimits } from "../../src/services/limits/FrameLimits.ts"
import { Profiles } from "../../src/services/people/Profiles.ts"
import { graceMillis } from "../../src/services/presence/Presence.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import type { UserActors } from "../../src/services/user/UserActors.ts"
import { actors, identity, join, pass, settle } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { type WallClock, withWallClock } from "../support/wallClock.ts"

type Services = FrameLimits | Groups | MessageStore | Profiles | Tickets | UserActors | Users | Scope.Scope

const steps = [["back ten minutes", -600_000], ["forward an hour", 3_600_000]] as const

const told = (connection: MemoryConnection, type: string) => connection.take().filter((frame) => frame.type === type)

describe.each(steps)("the wall clock is set %s", (_, millis) => {
  const test = (name: string, body: (step: Effect.Effect<void>) => Effect.Effect<void, unknown, Services>) =>
    it.effect(name, () =>
      withWallClock((wall: WallClock) =>
        Effect.suspend(() => body(wall.step(millis))).pipe(
          Effect.scoped,
          Effect.provide(actors({ maxMessagesPerSecond: 5 }))
        )
      ))

  test("a silent client is pinged after 25 s and closed after 35 s, no sooner and no later", (step) =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      yield* pass(10_000)
      yield* step
      yield* pass(14_000)
      assert.deepStrictEqual([alice.pings, alice.closedWith], [0, undefined])
      yield* pass(1_000)
      assert.strictEqual(alice.pings, 1)
      yield* step
      yield* pass(9_000)
      assert.isUndefined(alice.closedWith)
      yield* pass(1_000)
      assert.strictEqual(alice.closedWith, NoHeartbeat)
    }))

  test("who was told to wait may go on after that time, and who flooded may come back", (step) =>
    Effect.gen(function*() {
      const limits = yield* FrameLimits
      const alice = yield* join("alice")
      for (let i = 0; i < 11; i++) alice.send({ type: "ping" })
      yield* settle
      assert.strictEqual(told(alice, "error").length, 1)
      yield* step
      yield* alice.says({ type: "ping" })
      assert.strictEqual(told(alice, "error").length, 1)
      yield* pass(200)
      yield* alice.says({ type: "ping" })
      assert.deepStrictEqual(told(alice, "error"), [])
      for (let i = 0; i < 100; i++) alice.send({ type: "ping" })
      const { user } = identity("alice")
      assert.strictEqual(limits.cooldown(user), cooldownMillis)
      yield* step
      assert.strictEqual(limits.cooldown(user), cooldownMillis)
      yield* pass(cooldownMillis)
      assert.strictEqual(limits.cooldown(user), 0)
    }))

  test("typing ends after 6 s", (step) =>
    Effect.gen(function*() {
      const [alice, bob] = [yield* join("alice"), yield* join("bob")]
      yield* alice.says({ type: "typing", recipient: "bob", active: true })
      yield* step
      yield* pass(5_500)
      assert.deepStrictEqual(told(bob, "typing").length, 1)
      yield* pass(500)
      assert.deepStrictEqual(told(bob, "typing"), [
        { type: "typing", conversation: "dm:alice:bob", user: "alice", active: false } as never
      ])
    }))

  test("who has left is offline after 15 s, and was seen when they left", (step) =>
    Effect.gen(function*() {
      const [alice, bob] = [yield* join("alice"), yield* join("bob")]
      yield* alice.says({ type: "chat_message", recipient: "bob", text: "hi" })
      yield* alice.says({ type: "subscribe_presence", users: ["bob"] })
      yield* pass(1_000)
      yield* bob.gone
      yield* step
      told(alice, "presence")
      yield* pass(graceMillis - 500)
      assert.deepStrictEqual(told(alice, "presence"), [])
      yield* pass(1_000)
      assert.deepStrictEqual(told(alice, "presence"), [
        { type: "presence", user: "bob", status: "offline", last_seen: 1_000 } as never
      ])
    }))

  test("cursors move on", (step) =>
    Effect.gen(function*() {
      const [alice, bob] = [yield* join("alice"), yield* join("bob")]
      for (const up_to of [1, 2]) {
        yield* alice.says({ type: "chat_message", recipient: "bob", text: "hi" })
        yield* bob.says({ type: "read", conversation: "dm:alice:bob", up_to })
        yield* pass(600)
        assert.deepStrictEqual(told(alice, "receipt"), [
          { type: "receipt", conversation: "dm:alice:bob", user: "bob", delivered: up_to, read: up_to } as never
        ])
        yield* step
      }
    }))

  test("a ticket is good for 30 s", (step) =>
    Effect.gen(function*() {
      const tickets = yield* Tickets
      const address = "127.0.0.1"
      const redeem = (ticket: string) =>
        tickets.redeem(ticket, {
          headers: {},
          query: new URLSearchParams({ ticket }),
          remoteAddress: address,
          address,
          local: true
        }).pipe(Effect.match({ onFailure: ({ status }) => status, onSuccess: ({ user }) => user as string }))
      const [early, late] = [
        yield* tickets.issue(identity("alice"), address),
        yield* tickets.issue(identity("alice"), address)
      ]
      yield* step
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* redeem(early.ticket), "alice")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* redeem(late.ticket), 401)
    }))

  test("what a token says of somebody is looked at again after a minute", (step) =>
    Effect.gen(function*() {
      const [profiles, users] = [yield* Profiles, yield* Users]
      const user = UserId.make("alice")
      const nameAfter = Effect.fnUntraced(function*(seconds: number) {
        yield* pass(`${seconds} seconds`)
        profiles.claimed(user, { name: "Alice" })
        yield* settle
        return (yield* users.find(user))?.name
      })
      assert.strictEqual(yield* nameAfter(0), "Alice")
      yield* (yield* MessageStore).eraseUser(user)
      yield* step
      assert.deepStrictEqual([yield* nameAfter(58), yield* nameAfter(4)], [undefined, "Alice"])
    }))

  test("a group is let go after a minute without use", (step) =>
    Effect.gen(function*() {
      const groups = yield* Groups
      const alice = yield* join("alice")
      yield* alice.says({ type: "create_group", id: "g", name: "tea", members: [] })
      yield* step
      for (const [passed, size] of [[idleMillis - 30_000, 1], [60_000, 0]] as const) {
        for (let left = passed; left > 0; left -= 10_000) {
          alice.pong()
          yield* pass(10_000)
        }
        assert.strictEqual(yield* groups.size, size)
      }
    }))
})
