/** Web Push: what is told to browsers, when, and where it may go. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as CloseCode from "../../../src/domain/CloseCode.ts"
import { maxPushText } from "../../../src/domain/push.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { actors, join, pass, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { hubOf, startNode } from "../../support/nodes.ts"
import { type Browser, startPushService } from "../../support/pushService.ts"
import { until } from "../../support/until.ts"

type Stage = Effect.Success<typeof startPushService>

/** A story with a push service. */
const pushed = (name: string, body: (stage: Stage) => Generator<Effect.Effect<any, any, any>, void, never>) =>
  it.effect(name, () =>
    Effect.gen(function*() {
      const stage = yield* startPushService
      // The services that a story asks for are those of the actors.
      const told = Effect.gen(() => body(stage)) as Effect.Effect<void>
      yield* Effect.provide(told, actors().pipe(Layer.provide(stage.settings)))
      assert.deepStrictEqual(stage.problems, [])
    }).pipe(Effect.scoped))

/** The tab is closed. */
const leave = (who: MemoryConnection) => who.terminate(CloseCode.NoHeartbeat)

const subscribe = (who: MemoryConnection, { subscription }: Browser) =>
  who.ask({ type: "push_subscribe", subscription }, "push_subscriptions")

const say = (who: MemoryConnection, frame: object) => who.ask({ type: "chat_message", ...frame }, "message_accepted")

const count = ({ pushed }: Stage, wanted: number) => until(Effect.sync(() => pushed.length >= wanted))

/** A browser of somebody who is not there. */
const away = Effect.fnUntraced(function*(user: string, stage: Stage, host?: string) {
  const browser = stage.browser(host)
  const connection = yield* join(user, "page")
  yield* subscribe(connection, browser)
  leave(connection)
  yield* pass(0)
  return browser
})

describe("Web Push", () => {
  pushed("a text that nobody takes for ten seconds comes to the browser, which alone can read it", function*(stage) {
    const browser = stage.browser()
    const bob = yield* join("bob", "page")
    const { endpoints, public_key } = yield* subscribe(bob, browser)
    assert.deepStrictEqual(endpoints, [browser.subscription.endpoint])
    leave(bob)
    yield* pass(0)
    const alice = yield* join("alice")
    const text = `hello 👋 ${"x".repeat(maxPushText)}`
    const { at, conversation, seq } = yield* say(alice, { recipient: "bob", text })
    yield* pass(9_900)
    assert.strictEqual(stage.state.tries, 0)
    yield* pass(1_000)
    yield* count(stage, 1)
    const [{ claims, headers, key, payload }] = stage.pushed as [Stage["pushed"][number]]
    assert.deepStrictEqual<object>(payload, {
      type: "message",
      conversation,
      seq,
      sender: "alice",
      text: text.slice(0, maxPushText),
      at,
      unread: 1
    })
    assert.strictEqual(key, public_key)
    assert.strictEqual(claims.aud, `https://localhost:${stage.port}`)
    assert.strictEqual(claims.sub, "mailto:operator@example.com")
    assert.strictEqual(headers["content-encoding"], "aes128gcm")
    assert.match(headers["topic"]!, /^[\w-]{32}$/)
    assert.isAbove(Number(headers["ttl"]), 0)
  })

  pushed(
    "several texts of a conversation are one push, and what comes later another, in the place of the first",
    function*(stage) {
      yield* away("bob", stage)
      const alice = yield* join("alice")
      for (const text of ["one", "two", "three"]) {
        yield* say(alice, { recipient: "bob", text })
        yield* pass(2_000)
      }
      yield* pass(20_000)
      yield* count(stage, 1)
      assert.strictEqual(stage.state.tries, 1)
      assert.deepInclude(stage.pushed[0]?.payload, { text: "three", unread: 3 })
      const again = yield* join("alice", "again")
      yield* say(again, { recipient: "bob", text: "four" })
      yield* pass(11_000)
      yield* count(stage, 2)
      assert.deepInclude(stage.pushed[1]?.payload, { text: "four" })
      assert.strictEqual(stage.pushed[0]?.headers["topic"], stage.pushed[1]?.headers["topic"])
    }
  )

  pushed("nothing is told that any device has confirmed, that was deleted, or that one said oneself", function*(stage) {
    yield* away("bob", stage)
    const [alice, bob] = [yield* join("alice"), yield* join("bob", "phone")]
    yield* subscribe(alice, stage.browser())
    const { conversation, seq } = yield* say(alice, { recipient: "bob", text: "one" })
    bob.send({ type: "received", conversation, up_to: seq })
    yield* pass(5_000)
    leave(bob)
    const second = yield* say(alice, { recipient: "bob", text: "two" })
    yield* alice.ask({ type: "delete_message", conversation, seq: second.seq }, "message_accepted")
    yield* pass(15_000)
    assert.strictEqual(stage.state.tries, 0)
  })

  pushed("P8 who is blocked is not heard, and who has left hears nothing", function*(stage) {
    yield* away("bob", stage)
    yield* away("carol", stage)
    const [alice, bob] = [yield* join("alice"), yield* join("bob", "desk")]
    const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob", "carol"] }, "group_info")
    yield* bob.ask({ type: "block", user: "alice" })
    leave(bob)
    yield* pass(0)
    yield* say(alice, { recipient: "bob", text: "secret" })
    yield* say(alice, { group, text: "to all" })
    yield* alice.ask({ type: "remove_members", group, members: ["carol"] }, "group_info")
    yield* pass(15_000)
    assert.strictEqual(stage.state.tries, 0)
  })

  pushed("a mute is silent until its time, and a group is told by its name", function*(stage) {
    yield* away("bob", stage)
    const [alice, bob] = [yield* join("alice"), yield* join("bob", "desk")]
    const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
    yield* bob.ask({ type: "mute", group, until: 15_000 }, "muted")
    leave(bob)
    yield* pass(0)
    yield* say(alice, { group, text: "muted" })
    yield* pass(12_000)
    assert.strictEqual(stage.state.tries, 0)
    yield* say(alice, { group, text: "loud" })
    yield* pass(11_000)
    yield* count(stage, 1)
    assert.deepInclude(stage.pushed[0]?.payload, { text: "loud", group_name: "tea", unread: 1 })
    assert.strictEqual(stage.pushed[0]?.headers["urgency"], "normal")
  })

  pushed(
    "404 and 410 remove the subscription, and 429 and 503 are tried again, as late as they ask for",
    function*(stage) {
      const { state } = stage
      const gone = yield* away("bob", stage)
      yield* away("carol", stage)
      const alice = yield* join("alice")
      state.answer = (path) =>
        gone.subscription.endpoint.endsWith(path)
          ? { status: 410 }
          : state.tries <= 2
          ? { status: 503, headers: { "retry-after": "7" } }
          : { status: 201 }
      yield* say(alice, { recipient: "bob", text: "one" })
      yield* say(alice, { recipient: "carol", text: "two" })
      yield* pass(11_000)
      yield* until(Effect.sync(() => state.tries === 2))
      yield* pass(500)
      const bob = yield* join("bob", "desk")
      const list = bob.ask({ type: "push_subscribe" }, "push_subscriptions")
      yield* until(Effect.map(list, ({ endpoints }) => endpoints.length === 0))
      // Not before the seven seconds.
      yield* pass(6_000)
      assert.strictEqual(state.tries, 2)
      yield* pass(3_000)
      yield* count(stage, 1)
      assert.strictEqual(stage.pushed[0]?.payload.text, "two")
    }
  )

  pushed(
    "P9 a name that stands for an address inside is not connected to, also when it stood for another before",
    function*(stage) {
      const { state } = stage
      state.resolve = (name, time) =>
        name === "inside.example" ?
          ["10.0.0.1"]
          : name === "both.example" ?
          ["127.0.0.1", "169.254.169.254"]
          : name === "changes.example" && time > 0 ?
          ["192.168.0.1"]
          : ["127.0.0.1"]
      yield* away("bob", stage, "inside.example")
      yield* away("bob", stage, "both.example")
      yield* away("bob", stage, "changes.example")
      const alice = yield* join("alice")
      // The certificate is another's, so the first time it is refused by TLS, having connected; then by its address.
      for (const text of ["one", "two"]) {
        yield* say(alice, { recipient: "bob", text })
        yield* pass(11_000)
        yield* until(Effect.sync(() => (state.lookups.get("changes.example") ?? 0) > 0))
      }
      yield* until(Effect.sync(() => (state.lookups.get("inside.example") ?? 0) > 0))
      assert.strictEqual(state.tries, 0)
    }
  )

  pushed(
    "P9 however many subscriptions a user makes, the last ten are kept, and what is no endpoint is refused",
    function*(stage) {
      const bob = yield* join("bob", "page")
      const { subscription } = stage.browser()
      let last: ReadonlyArray<string> = []
      for (let i = 0; i < 200; i++) {
        if (i % 50 === 49) yield* pass(1_000)
        const each = { ...subscription, endpoint: `${subscription.endpoint}/${i}` }
        last = (yield* bob.ask({ type: "push_subscribe", subscription: each }, "push_subscriptions")).endpoints
      }
      assert.strictEqual(last.length, 10)
      assert.match(last[9]!, /\/199$/)
      const bad = [
        `https://localhost:1${new URL(subscription.endpoint).pathname}`,
        `https://user:secret@localhost:${stage.port}/`,
        `https://127.0.0.1:${stage.port}/`,
        `https://[::1]:${stage.port}/`,
        `http://localhost:${stage.port}/`,
        `https://2130706433:${stage.port}/`
      ]
      for (const endpoint of bad) {
        assert.strictEqual(
          yield* bob.code({ type: "push_subscribe", subscription: { ...subscription, endpoint } }),
          "invalid_frame",
          endpoint
        )
      }
      for (const keys of [{ ...subscription.keys, auth: "AAAA" }, { ...subscription.keys, p256dh: "A".repeat(87) }]) {
        const code = yield* bob.code({ type: "push_subscribe", subscription: { ...subscription, keys } })
        assert.strictEqual(code, "invalid_frame")
      }
      const { endpoints } = yield* bob.ask(
        { type: "push_unsubscribe", subscription: { endpoint: last[0] } },
        "push_subscriptions"
      )
      assert.deepStrictEqual(endpoints, last.slice(1))
    }
  )

  story("without a contact there is none, and whoever asks is told so", function*() {
    const bob = yield* join("bob")
    assert.strictEqual(yield* bob.code({ type: "push_subscribe" }), "forbidden")
  })

  it.live("on several servers a text is told once, whichever the browser subscribed to", () =>
    Effect.gen(function*() {
      const stage = yield* startPushService
      const hub = hubOf()
      const nodes = Effect.all([startNode(hub, "a"), startNode(hub, "b")])
      const [a, b] = yield* Effect.provide(nodes, stage.settings)
      const alice = yield* a.join("alice")
      const bob = yield* b.join("bob", { device: "page" })
      yield* subscribe(bob, stage.browser())
      // The other server has the note when it tells what comes after it.
      const { group } = yield* bob.ask({ type: "create_group", name: "tea", members: ["alice"] }, "group_info")
      yield* alice.waitFor("group_changed")
      leave(bob)
      yield* say(alice, { group, text: "one" })
      yield* Effect.timeout(count(stage, 1), "40 seconds")
      assert.strictEqual(stage.state.tries, 1)
      assert.deepStrictEqual(stage.problems, [])
    }).pipe(Effect.scoped, Effect.provide(Layer.fresh(MemoryMessageStore.layer()))), 60_000)
})
