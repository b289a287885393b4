/** Settings of one's own, as clients ask for them and hear of them. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { forGood } from "../../../src/domain/frames/Preferences.ts"
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { moveIntervalMillis } from "../../../src/services/persistence/CursorBatcher.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../../src/services/storage/MessageStore.ts"
import { actors, join, pass, settle, story } from "../../support/actors.ts"
import type { MemoryConnection } from "../../support/MemoryConnection.ts"
import { hubOf, startNode } from "../../support/nodes.ts"
import { memoryWith } from "../../support/stores.ts"

type Settings = Extract<ServerFrame, { readonly type: "conversation_settings" }>

/** Without what differs from test to test. */
const plain = ({ id: _, conversation: __, type: ___, ...rest }: Settings) => rest

/** As the list has it. */
const listed = (who: MemoryConnection, order?: "recent") =>
  Effect.map(
    who.ask({ type: "conversations", ...(order === undefined ? {} : { order }) }, "conversation_list"),
    (list) => {
      const { archived, marked_unread, muted_until, mutes_mentions } = list.conversations[0] ?? {}
      return JSON.parse(JSON.stringify({ archived, marked_unread, muted_until, mutes_mentions })) as object
    }
  )

const say = (who: MemoryConnection, recipient: string, text = "hello") =>
  who.ask({ type: "chat_message", recipient, text }, "message_accepted")

describe("settings of one's own", () => {
  story(
    "muting until a time ends then, without anybody doing anything, and without a time it does not end",
    function*() {
      const alice = yield* join("alice", "phone")
      yield* say(alice, "bob")
      const until = 20_000
      const muted = yield* alice.ask({ type: "mute", recipient: "bob", until, mentions: true }, "muted")
      assert.strictEqual(muted.until, until)
      assert.deepStrictEqual<object>(yield* listed(alice), { muted_until: until, mutes_mentions: true })
      assert.deepStrictEqual(yield* listed(alice, "recent"), yield* listed(alice))
      yield* pass(until)
      assert.deepStrictEqual(yield* listed(alice), {})
      assert.deepStrictEqual(yield* listed(alice, "recent"), {})
      assert.strictEqual((yield* alice.ask({ type: "mute", recipient: "bob", until }, "muted")).until, 0)
      const good = yield* alice.ask({ type: "mute", conversation: muted.conversation }, "muted")
      assert.isFalse("until" in good)
      assert.deepStrictEqual<object>(yield* listed(alice), { muted_until: forGood })
      assert.strictEqual((yield* alice.ask({ type: "unmute", recipient: "bob" }, "muted")).until, 0)
      assert.deepStrictEqual(yield* listed(alice), {})
    }
  )

  story(
    "the user's other devices hear of each change once, the one that asked is answered, and nobody else",
    function*() {
      const [phone, tablet] = [yield* join("alice", "phone"), yield* join("alice", "tablet")]
      const plainOne = yield* join("alice", { level: "plain" })
      const bob = yield* join("bob")
      yield* say(phone, "bob")
      yield* settle
      for (const each of [phone, tablet, plainOne, bob]) each.take()
      yield* phone.ask({ type: "mute", recipient: "bob", until: 60_000 })
      yield* phone.ask({ type: "mute", recipient: "bob", until: 60_000 })
      yield* phone.ask({ type: "archive", recipient: "bob" })
      yield* phone.ask({ type: "archive", recipient: "bob" })
      yield* phone.ask({ type: "settings", read_privately: true })
      yield* phone.ask({ type: "settings", read_privately: true })
      yield* settle
      const heard = tablet.take()
      assert.deepStrictEqual(heard.map(({ type }) => type), [
        "conversation_settings",
        "conversation_settings",
        "settings"
      ])
      assert.deepStrictEqual(plain(heard[1] as Settings), { muted_until: 60_000, archived: true })
      assert.isFalse(heard.some((frame) => "id" in frame))
      assert.deepStrictEqual([plainOne.take(), bob.take()], [[], []])
      assert.strictEqual(phone.all("conversation_settings").filter(({ id }) => id === undefined).length, 0)
    }
  )

  story("archived ends with the next message of either", function*() {
    const [alice, bob] = [yield* join("alice"), yield* join("bob")]
    yield* say(alice, "bob")
    for (const [who, other] of [[bob, "alice"], [alice, "bob"]] as const) {
      const settings = yield* alice.ask({ type: "archive", recipient: "bob" }, "conversation_settings")
      assert.deepStrictEqual(plain(settings), { archived: true })
      yield* say(who, other)
      assert.deepStrictEqual(yield* listed(alice), {})
    }
  })

  story("a mark lasts past what was read before it, and ends when the same place is read again", function*() {
    const [phone, tablet] = [yield* join("alice", "phone"), yield* join("alice", "tablet")]
    const bob = yield* join("bob")
    const { conversation, seq } = yield* say(bob, "alice")
    yield* settle
    // Not written yet.
    phone.send({ type: "read", conversation, up_to: seq })
    const marked = yield* phone.ask({ type: "mark_unread", conversation }, "conversation_settings")
    assert.deepStrictEqual(plain(marked), { marked_unread: true })
    yield* pass(5_000)
    assert.deepStrictEqual<object>(yield* listed(phone), { marked_unread: true })
    const [read] = (yield* phone.ask({ type: "conversations" }, "conversation_list")).conversations
    assert.strictEqual(read?.read, seq)
    bob.take()
    tablet.take()
    phone.send({ type: "read", conversation, up_to: seq })
    yield* pass(5_000)
    assert.deepStrictEqual(yield* listed(phone), {})
    // The user's other devices know it by their own receipt; to the other nothing has happened.
    assert.deepStrictEqual(tablet.take().map(({ type }) => type), ["receipt"])
    assert.deepStrictEqual(bob.take(), [])
  })

  story(
    "P8 whoever reads privately is not seen to read, by receipts, lists or positions; their own devices are told",
    function*() {
      const [phone, tablet] = [yield* join("alice", "phone"), yield* join("alice", "tablet")]
      const bob = yield* join("bob", "desk")
      const { conversation } = yield* say(bob, "alice", "one")
      yield* say(bob, "alice", "two")
      yield* say(bob, "alice", "three")
      phone.send({ type: "received", conversation, up_to: 3 })
      phone.send({ type: "read", conversation, up_to: 1 })
      yield* pass(5_000)
      assert.strictEqual((yield* phone.ask({ type: "settings" }, "settings")).read_privately, false)
      yield* phone.ask({ type: "settings", read_privately: true }, "settings")
      assert.strictEqual((yield* tablet.ask({ type: "settings" }, "settings")).read_privately, true)
      for (const each of [tablet, bob]) each.take()
      phone.send({ type: "read", conversation, up_to: 2 })
      yield* pass(5_000)
      assert.deepStrictEqual(bob.take(), [])
      assert.strictEqual(tablet.all("receipt").at(-1)?.read, 2)
      const shown = Effect.gen(function*() {
        const [item] = (yield* bob.ask({ type: "conversations" }, "conversation_list")).conversations
        const [recent] = (yield* bob.ask({ type: "conversations", order: "recent" }, "conversation_list")).conversations
        const { receipts } = yield* bob.ask({ type: "receipts", recipient: "alice" }, "receipt_list")
        return [item?.peer_read, recent?.peer_read, receipts.find(({ user }) => user === "alice")?.read]
      })
      assert.deepStrictEqual(yield* shown, [1, 1, 1])
      const own = yield* tablet.ask({ type: "receipts", recipient: "bob" }, "receipt_list")
      assert.strictEqual(own.receipts.find(({ user }) => user === "alice")?.read, 2)
      // Something new is received: the receipt has the read position as it was.
      yield* say(bob, "alice", "four")
      phone.send({ type: "received", conversation, up_to: 4 })
      yield* pass(5_000)
      assert.deepInclude(bob.all("receipt").at(-1), { delivered: 4, read: 1 })
      yield* phone.ask({ type: "settings", read_privately: false }, "settings")
      assert.deepStrictEqual(yield* shown, [1, 1, 1])
      phone.send({ type: "read", conversation, up_to: 4 })
      yield* pass(5_000)
      assert.deepInclude(bob.all("receipt").at(-1), { delivered: 4, read: 4 })
      assert.deepStrictEqual(yield* shown, [4, 4, 4])
    }
  )

  story(
    "P8 strangers, those who left and whoever names nothing that is theirs are told what everybody is told",
    function*() {
      const [alice, bob, mallory] = [yield* join("alice"), yield* join("bob"), yield* join("mallory")]
      const { conversation } = yield* say(alice, "bob")
      const { group } = yield* alice.ask({ type: "create_group", name: "tea", members: ["bob"] }, "group_info")
      yield* bob.ask({ type: "leave_group", group })
      for (const type of ["mute", "unmute", "archive", "unarchive", "mark_unread"]) {
        assert.strictEqual(yield* mallory.code({ type, conversation }), "not_found")
        assert.strictEqual(yield* mallory.code({ type, group }), "not_found")
        assert.strictEqual(yield* mallory.code({ type, group: "nothing" }), "not_found")
        // Before the first word there is nothing to keep anything of.
        assert.strictEqual(yield* mallory.code({ type, recipient: "alice" }), "not_found")
        assert.strictEqual(yield* bob.code({ type, group }), "not_a_member")
      }
    }
  )

  it.effect("P8 a mark outlives everything that was read before it, however much of that was not written yet", () => {
    const held = Deferred.makeUnsafe<void>()
    const slow = Layer.effect(
      MessageStore,
      Effect.map(MessageStore, (store) => ({
        ...store,
        commit: (appends, moves, stamp) =>
          moves.length === 0
            ? store.commit(appends, moves, stamp)
            : Effect.andThen(Deferred.await(held), store.commit(appends, moves, stamp))
      }))
    ).pipe(Layer.provideMerge(MemoryMessageStore.layer()))
    return Effect.gen(function*() {
      const [alice, bob] = [yield* join("alice", "phone"), yield* join("bob")]
      const friends = Array.from({ length: 600 }, (_, i) => `friend${i}`)
      for (const friend of friends) yield* say(alice, friend)
      yield* pass(1_000)
      const { conversation } = yield* say(bob, "alice")
      for (const friend of friends) alice.send({ type: "read", conversation: `dm:alice:${friend}`, up_to: 1 })
      alice.send({ type: "read", conversation, up_to: 1 })
      alice.send({ type: "mark_unread", conversation })
      yield* settle
      assert.isUndefined(alice.all("conversation_settings")[0])
      yield* Deferred.succeed(held, undefined)
      assert.deepStrictEqual(plain(yield* alice.waitFor("conversation_settings")), { marked_unread: true })
      for (let round = 0; round < 40; round++) yield* pass(moveIntervalMillis)
      const [last] = (yield* alice.ask({ type: "conversations", order: "recent" }, "conversation_list")).conversations
      assert.deepStrictEqual([last?.conversation, last?.marked_unread, last?.read], [conversation, true, 1])
    }).pipe(Effect.provide(actors({}, slow)), Effect.scoped)
  })

  story(
    "a store without them says so, and the chat goes on",
    function*() {
      const alice = yield* join("alice")
      yield* say(alice, "bob")
      assert.strictEqual(yield* alice.code({ type: "mute", recipient: "bob" }), "forbidden")
      assert.strictEqual(yield* alice.code({ type: "settings" }), "forbidden")
    },
    actors({}, memoryWith(() => ({})))
  )

  it.live("on several servers a device on another one hears of it, and what is private is private there, too", () =>
    Effect.gen(function*() {
      const hub = hubOf()
      const [a, b] = [yield* startNode(hub, "a"), yield* startNode(hub, "b")]
      const phone = yield* a.join("alice", { device: "phone" })
      const tablet = yield* b.join("alice", { device: "tablet" })
      const bob = yield* b.join("bob", { device: "desk" })
      const { conversation } = yield* say(bob, "alice")
      yield* say(bob, "alice")
      yield* phone.ask({ type: "mute", conversation, until: forGood }, "muted")
      const pushed = yield* tablet.waitFor("conversation_settings")
      assert.deepStrictEqual(plain(pushed), { muted_until: forGood })
      yield* phone.ask({ type: "settings", read_privately: true })
      yield* tablet.waitFor("settings")
      phone.send({ type: "received", conversation, up_to: 2 })
      yield* bob.waitFor("receipt", ({ delivered }) => delivered === 2)
      phone.send({ type: "read", conversation, up_to: 2 })
      // The other server tells the user's own device, and by then it would have told the other one.
      yield* tablet.waitFor("receipt", ({ read }) => read === 2)
      assert.isTrue(bob.all("receipt").every(({ read, user }) => user !== "alice" || read === 0))
      const [item] = (yield* bob.ask({ type: "conversations" }, "conversation_list")).conversations
      assert.strictEqual(item?.peer_read, 0)
    }).pipe(Effect.scoped, Effect.provide(Layer.fresh(MemoryMessageStore.layer()))))
})
