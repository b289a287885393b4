/** P8 with two servers on one store and a bus: who looks after a group on one of them does so for both, at once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { GroupChange } from "../../src/domain/Entry.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { hubOf, startNode } from "../support/nodes.ts"
import { journals } from "../support/stores.ts"
import { type House, onTwoServers } from "../support/twoServers.ts"
import { until } from "../support/until.ts"

const hears = (device: MemoryConnection, text: string) => until(Effect.sync(() => device.texts.includes(text)))

const changesOf = (device: MemoryConnection, action: GroupChange["action"]) =>
  device.all("group_changed").filter(({ change }) => change.action === action)

/** Whenever it came. */
const changed = (device: MemoryConnection, action: GroupChange["action"]) =>
  until(Effect.sync(() => changesOf(device, action).length > 0)).pipe(
    Effect.map(() => changesOf(device, action)[0]!)
  )

const membersOf = (info: ServerFrame) =>
  info.type === "group_info" ? info.members.map(({ role, user }) => `${user} ${role}`).toSorted() : info

/** Olga owns it and is on one server; mia is in it on the other, and both servers have it in use. */
const begin = Effect.fnUntraced(function*({ a, b }: House, members: ReadonlyArray<string> = []) {
  const [olga, mia] = [yield* a.join("olga"), yield* b.join("mia")]
  const { conversation, group } = yield* olga.ask(
    { type: "create_group", name: "tea", members: ["mia", ...members] },
    "group_info"
  )
  yield* mia.ask({ type: "chat_message", group, text: "hello" }, "message_accepted")
  yield* hears(olga, "hello")
  return { olga, mia, group, conversation }
})

for (const [name, store] of journals("moderation_nodes")) {
  const live = onTwoServers(store)

  describe(`moderation on two servers: ${name}`, () => {
    live("P8 who is banned on one server is out on the other at once, and stays out", function*(house) {
      const { group, mia, olga } = yield* begin(house, ["ben"])
      const ben = yield* house.b.join("ben")
      assert.strictEqual(yield* ben.code({ type: "chat_message", group, text: "noise" }), "message_accepted")
      yield* hears(mia, "noise")
      yield* olga.ask({ type: "ban_members", group, members: ["ben"], reason: "noise" }, "group_info")
      // On the answer, without waiting for anything.
      assert.strictEqual(yield* ben.code({ type: "chat_message", group, text: "more noise" }), "not_a_member")
      assert.strictEqual(yield* mia.code({ type: "chat_message", group, text: "quiet" }), "message_accepted")
      yield* hears(olga, "quiet")
      const farewell = yield* changed(ben, "members_banned")
      assert.deepStrictEqual<unknown>(farewell.change, { action: "members_banned", members: ["ben"], reason: "noise" })
      yield* changed(mia, "members_banned")
      yield* ben.ask({ type: "ping" })
      assert.deepStrictEqual([ben.texts.includes("quiet"), mia.texts.includes("more noise")], [false, false])
      // Nor by an invitation, nor added by an admin of the other server, who sees why.
      const { invite } = yield* olga.ask({ type: "create_invite", group }, "invite")
      assert.strictEqual(yield* ben.code({ type: "join", invite }), "not_found")
      yield* olga.ask({ type: "set_role", group, user: "mia", role: "admin" }, "group_info")
      assert.strictEqual(yield* mia.code({ type: "add_members", group, members: ["ben"] }), "forbidden")
      const { banned } = yield* mia.ask({ type: "group_info", group }, "group_info")
      assert.deepStrictEqual(banned?.map(({ user }) => user as string), ["ben"])
      // Unbanned on the other server, they come in on this one.
      yield* mia.ask({ type: "unban_members", group, members: ["ben"] }, "group_info")
      const again = yield* house.a.join("ben", { device: "phone" })
      assert.strictEqual(yield* again.code({ type: "join", invite }), "group_info")
      yield* olga.ask({ type: "chat_message", group, text: "welcome" }, "message_accepted")
      yield* hears(ben, "welcome")
    })

    it.live("P8 who is banned and let in again before their server reads of it hears that they are out, and no more", () =>
      Effect.gen(function*() {
        const hub = hubOf()
        const a = yield* startNode(hub, "a")
        const olga = yield* a.join("olga")
        const { group } = yield* olga.ask({ type: "create_group", name: "tea", members: ["ben", "mia"] }, "group_info")
        yield* olga.ask({ type: "remove_members", group, members: ["mia"] }, "group_info")
        // It has never read the group, and hears of both at once, from the store.
        const b = yield* startNode(hub, "b")
        const [ben, mia] = [yield* b.join("ben"), yield* b.join("mia")]
        yield* Effect.forEach([ben, mia], (who) => who.ask({ type: "ping" }))
        hub.cut("b")
        yield* olga.ask({ type: "ban_members", group, members: ["ben", "mia"], reason: "noise" }, "group_info")
        yield* olga.ask({ type: "unban_members", group, members: ["ben", "mia"] }, "group_info")
        yield* olga.ask({ type: "chat_message", group, text: "quiet" }, "message_accepted")
        const farewell = yield* changed(ben, "members_banned")
        assert.deepStrictEqual<unknown>(farewell.change, {
          action: "members_banned",
          members: ["ben", "mia"],
          reason: "noise"
        })
        yield* olga.ask({ type: "chat_message", recipient: "ben", text: "come again" }, "message_accepted")
        yield* hears(ben, "come again")
        yield* olga.ask({ type: "chat_message", recipient: "mia", text: "you too" }, "message_accepted")
        yield* hears(mia, "you too")
        assert.isFalse(ben.texts.includes("quiet") || mia.texts.includes("quiet"))
        assert.deepStrictEqual(changesOf(mia, "members_banned"), [])
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(store))))

    live(
      "P4 who comes in by an invitation on one server is in on the other: lists agree, and both hear of it",
      function*(house) {
        const { group, mia, olga } = yield* begin(house)
        const { invite } = yield* olga.ask({ type: "create_invite", group, uses: 2 }, "invite")
        const sam = yield* house.b.join("sam")
        const info = yield* sam.ask({ type: "join", invite }, "group_info")
        assert.deepStrictEqual(membersOf(info), ["mia member", "olga owner", "sam member"])
        for (const each of [olga, mia]) {
          assert.strictEqual<string>((yield* changed(each, "joined")).by, "sam")
          assert.deepStrictEqual(membersOf(yield* each.ask({ type: "group_info", group })), membersOf(info))
        }
        yield* olga.ask({ type: "chat_message", group, text: "welcome" }, "message_accepted")
        yield* hears(sam, "welcome")
        yield* sam.ask({ type: "chat_message", group, text: "thank you" }, "message_accepted")
        yield* hears(olga, "thank you")
        yield* hears(mia, "thank you")
        assert.isFalse(sam.texts.includes("hello"))
        const { invites } = yield* olga.ask({ type: "invites", group }, "invites")
        assert.deepStrictEqual(invites.map(({ uses_left }) => uses_left), [1])
      }
    )

    live("P8 two who show the last use of an invitation to two servers at once: one is in", function*(house) {
      const { group, mia, olga } = yield* begin(house)
      const [sam, tom] = [yield* house.a.join("sam"), yield* house.b.join("tom")]
      for (let round = 0; round < 5; round++) {
        const { invite } = yield* olga.ask({ type: "create_invite", group, uses: 1 }, "invite")
        const codes = yield* Effect.forEach([sam, tom], (who) => who.code({ type: "join", invite }), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(codes.toSorted(), ["group_info", "not_found"])
        const winner = codes[0] === "group_info" ? "sam" : "tom"
        const members = ["mia member", "olga owner", `${winner} member`]
        for (const each of [olga, mia]) {
          assert.deepStrictEqual(membersOf(yield* each.ask({ type: "group_info", group })), members)
        }
        yield* olga.ask({ type: "remove_members", group, members: [winner] }, "group_info")
      }
      assert.deepStrictEqual((yield* olga.ask({ type: "invites", group }, "invites")).invites, [])
    })

    live("two devices of a user who come in on two servers at once are both told that they are in", function*(house) {
      const { group, mia, olga } = yield* begin(house)
      const { invite } = yield* olga.ask({ type: "create_invite", group, uses: 30 }, "invite")
      const devices = [yield* house.a.join("sam", { device: "desk" }), yield* house.b.join("sam", { device: "phone" })]
      const rounds = 10
      for (let round = 0; round < rounds; round++) {
        const infos = yield* Effect.forEach(
          devices,
          (device, i) => device.ask({ type: "join", invite, id: `${round} ${i}` }, "group_info"),
          { concurrency: "unbounded" }
        )
        for (const info of infos) {
          assert.deepStrictEqual(membersOf(info), ["mia member", "olga owner", "sam member"])
        }
        yield* (round % 2 === 0 ? olga : devices[1]!).ask(
          round % 2 === 0
            ? { type: "remove_members", group, members: ["sam"] }
            : { type: "leave_group", group }
        )
      }
      // It counted once each time.
      const { invites } = yield* olga.ask({ type: "invites", group }, "invites")
      assert.deepStrictEqual(invites.map(({ uses_left }) => uses_left), [30 - rounds])
      yield* until(Effect.sync(() => changesOf(mia, "joined").length === rounds))
    })

    live("a report on one server reaches an owner on the other, and nobody else", function*(house) {
      const { conversation, group, mia, olga } = yield* begin(house, ["rude"])
      const rude = yield* house.a.join("rude")
      const { seq } = yield* rude.ask({ type: "chat_message", group, text: "rude words" }, "message_accepted")
      yield* hears(mia, "rude words")
      assert.strictEqual(yield* mia.code({ type: "report", group, seq, reason: "rude" }), "reported")
      const told = yield* olga.waitFor("message_reported")
      assert.deepStrictEqual<unknown>([told.conversation, told.seq, told.reason], [conversation, seq, "rude"])
      assert.notInclude(JSON.stringify(told), "mia")
      // Once is enough, whichever server is told again.
      const there = yield* house.a.join("mia", { device: "phone" })
      assert.strictEqual(yield* there.code({ type: "report", group, seq }), "reported")
      yield* Effect.forEach([olga, rude, mia, there], (who) => who.ask({ type: "ping" }))
      const counts = [olga, rude, mia, there].map((who) => who.all("message_reported").length)
      assert.deepStrictEqual(counts, [1, 0, 0, 0])
    })
  })
}
