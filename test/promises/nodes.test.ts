/** P1–P9 on several servers that share a store: what holds on one holds on all of them together. */
import { assert, describe } from "@effect/vitest"
import { Context, Effect } from "effect"
import { DeviceId, UserId } from "../../src/domain/Ids.ts"
import { Bans } from "../../src/services/admission/Bans.ts"
import { FrameLimits } from "../../src/services/limits/FrameLimits.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { journals } from "../support/stores.ts"
import { onTwoServers, ways } from "../support/twoServers.ts"
import { until } from "../support/until.ts"

const hears = (device: MemoryConnection, text: string) => until(Effect.sync(() => device.texts.includes(text)))

const say = (device: MemoryConnection, recipient: string, text: string) =>
  device.ask({ type: "chat_message", recipient, text }, "message_accepted")

for (const [name, store] of journals("nodes")) {
  for (const bus of ways) {
    const live = onTwoServers(store, bus)

    describe(`two servers on one store: ${name}, ${bus}`, () => {
      live("P4 who is on the other server hears what is said, in order, on all devices", function*({ a, b }) {
        const [alice, tablet] = [yield* a.join("alice"), yield* b.join("alice", { device: "tablet" })]
        const [bob, plain] = [yield* b.join("bob"), yield* b.join("bob", { level: "plain", device: "old" })]
        for (let i = 0; i < 20; i++) yield* say(i % 2 === 0 ? alice : bob, i % 2 === 0 ? "bob" : "alice", `${i}`)
        yield* hears(tablet, "19")
        yield* hears(alice, "19")
        yield* hears(bob, "18")
        yield* hears(plain, "18")
        assert.deepStrictEqual(tablet.seqs, Array.from({ length: 20 }, (_, i) => i + 1))
        assert.deepStrictEqual(alice.texts, ["1", "3", "5", "7", "9", "11", "13", "15", "17", "19"])
        assert.deepStrictEqual(bob.seqs, [1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
        assert.deepStrictEqual(plain.texts, ["0", "2", "4", "6", "8", "10", "12", "14", "16", "18"])
      })

      if (bus === "with a bus") {
        live("a profile that changes is told to those who watch on another server, and to nobody else", function*(
          { a, b }
        ) {
          const [alice, tablet] = [yield* a.join("alice"), yield* b.join("alice", { device: "tablet" })]
          const [bob, carol, mallory] = [yield* b.join("bob"), yield* b.join("carol"), yield* b.join("mallory")]
          yield* say(alice, "bob", "hello")
          yield* say(mallory, "alice", "hello")
          for (const each of [bob, carol, mallory]) {
            each.send({ type: "subscribe_presence", users: ["alice"] })
            yield* each.waitFor("presence")
          }
          yield* alice.ask({ type: "block", user: "mallory" }, "blocked_users")
          yield* mallory.waitFor("presence", ({ status }) => status === "offline")
          yield* alice.ask({ type: "set_profile", name: "One" }, "profile")
          yield* alice.ask({ type: "set_profile", name: "Two", status: "Here" }, "profile")
          for (const each of [bob, tablet]) {
            const told = yield* each.waitFor("profile", ({ name }) => name === "Two")
            assert.deepStrictEqual([told.user as string, told.status, told.id], ["alice", "Here", undefined])
          }
          // What is told later has come by then.
          yield* alice.ask({ type: "set_profile", name: "Three" }, "profile")
          yield* bob.waitFor("profile", ({ name }) => name === "Three")
          for (const each of [carol, mallory]) {
            yield* each.ask({ type: "ping" })
            assert.isFalse(each.heard.some(({ type }) => type === "profile"))
          }
          const { profiles } = yield* bob.ask({ type: "profiles", users: ["alice"] }, "profiles")
          assert.deepStrictEqual(profiles.map(({ name }) => name), ["Three"])
        })
      }

      live("P2 however both talk at once, everybody has one order without a gap", function*({ a, b }) {
        const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
        const [aliceToo, bobToo] = [yield* b.join("alice", { device: "b" }), yield* a.join("bob", { device: "a" })]
        const talk = (device: MemoryConnection, to: string) =>
          Effect.forEach(Array.from({ length: 50 }, (_, i) => `${to} ${i}`), (text) => say(device, to, text), {
            concurrency: 8
          })
        yield* Effect.all([talk(alice, "bob"), talk(bob, "alice")], { concurrency: "unbounded" })
        yield* until(Effect.sync(() => aliceToo.seqs.length === 100 && bobToo.seqs.length === 100))
        const all = Array.from({ length: 100 }, (_, i) => i + 1)
        assert.deepStrictEqual(aliceToo.seqs, all)
        assert.deepStrictEqual(bobToo.seqs, all)
        assert.deepStrictEqual(aliceToo.texts, bobToo.texts)
      })

      live("edits, deletes and reactions go to the other server, too", function*({ a, b }) {
        const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
        const { seq } = yield* say(alice, "bob", "helo")
        yield* hears(bob, "helo")
        yield* alice.ask({ type: "edit_message", recipient: "bob", seq, text: "hello" }, "message_accepted")
        assert.strictEqual((yield* bob.waitFor("message_edited")).text, "hello")
        yield* bob.ask({ type: "react", recipient: "alice", seq, emoji: "👋" }, "message_accepted")
        assert.strictEqual((yield* alice.waitFor("reaction")).emoji, "👋")
        yield* alice.ask({ type: "delete_message", recipient: "bob", seq }, "message_accepted")
        assert.strictEqual((yield* bob.waitFor("message_deleted")).target, seq)
      })

      live(
        "P8 a group whose members come and go on both servers: nobody hears what is not theirs",
        function*({ a, b }) {
          const [alice, bob, carol] = [yield* a.join("alice"), yield* b.join("bob"), yield* b.join("carol")]
          const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
          yield* bob.waitFor("group_changed")
          const speak = (device: MemoryConnection, text: string) =>
            device.ask({ type: "chat_message", group, text }, "message_accepted")
          yield* speak(alice, "one")
          yield* hears(bob, "one")
          yield* alice.ask({ type: "add_members", group, members: ["carol"] }, "group_info")
          yield* speak(bob, "two")
          yield* hears(carol, "two")
          yield* hears(alice, "two")
          yield* alice.ask({ type: "remove_members", group, members: ["bob"] }, "group_info")
          assert.strictEqual(
            (yield* bob.waitFor("group_changed", ({ change }) => change.action === "members_removed")).by,
            "alice"
          )
          yield* speak(carol, "three")
          yield* hears(alice, "three")
          yield* speak(alice, "four")
          yield* hears(carol, "four")
          assert.strictEqual(yield* bob.code({ type: "chat_message", group, text: "me too" }), "not_a_member")
          assert.deepStrictEqual([bob.texts, carol.texts], [["one"], ["two", "four"]])
        }
      )

      live("P8 who is blocked is not heard, from the moment on", function*({ a, b }) {
        const [alice, bob, bobToo] = [
          yield* a.join("alice"),
          yield* b.join("bob"),
          yield* a.join("bob", { device: "x" })
        ]
        yield* say(alice, "bob", "before")
        yield* hears(bob, "before")
        // What is confirmed does not come again when the end of the block makes this server read again.
        yield* bob.says({ type: "received", conversation: "dm:alice:bob", up_to: 1 })
        yield* bobToo.ask({ type: "block", user: "alice" }, "blocked_users")
        yield* until(Effect.map(bob.ask({ type: "blocked_users" }, "blocked_users"), ({ users }) => users.length === 1))
        yield* say(alice, "bob", "during")
        yield* bobToo.ask({ type: "unblock", user: "alice" }, "blocked_users")
        yield* until(Effect.map(bob.ask({ type: "blocked_users" }, "blocked_users"), ({ users }) => users.length === 0))
        yield* say(alice, "bob", "after")
        yield* hears(bob, "after")
        assert.deepStrictEqual(bob.texts, ["before", "after"])
      })

      live("a ban is felt on all servers, and so is its end", function*({ a, b }) {
        const bob = yield* b.join("bob")
        const bans = Context.get(a.context, Bans)
        yield* bans.ban({ kind: "user", id: "bob" })
        yield* until(Effect.sync(() => bob.closedWith?.code === 4503))
        const again = yield* b.join("bob", { level: "plain" })
        yield* until(Effect.sync(() => again.closedWith?.code === 4503))
        yield* bans.lift({ kind: "user", id: "bob" })
        yield* until(Effect.map(Context.get(b.context, Bans).list, (list) => list.length === 0))
        const once = yield* b.join("bob")
        yield* bans.kick({ kind: "user", id: "bob" })
        yield* until(Effect.sync(() => once.closedWith?.code === 4503))
      })

      if (bus === "without a bus") return

      live("receipts, typing and presence are seen on the other server", function*({ a, b }) {
        const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
        const { conversation, seq } = yield* say(alice, "bob", "hello")
        yield* hears(bob, "hello")
        bob.send({ type: "read", conversation, up_to: seq })
        const receipt = yield* alice.waitFor("receipt", ({ read }) => read === seq)
        assert.deepStrictEqual([receipt.user, receipt.delivered], [UserId.make("bob"), seq])
        bob.send({ type: "typing", recipient: "alice", active: true })
        assert.isTrue((yield* alice.waitFor("typing")).active)
        bob.send({ type: "typing", recipient: "alice", active: false })
        yield* alice.waitFor("typing", ({ active }) => !active)
        alice.send({ type: "subscribe_presence", users: ["bob"] })
        yield* alice.waitFor("presence", ({ status }) => status === "online")
      })

      live("who floods waits at the door of the other server, too", function*({ a, b }) {
        const mallory = UserId.make("mallory")
        yield* a.join("alice")
        const limit = Context.get(a.context, FrameLimits).of(mallory, "192.0.2.1")
        for (let i = 0; i < 200; i++) limit.violation()
        yield* until(Effect.sync(() => Context.get(b.context, FrameLimits).cooldown(mallory) > 0))
      })

      live("P8 the newest connection of a device stays, whichever server it is on", function*({ a, b }) {
        const old = yield* a.join("bob", { device: "phone" })
        const other = yield* a.join("bob", { device: "desk" })
        yield* until(Effect.sync(() => b.cluster.newest(UserId.make("bob"), DeviceId.make("phone")) !== undefined))
        const young = yield* b.join("bob", { device: "phone" })
        yield* until(Effect.sync(() => old.closedWith?.code === 4509))
        assert.deepStrictEqual([young.closedWith, other.closedWith], [undefined, undefined])
      })

      live("P8 the newest is who came in last by the store's count, whoever is heard of first", function*({ a, b }) {
        const young = yield* a.join("bob", { device: "phone", order: 1_000_002 })
        yield* until(Effect.sync(() => b.cluster.newest(UserId.make("bob"), DeviceId.make("phone")) !== undefined))
        const old = yield* b.join("bob", { device: "phone", order: 1_000_001 })
        yield* until(Effect.sync(() => old.closedWith?.code === 4509))
        assert.isUndefined(young.closedWith)
      })
    })
  }
}
