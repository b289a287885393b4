/** Nothing crosses a block: for every frame type that could leak, in both directions. */
import { assert, describe } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { StoreError } from "../../src/services/storage/MessageStore.ts"
import { BlockLists } from "../../src/services/user/Blocks.ts"
import { actors, join, pass, settle, story } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { memoryWith } from "../support/stores.ts"

/** What the client was told since the last time, but for the heartbeat. */
const heard = (connection: MemoryConnection) => connection.take().filter(({ type }) => type !== "ping")

/** Says it, lets cursors be written, and returns what the client was told since. */
const say = Effect.fnUntraced(function*(connection: MemoryConnection, frame: object) {
  yield* connection.says(frame)
  yield* pass(1_000)
  return heard(connection)
})

const dm = "dm:alice:mallory"

/** Alice has talked with Mallory, shares a group with her, and then blocks her. */
const afterBlock = Effect.gen(function*() {
  const alice = yield* join("alice", "phone")
  const mallory = yield* join("mallory", "phone")
  yield* say(alice, { type: "chat_message", recipient: "mallory", text: "hello", id: "1" })
  yield* say(mallory, { type: "chat_message", recipient: "alice", text: "old words", id: "1" })
  const info = yield* alice.ask({ type: "create_group", name: "tea", members: ["mallory"] }, "group_info")
  yield* say(mallory, { type: "chat_message", group: info.group, text: "in the group", id: "2" })
  for (const each of [alice, mallory]) {
    yield* say(each, { type: "subscribe_presence", users: [each === alice ? "mallory" : "alice"] })
  }
  yield* say(alice, { type: "received", conversation: dm, up_to: 1 })
  const blocked = yield* alice.ask({ type: "block", user: "mallory", id: "b" }, "blocked_users")
  yield* pass(2_000)
  assert.deepStrictEqual<unknown>([blocked.id, blocked.users], ["b", ["mallory"]])
  for (const each of [alice, mallory]) each.take()
  return { alice, mallory, group: info.group, groupLog: info.conversation }
})

describe("blocking", () => {
  story("nothing that the blocked one does arrives, and they cannot tell", function*() {
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
      yield* mallory.ask(frame, "message_accepted")
      yield* pass(1_000)
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
    yield* mallory.gone
    yield* pass(30_000)
    assert.deepStrictEqual(heard(alice), [])
  })

  story("the one who blocked shows nothing either: no receipts, no typing, no presence", function*() {
    const { alice, group, mallory } = yield* afterBlock
    yield* say(mallory, { type: "chat_message", recipient: "alice", text: "are you there?", id: "m1" })
    yield* say(mallory, { type: "chat_message", group, text: "and here?", id: "m2" })
    mallory.take()
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
    const [item] = (yield* mallory.ask({ type: "conversations" }, "conversation_list")).conversations
    assert.deepStrictEqual<unknown>([item?.conversation, item?.peer_delivered, item?.peer_read], [dm, 1, 0])
    const list = yield* mallory.ask({ type: "receipts", recipient: "alice" }, "receipt_list")
    assert.deepStrictEqual(list.receipts.map(({ delivered, read, user }) => [user as string, delivered, read])[0], [
      "alice",
      1,
      0
    ])
    yield* alice.gone
    yield* pass(30_000)
    assert.deepStrictEqual(heard(mallory), [])
  })

  story("history, unread counts and a new device keep it too, and go on doing so when the block is over", function*() {
    const { alice, group, mallory } = yield* afterBlock
    yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "m1" })
    yield* say(mallory, { type: "edit_message", recipient: "alice", seq: 2, text: "secret", id: "m2" })
    yield* say(mallory, { type: "chat_message", group, text: "secret", id: "m3" })
    const look = Effect.fnUntraced(function*(connection: MemoryConnection) {
      const dmPage = yield* connection.ask({ type: "history", conversation: dm, after: 0 }, "history_page")
      const groupPage = yield* connection.ask({ type: "history", group, after: 0 }, "history_page")
      const list = yield* connection.ask({ type: "conversations" }, "conversation_list")
      return { dmPage, groupPage, list }
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
      assert.notInclude(JSON.stringify(fresh.heard), "secret", step)
      assert.include(JSON.stringify(fresh.heard), "hello", step)
    }
    alice.take()
    yield* say(mallory, { type: "chat_message", recipient: "alice", text: "peace", id: "m9" })
    assert.deepStrictEqual(alice.texts, ["old words", "in the group", "peace"])
  })

  story("a device that has only such messages to catch up with is not behind for ever", function*() {
    const { alice, mallory } = yield* afterBlock
    yield* say(alice, { type: "received", conversation: dm, up_to: 2 })
    yield* alice.gone
    yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "m1" })
    const again = yield* join("alice", "phone")
    yield* pass(2_000)
    const list = yield* again.ask({ type: "conversations" }, "conversation_list")
    const item = list!.conversations.find(({ conversation }) => conversation === dm)
    assert.deepStrictEqual([item?.head_seq, item?.received, item?.unread], [3, 3, 1])
  })

  story("neither can put the other into a group, and it looks like any other refusal", function*() {
    const { alice, mallory } = yield* afterBlock
    const refusals = []
    for (const [who, other] of [[alice, "mallory"], [mallory, "alice"]] as const) {
      const error = yield* who.ask({ type: "create_group", name: "x", members: [other, "bob"] }, "error")
      refusals.push([error?.code, error?.message])
    }
    assert.strictEqual(refusals[0]?.[0], "forbidden")
    assert.deepStrictEqual(refusals[0], refusals[1])
  })

  story("all connections of a user know of the block, also those that come later", function*() {
    const alice = yield* join("alice", "phone")
    const web = yield* join("alice", "web")
    const mallory = yield* join("mallory")
    yield* say(alice, { type: "block", user: "mallory" })
    const late = yield* join("alice", "tablet")
    for (const each of [alice, web, late]) each.take()
    yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "1" })
    assert.deepStrictEqual([heard(alice), heard(web), heard(late)], [[], [], []])
    const list = yield* late.ask({ type: "blocked_users" }, "blocked_users")
    assert.deepStrictEqual(list?.users as ReadonlyArray<string>, ["mallory"])
  })

  story("neither sees how far the other comes while there is a block, in any answer and not live", function*() {
    const { alice, group, mallory } = yield* afterBlock
    yield* say(alice, { type: "chat_message", recipient: "mallory", text: "read this", id: "a1" })
    alice.take()
    yield* say(mallory, { type: "read", conversation: dm, up_to: 3 })
    yield* say(mallory, { type: "read", conversation: `group:${group}`, up_to: 2 })
    assert.deepStrictEqual(heard(alice), [])
    const positions = Effect.fnUntraced(function*() {
      const list = yield* alice.ask({ type: "conversations" }, "conversation_list")
      const item = list!.conversations.find(({ conversation }) => conversation === dm)
      const direct = yield* alice.ask({ type: "receipts", recipient: "mallory" }, "receipt_list")
      const inGroup = yield* alice.ask({ type: "receipts", group }, "receipt_list")
      const of = (list: typeof direct) => list!.receipts.find(({ user }) => user === "mallory")!.read
      return [item?.peer_read, of(direct), of(inGroup)]
    })
    assert.deepStrictEqual(yield* positions(), [0, 0, 0])
    yield* say(alice, { type: "unblock", user: "mallory" })
    assert.deepStrictEqual(yield* positions(), [3, 3, 2])
  })

  story("P7 what is known of a user's blocks goes with their last connection", function*() {
    const lists = yield* BlockLists
    const phone = yield* join("alice", "phone")
    const web = yield* join("alice", "web")
    yield* say(phone, { type: "block", user: "mallory" })
    assert.strictEqual(yield* lists.size, 1)
    // Of two servers each knows it for its own.
    yield* web.gone
    assert.strictEqual(yield* lists.size, 1)
    yield* phone.gone
    assert.strictEqual(yield* lists.size, 0)
  })

  story("at most 1,000 names at a time", function*() {
    const alice = yield* join("alice")
    for (let i = 0; i < 1_000; i++) alice.send({ type: "block", user: `u${i}` })
    yield* settle
    alice.take()
    assert.strictEqual(yield* alice.code({ type: "block", user: "one-more", id: "1" }), "forbidden")
    assert.strictEqual((yield* alice.ask({ type: "block", user: "u7" }, "blocked_users"))?.users.length, 1_000)
    yield* say(alice, { type: "unblock", user: "u7" })
    const list = yield* alice.ask({ type: "block", user: "one-more" }, "blocked_users")
    assert.include(list?.users as ReadonlyArray<string>, "one-more")
  }, actors({ maxMessagesPerSecond: 0, maxMessagesPerSecondPerUser: 0 }))
})

/** A store whose blocks are read and changed when the test lets them. */
const slowBlocks = () => {
  const gates: Array<Deferred.Deferred<void, StoreError>> = []
  const gated = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      if (!store.isSlow) return effect
      const gate = Deferred.makeUnsafe<void, StoreError>()
      gates.push(gate)
      return Effect.andThen(Deferred.await(gate), effect)
    })
  const layer = memoryWith(({ blocks, setBlock }) => ({
    blocks: (user) => gated(blocks(user)),
    setBlock: (...change) => gated(setBlock(...change))
  }))
  const store = { isSlow: false, gates, layer }
  return store
}

describe("blocks in a slow store", () => {
  {
    const store = slowBlocks()
    story("a block holds from the moment it is accepted, and what it kept back is told when it fails", function*() {
      const alice = yield* join("alice", "phone")
      const mallory = yield* join("mallory")
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "hello", id: "1" })
      yield* say(alice, { type: "received", conversation: dm, up_to: 1 })
      alice.take()
      store.isSlow = true
      for (const outcome of ["kept", "failed"] as const) {
        yield* alice.says({ type: "block", user: "mallory", id: outcome })
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
    }, actors({}, store.layer))
  }

  {
    const store = slowBlocks()
    story("of two devices at once, all connections have what the store has", function*() {
      const alice = yield* join("alice", "phone")
      const web = yield* join("alice", "web")
      store.isSlow = true
      alice.send({ type: "block", user: "mallory" })
      web.send({ type: "unblock", user: "mallory" })
      yield* alice.says({ type: "block", user: "bob" })
      // One after the other, in the order in which they came.
      for (let i = 0; i < 3; i++) {
        assert.strictEqual(store.gates.length, 1)
        Deferred.doneUnsafe(store.gates.splice(0)[0]!, Effect.void)
        yield* settle
      }
      store.isSlow = false
      const lists = [alice, web].map((each) => each.all("blocked_users").map(({ users }) => users))
      assert.deepStrictEqual<unknown>(lists, [[["mallory"], ["bob"]], [[]]])
      const list = yield* web.ask({ type: "blocked_users" }, "blocked_users")
      assert.deepStrictEqual(list?.users as ReadonlyArray<string>, ["bob"])
    }, actors({}, store.layer))
  }

  {
    const store = slowBlocks()
    story("nothing passes before they are read: not live, not in history, no receipt, no typing", function*() {
      const first = yield* join("alice", "phone")
      const mallory = yield* join("mallory", "phone")
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "hello", id: "1" })
      yield* say(first, { type: "chat_message", recipient: "mallory", text: "hello", id: "1" })
      yield* say(first, { type: "block", user: "mallory" })
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret", id: "2" })
      yield* first.gone
      store.isSlow = true
      const again = yield* join("alice", "web")
      yield* say(mallory, { type: "chat_message", recipient: "alice", text: "secret too", id: "3" })
      yield* say(mallory, { type: "read", conversation: dm, up_to: 2 })
      yield* say(mallory, { type: "typing", recipient: "alice", active: true })
      yield* again.says({ type: "history", recipient: "mallory", after: 0 })
      assert.deepStrictEqual(heard(again), [])
      store.isSlow = false
      for (const gate of store.gates.splice(0)) Deferred.doneUnsafe(gate, Effect.void)
      yield* settle
      yield* pass(2_000)
      const told = heard(again)
      assert.notInclude(JSON.stringify(told), "secret")
      assert.include(JSON.stringify(told), "hello")
      assert.deepStrictEqual(again.all("receipt").filter(({ user }) => user === "mallory"), [])
      assert.deepStrictEqual(again.all("history_page")[0]?.messages.map(({ seq }) => seq), [1, 2, 3, 4])
    }, actors({}, store.layer))
  }
})
