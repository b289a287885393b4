/** Two servers on one store and a bus: people are mentioned, found, named and told of messages as if there were one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import { PeopleDirectory } from "../../src/services/PeopleDirectory.ts"
import type { Journal } from "../../src/services/storage/Journal.ts"
import type { MessageStore } from "../../src/services/storage/MessageStore.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { hubOf, type Node, startNode } from "../support/nodes.ts"
import { startPushService } from "../support/pushService.ts"
import { journals } from "../support/stores.ts"
import { until } from "../support/until.ts"

type Push = Effect.Success<typeof startPushService>

interface House {
  readonly a: Node
  readonly b: Node
  readonly push: Push
}

const hears = (device: MemoryConnection, text: string) => until(Effect.sync(() => device.texts.includes(text)))

const items = (who: MemoryConnection) =>
  Effect.map(who.ask({ type: "conversations" }, "conversation_list"), ({ conversations }) => conversations)

const found = (who: MemoryConnection, prefix: string) =>
  Effect.map(
    who.ask({ type: "find_users", prefix }, "users_found"),
    ({ profiles }) => profiles.map(({ name, user }) => [user as string, name])
  )

const say = (who: MemoryConnection, frame: object) => who.ask({ type: "chat_message", ...frame }, "message_accepted")

/** Of this conversation, what came last. */
const settingsOf = (device: MemoryConnection, conversation: string) => {
  const { archived, marked_unread, muted_until } =
    device.all("conversation_settings").findLast((each) => each.conversation === conversation) ?? {}
  return { archived: archived === true, unread: marked_unread === true, muted: muted_until !== undefined }
}

for (const [name, store] of journals("people_nodes")) {
  const live = (
    title: string,
    body: (house: House) => Generator<Effect.Effect<any, unknown, MessageStore | Journal | Scope.Scope>, void, never>,
    timeout?: number
  ) =>
    it.live(title, () =>
      Effect.gen(function*() {
        const push = yield* startPushService
        const hub = hubOf()
        const nodes = Effect.all([startNode(hub, "a"), startNode(hub, "b")])
        const [a, b] = yield* nodes.pipe(
          Effect.provide(push.settings),
          Effect.provideService(PeopleDirectory, "members")
        )
        yield* Effect.gen(() => body({ a, b, push }))
        assert.deepStrictEqual(push.problems, [])
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(store))), timeout)

  describe(`people on two servers: ${name}`, () => {
    live("who is mentioned on one server sees it on the other, and their list counts it there", function*({ a, b }) {
      const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
      const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob", "cy"] }, "group_info")
      yield* bob.waitFor("group_changed")
      yield* say(alice, { group, text: "nobody" })
      yield* say(alice, { group, text: "hey @bob", mentions: ["bob"] })
      const toAll = yield* say(alice, { group, text: "hey @all", mentions: ["@all"] })
      yield* say(alice, { group, text: "hey @cy", mentions: ["cy"] })
      yield* hears(bob, "hey @cy")
      const mentions = bob.all("incoming_message").map((frame) => frame.mentions?.join())
      assert.deepStrictEqual(mentions, [undefined, "bob", "@all", "cy"])
      const [item] = yield* items(bob)
      assert.deepStrictEqual([item?.unread, item?.mentions], [4, 2])
      // What is read on one server is not counted on the other.
      const there = yield* a.join("bob", { device: "phone" })
      assert.strictEqual((yield* items(there))[0]?.mentions, 2)
      there.send({ type: "read", conversation: toAll.conversation, up_to: toAll.seq })
      yield* bob.waitFor("receipt", ({ read }) => read === toAll.seq)
      const [then] = yield* items(bob)
      assert.deepStrictEqual([then?.unread, then?.mentions], [1, undefined])
    })

    live("who is named on one server is found and named on the other, by their newest name alone", function*({ a, b }) {
      const [alice, bob] = [yield* a.join("alice"), yield* b.join("bob")]
      yield* say(bob, { recipient: "alice", text: "hello" })
      yield* hears(alice, "hello")
      yield* alice.ask({ type: "set_profile", name: "Ada Lovelace", status: "at tea" }, "profile")
      assert.deepStrictEqual(yield* found(bob, "love"), [["alice", "Ada Lovelace"]])
      const { profiles } = yield* bob.ask({ type: "profiles", users: ["alice"] }, "profiles")
      assert.deepStrictEqual(profiles.map(({ name, status }) => [name, status]), [["Ada Lovelace", "at tea"]])
      const there = yield* b.join("alice", { device: "phone" })
      yield* there.ask({ type: "set_profile", name: "Ada King" }, "profile")
      assert.deepStrictEqual(yield* found(bob, "love"), [])
      assert.deepStrictEqual(yield* found(bob, "king"), [["alice", "Ada King"]])
      // Who shares no conversation finds nobody, on whichever server.
      assert.deepStrictEqual(yield* found(yield* a.join("eve"), "ada"), [])
    })

    live(
      "what somebody sets of their own on one server is told to their device on the other, and to nobody else",
      function*(
        { a, b }
      ) {
        const [phone, tablet] = [
          yield* a.join("alice", { device: "phone" }),
          yield* b.join("alice", { device: "tablet" })
        ]
        const bob = yield* b.join("bob")
        const { conversation } = yield* say(bob, { recipient: "alice", text: "hello" })
        const became = (wanted: Partial<ReturnType<typeof settingsOf>>) =>
          until(Effect.sync(() => {
            const now = settingsOf(tablet, conversation)
            return Object.entries(wanted).every(([key, value]) => now[key as keyof typeof now] === value)
          }))
        yield* phone.ask({ type: "mute", conversation })
        yield* became({ muted: true })
        yield* phone.ask({ type: "unmute", conversation })
        yield* became({ muted: false })
        yield* phone.ask({ type: "mark_unread", conversation })
        yield* became({ unread: true })
        yield* phone.ask({ type: "archive", conversation })
        yield* became({ archived: true })
        yield* phone.ask({ type: "settings", read_privately: true })
        assert.isTrue((yield* tablet.waitFor("settings")).read_privately)
        // Archived ends with the next message, whoever says it wherever.
        yield* say(bob, { recipient: "alice", text: "again" })
        yield* hears(tablet, "again")
        assert.isUndefined((yield* items(phone))[0]?.archived)
        yield* bob.ask({ type: "ping" })
        assert.deepStrictEqual([bob.all("conversation_settings").length, bob.all("settings").length], [0, 0])
      }
    )

    live(
      "a browser is told once, whichever servers know it, and not where a device on another server takes it",
      function*(
        { a, b, push }
      ) {
        const away = Effect.fnUntraced(function*(user: string, node: Node) {
          const browser = push.browser()
          const page = yield* node.join(user, { device: `page-${node.name}` })
          yield* page.ask({ type: "push_subscribe", subscription: browser.subscription }, "push_subscriptions")
          return { page, path: new URL(browser.subscription.endpoint).pathname }
        })
        const [first, second] = [yield* away("bob", a), yield* away("bob", b)]
        const ann = yield* away("ann", a)
        const alice = yield* a.join("alice")
        const desk = yield* b.join("ann", { device: "desk" })
        // The other server has heard of all who have subscribed when it tells what came after it.
        const { conversation, group } = yield* desk.ask(
          { type: "create_group", name: "tea", members: ["alice", "bob"] },
          "group_info"
        )
        yield* alice.waitFor("group_changed")
        for (const { page } of [first, second, ann]) page.terminate(CloseCode.NoHeartbeat)
        const { seq } = yield* say(alice, { group, text: "one" })
        yield* hears(desk, "one")
        desk.send({ type: "received", conversation, up_to: seq })
        yield* Effect.timeout(until(Effect.sync(() => push.pushed.length >= 2)), "60 seconds")
        // Ann is looked at before Bob, and what is said later waits for as long.
        yield* say(alice, { recipient: "bob", text: "two" })
        yield* Effect.timeout(until(Effect.sync(() => push.pushed.length >= 4)), "60 seconds")
        const told = push.pushed.map(({ path, payload }) => `${path} ${payload.text}`)
        assert.deepStrictEqual(
          told.toSorted(),
          [`${first.path} one`, `${second.path} one`, `${first.path} two`, `${second.path} two`].toSorted()
        )
        assert.strictEqual(push.state.tries, 4)
      },
      150_000
    )
  })
}
