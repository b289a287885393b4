/** Nothing crosses a block: for every frame type that could leak, in both directions. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, StoreError } from "../../src/services/storage/MessageStore.ts"
import { BlockLists } from "../../src/services/user/Blocks.ts"
import { actors, settle, startUser } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"

const join = Effect.fnUntraced(function*(user: string, device?: string) {
  const { connection } = yield* startUser(user, { level: "v1", ...(device === undefined ? undefined : { device }) })
  yield* settle
  return connection
})

const pass = Effect.fnUntraced(function*(millis: number) {
  yield* TestClock.adjust(millis)
  yield* settle
})

/** What the client was told since the last time, but for the heartbeat. */
const heard = (connection: MemoryConnection) => connection.written.splice(0).filter(({ type }) => type !== "ping")

/** Says it, lets cursors be written, and returns what the client was told since. */
const say = Effect.fnUntraced(function*(connection: MemoryConnection, frame: object) {
  connection.receive(frame)
  yield* settle
  yield* pass(1_000)
  return heard(connection)
})

const clear = (...connections: ReadonlyArray<MemoryConnection>) => {
  for (const connection of connections) connection.written.splice(0)
}

const ofType = <T extends ServerFrame["type"]>(frames: ReadonlyArray<ServerFrame>, type: T) =>
  frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type)

const dm = "dm:alice:mallory"

/** Alice has talked with Mallory, shares a group with her, and then blocks her. */
const afterBlock = Effect.gen(function*() {
  const alice = yield* join("alice", "phone")
  const mallory = yield* join("mallory", "phone")
  yield* say(alice, { type: "chat_message", recipient: "mallory", text: "hello", id: "1" })
  yield* say(mallory, { type: "chat_message", recipient: "alice", text: "old words", id: "1" })
  const info = ofType(yield* say(alice, { type: "create_group", name: "tea", members: ["mallory"] }), "group_info")[0]!
  yield* say(mallory, { type: "chat_message", group: info.group, text: "in the group", id: "2" })
  for (const each of [alice, mallory]) {
    yield* say(each, { type: "subscribe_presence", users: [each === alice ? "mallory" : "alice"] })
  }
  yield* say(alice, { type: "received", conversation: dm, up_to: 1 })
  const blocked = yield* say(alice, { type: "block", user: "mallory", id: "b" })
  yield* pass(1_000)
  assert.deepStrictEqual(
    ofType(blocked, "blocked_users").map(({ id, users }) => [id, users]),
    [["b", ["mallory"]]] as never
  )
  clear(alice, mallory)
  return { alice, mallory, group: info.group, groupLog: info.conversation }
})

describe("blocking", () => {
  it.effect("nothing that the blocked one does arrives, and they cannot tell", () =>
    Effect.gen(function*() {
      const { alice, group, mallory } = yield* afterBlock
      const frames: ReadonlyArray<object> = [
        { type: "chat_message", recipient: "alice", text: "secret", id: "m1" },
        { type: "edit_message", recipient: "alice", seq: 2, text: "secret", id: "m2" },
        { type: "react", recipient: "alice", seq: 1, emoji: "🤬", id: "m3" },
        { type: "chat_message", group, text: "secret", id: "m4" },
        { type: "edit_message", group, seq: 2, text: "secret", id: "m5" },
        { type: "react", group, seq: 2, emoji: "🤬", id: "m6" }
      ]
      for (const frame of frames) {
        assert.strictEqual(ofType(yield* say(mallory, frame), "message_accepted").length, 1, JSON.stringify(frame))
      }
      for (
        const frame of [
          { type: "typing", recipient: "alice", active: true },
          { type: "typing", group, active: true },
          { type: "received", conversation: dm, up_to: 2 },
          { type: "read", conversation: dm, up_to: 2 },
          { type: "read", conversation: `group:${group}`, up_to: 2 }
        ]
      ) {
        assert.deepStrictEqual(yield* say(mallory, frame), [], JSON.stringify(frame))
      }
      mallory.vanish()
      yield* settle
      yield* pass(30_000)
      assert.deepStrictEqual(heard(alice), [])
    }).pipe(Effect.provide(actors())))

  it.effect("the one who blocked shows nothing either: no receipts, no typing, no presence", () =>
    Effect.gen(function*() {
      const { alice, group, mallory } = yield* afterBlock
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "are you there?", id: "m1" })
      yield* say(mallory, { type: "chat_message", group, text: "and here?", id: "m2" })
      clear(mallory)
      for (
        const frame of [
          { type: "received", conversation: dm, up_to: 3 },
          { type: "read", conversation: dm, up_to: 3 },
          { type: "read", conversation: `group:${group}`, up_to: 3 },
          { type: "typing", recipient: "mallory", active: true },
          { type: "typing", group, active: true }
        ]
      ) yield* say(alice, frame)
      assert.deepStrictEqual(heard(mallory), [])
      const [item] = ofType(yield* say(mallory, { type: "conversations" }), "conversation_list")[0]!.conversations
      assert.deepStrictEqual([item?.conversation, item?.peer_delivered, item?.peer_read], [dm, 1, 0] as never)
      const list = ofType(yield* say(mallory, { type: "receipts", recipient: "alice" }), "receipt_list")[0]!
      assert.deepStrictEqual(list.receipts.map(({ delivered, read, user }) => [user as string, delivered, read])[0], [
        "alice",
        1,
        0
      ])
      alice.vanish()
      yield* settle
      yield* pass(30_000)
      assert.deepStrictEqual(heard(mallory), [])
    }).pipe(Effect.provide(actors())))

  it.effect("history, unread counts and a new device keep it too, and go on doing so when the block is over", () =>
    Effect.gen(function*() {
      const { alice, group, mallory } = yield* afterBlock
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "m1" })
      yield* say(mallory, { type: "edit_message", recipient: "alice", seq: 2, text: "secret", id: "m2" })
      yield* say(mallory, { type: "chat_message", group, text: "secret", id: "m3" })
      const look = Effect.fnUntraced(function*(connection: MemoryConnection) {
        const dmPage = ofType(yield* say(connection, { type: "history", conversation: dm, after: 0 }), "history_page")
        const groupPage = ofType(yield* say(connection, { type: "history", group, after: 0 }), "history_page")
        const list = ofType(yield* say(connection, { type: "conversations" }), "conversation_list")
        return { dmPage: dmPage[0]!, groupPage: groupPage[0]!, list: list[0]! }
      })
      for (const step of ["blocked", "unblocked"]) {
        if (step === "unblocked") yield* say(alice, { type: "unblock", user: "mallory" })
        const { dmPage, groupPage, list } = yield* look(alice)
        assert.notInclude(JSON.stringify([dmPage, groupPage]), "secret", step)
        // Places stay, so that nobody mistakes them for a gap.
        assert.deepStrictEqual(dmPage.messages.map(({ seq }) => seq), [1, 2, 3, 4])
        // Nobody takes for deleted what is only hidden.
        const hidden = dmPage.messages.flatMap((entry) =>
          entry.kind === "text" && entry.hidden === true ? [entry.seq] : []
        )
        assert.deepStrictEqual(hidden, [2, 3, 4])
        assert.deepStrictEqual(list.conversations.map(({ unread }) => unread), [1, 1], step)
        const fresh = yield* join("alice", `new-${step}`)
        yield* pass(1_000)
        assert.notInclude(JSON.stringify(fresh.written), "secret", step)
        assert.include(JSON.stringify(fresh.written), "hello", step)
      }
      clear(alice)
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "peace", id: "m9" })
      assert.deepStrictEqual(ofType(alice.written, "incoming_message").map(({ text }) => text), ["peace"])
    }).pipe(Effect.provide(actors())))

  it.effect("a device that has only such messages to catch up with is not behind for ever", () =>
    Effect.gen(function*() {
      const { alice, mallory } = yield* afterBlock
      yield* say(alice, { type: "received", conversation: dm, up_to: 2 })
      alice.vanish()
      yield* settle
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "m1" })
      const again = yield* join("alice", "phone")
      yield* pass(2_000)
      const [list] = ofType(yield* say(again, { type: "conversations" }), "conversation_list")
      const item = list!.conversations.find(({ conversation }) => conversation === dm)
      assert.deepStrictEqual([item?.head_seq, item?.received, item?.unread], [3, 3, 1])
    }).pipe(Effect.provide(actors())))

  it.effect("neither can put the other into a group, and it looks like any other refusal", () =>
    Effect.gen(function*() {
      const { alice, mallory } = yield* afterBlock
      const refusals = []
      for (const [who, other] of [[alice, "mallory"], [mallory, "alice"]] as const) {
        const [error] = ofType(yield* say(who, { type: "create_group", name: "x", members: [other, "bob"] }), "error")
        refusals.push([error?.code, error?.message])
      }
      assert.strictEqual(refusals[0]?.[0], "forbidden")
      assert.deepStrictEqual(refusals[0], refusals[1])
    }).pipe(Effect.provide(actors())))

  it.effect("all connections of a user know of the block, also those that come later", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice", "phone")
      const web = yield* join("alice", "web")
      const mallory = yield* join("mallory")
      yield* say(alice, { type: "block", user: "mallory" })
      const late = yield* join("alice", "tablet")
      clear(alice, web, late)
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "1" })
      assert.deepStrictEqual([heard(alice), heard(web), heard(late)], [[], [], []])
      const [list] = ofType(yield* say(late, { type: "blocked_users" }), "blocked_users")
      assert.deepStrictEqual(list?.users as ReadonlyArray<string>, ["mallory"])
    }).pipe(Effect.provide(actors())))

  it.effect("neither sees how far the other comes while there is a block, in any answer and not live", () =>
    Effect.gen(function*() {
      const { alice, group, mallory } = yield* afterBlock
      yield* say(alice, { type: "chat_message", recipient: "mallory", text: "read this", id: "a1" })
      clear(alice)
      yield* say(mallory, { type: "read", conversation: dm, up_to: 3 })
      yield* say(mallory, { type: "read", conversation: `group:${group}`, up_to: 2 })
      assert.deepStrictEqual(heard(alice), [])
      const positions = Effect.fnUntraced(function*() {
        const [list] = ofType(yield* say(alice, { type: "conversations" }), "conversation_list")
        const item = list!.conversations.find(({ conversation }) => conversation === dm)
        const [direct] = ofType(yield* say(alice, { type: "receipts", recipient: "mallory" }), "receipt_list")
        const [inGroup] = ofType(yield* say(alice, { type: "receipts", group }), "receipt_list")
        const of = (list: typeof direct) => list!.receipts.find(({ user }) => user === "mallory")!.read
        return [item?.peer_read, of(direct), of(inGroup)]
      })
      assert.deepStrictEqual(yield* positions(), [0, 0, 0])
      yield* say(alice, { type: "unblock", user: "mallory" })
      assert.deepStrictEqual(yield* positions(), [3, 3, 2])
    }).pipe(Effect.provide(actors())))

  it.effect("P7 what is known of a user's blocks goes with their last connection", () =>
    Effect.gen(function*() {
      const lists = yield* BlockLists
      const phone = yield* join("alice", "phone")
      const web = yield* join("alice", "web")
      yield* say(phone, { type: "block", user: "mallory" })
      assert.strictEqual(yield* lists.size, 1)
      phone.vanish()
      yield* settle
      assert.strictEqual(yield* lists.size, 1)
      web.vanish()
      yield* settle
      assert.strictEqual(yield* lists.size, 0)
    }).pipe(Effect.provide(actors())))

  it.effect("at most 1,000 names at a time", () =>
    Effect.gen(function*() {
      const alice = yield* join("alice")
      for (let i = 0; i < 1_000; i++) alice.receive({ type: "block", user: `u${i}` })
      yield* settle
      clear(alice)
      assert.deepStrictEqual(
        ofType(yield* say(alice, { type: "block", user: "one-more", id: "1" }), "error").map(({ code }) => code),
        ["forbidden"]
      )
      assert.strictEqual(
        ofType(yield* say(alice, { type: "block", user: "u7" }), "blocked_users")[0]?.users.length,
        1_000
      )
      yield* say(alice, { type: "unblock", user: "u7" })
      const [list] = ofType(yield* say(alice, { type: "block", user: "one-more" }), "blocked_users")
      assert.include(list?.users as ReadonlyArray<string>, "one-more")
    }).pipe(Effect.provide(actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))))
})

/** A store whose blocks are read and changed when the test lets them. */
const slowBlocks = Effect.gen(function*() {
  const real = Context.get(yield* Layer.build(Layer.fresh(MemoryMessageStore.layer())), MessageStore)
  const gates: Array<Deferred.Deferred<void, StoreError>> = []
  const gated = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.gen(function*() {
      if (!store.isSlow) return yield* effect
      const gate = yield* Deferred.make<void, StoreError>()
      gates.push(gate)
      yield* Deferred.await(gate)
      return yield* effect
    })
  const store = {
    isSlow: false,
    gates,
    layer: Layer.succeed(MessageStore, {
      ...real,
      blocks: (user) => gated(real.blocks(user)),
      setBlock: (...change) => gated(real.setBlock(...change))
    })
  }
  return store
})

describe("blocks in a slow store", () => {
  it.effect("a block holds from the moment it is accepted, and what it kept back is told when it fails", () =>
    Effect.gen(function*() {
      const store = yield* slowBlocks
      yield* Effect.gen(function*() {
        const alice = yield* join("alice", "phone")
        const mallory = yield* join("mallory")
        yield* say(mallory, { type: "chat_message", recipient: "alice", text: "hello", id: "1" })
        yield* say(alice, { type: "received", conversation: dm, up_to: 1 })
        clear(alice)
        store.isSlow = true
        for (const outcome of ["kept", "failed"] as const) {
          alice.receive({ type: "block", user: "mallory", id: outcome })
          yield* settle
          yield* say(mallory, { type: "chat_message", recipient: "alice", text: outcome, id: outcome })
          assert.deepStrictEqual(heard(alice), [])
          const error = new StoreError({ kind: "unavailable", message: "away" })
          store.isSlow = false
          Deferred.doneUnsafe(store.gates.splice(0)[0]!, outcome === "kept" ? Effect.void : Effect.fail(error))
          yield* settle
          yield* pass(1_000)
          const told = heard(alice).map((frame) => frame.type === "incoming_message" ? frame.text : frame.type)
          assert.deepStrictEqual(told, outcome === "kept" ? ["blocked_users"] : ["error", "failed"])
          yield* say(alice, { type: "unblock", user: "mallory" })
          store.isSlow = true
        }
      }).pipe(Effect.provide(actors({}, store.layer)))
    }))

  it.effect("of two devices at once, all connections have what the store has", () =>
    Effect.gen(function*() {
      const store = yield* slowBlocks
      yield* Effect.gen(function*() {
        const alice = yield* join("alice", "phone")
        const web = yield* join("alice", "web")
        store.isSlow = true
        alice.receive({ type: "block", user: "mallory" })
        web.receive({ type: "unblock", user: "mallory" })
        alice.receive({ type: "block", user: "bob" })
        yield* settle
        // One after the other, in the order in which they came.
        for (let i = 0; i < 3; i++) {
          assert.strictEqual(store.gates.length, 1)
          Deferred.doneUnsafe(store.gates.splice(0)[0]!, Effect.void)
          yield* settle
        }
        store.isSlow = false
        const lists = [alice, web].map((each) => ofType(heard(each), "blocked_users").map(({ users }) => users))
        assert.deepStrictEqual(lists as never, [[["mallory"], ["bob"]], [[]]])
        const [list] = ofType(yield* say(web, { type: "blocked_users" }), "blocked_users")
        assert.deepStrictEqual(list?.users as ReadonlyArray<string>, ["bob"])
      }).pipe(Effect.provide(actors({}, store.layer)))
    }))

  it.effect("nothing passes before they are read: not live, not in history, no receipt, no typing", () =>
    Effect.gen(function*() {
      const store = yield* slowBlocks
      yield* Effect.gen(function*() {
        const first = yield* join("alice", "phone")
        const mallory = yield* join("mallory", "phone")
        yield* say(mallory, { type: "chat_message", recipient: "alice", text: "hello", id: "1" })
        yield* say(first, { type: "chat_message", recipient: "mallory", text: "hello", id: "1" })
        yield* say(first, { type: "block", user: "mallory" })
        yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "2" })
        first.vanish()
        yield* settle
        store.isSlow = true
        const again = yield* join("alice", "web")
        yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret too", id: "3" })
        yield* say(mallory, { type: "read", conversation: dm, up_to: 2 })
        yield* say(mallory, { type: "typing", recipient: "alice", active: true })
        again.receive({ type: "history", recipient: "mallory", after: 0 })
        yield* settle
        assert.deepStrictEqual(heard(again).map(({ type }) => type), ["welcome"])
        store.isSlow = false
        for (const gate of store.gates.splice(0)) Deferred.doneUnsafe(gate, Effect.void)
        yield* settle
        yield* pass(2_000)
        const told = heard(again)
        assert.notInclude(JSON.stringify(told), "secret")
        assert.include(JSON.stringify(told), "hello")
        assert.deepStrictEqual(ofType(told, "receipt").filter(({ user }) => user === "mallory"), [])
        assert.deepStrictEqual(ofType(told, "history_page")[0]?.messages.map(({ seq }) => seq), [1, 2, 3, 4])
      }).pipe(Effect.provide(actors({}, store.layer)))
    }))
})
