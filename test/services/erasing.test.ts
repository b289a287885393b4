/** P8: an erasure beside the server, and whoever has the name next. On every store, through the actors. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as CloseCode from "../../src/domain/CloseCode.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { graceMillis } from "../../src/services/presence/Presence.ts"
import { Erasures } from "../../src/services/server/Erasures.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { actors, settle, startUser } from "../support/actors.ts"
import type { MemoryConnection } from "../support/MemoryConnection.ts"
import { stores } from "../support/stores.ts"
import { until } from "../support/until.ts"

const bob = UserId.make("bob")
const direct = Conversation.direct(UserId.make("alice"), bob)

type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { readonly type: T }>

let asked = 0

const waitFor = <T extends ServerFrame["type"]>(
  { written }: MemoryConnection,
  type: T,
  matches: (frame: FrameOf<T>) => boolean = () => true
) => {
  const find = () => written.find((frame): frame is FrameOf<T> => frame.type === type && matches(frame as FrameOf<T>))
  return Effect.map(until(Effect.sync(() => find() !== undefined)), () => find()!)
}

/** The answer to a frame, whatever it is. */
const ask = Effect.fnUntraced(function*(connection: MemoryConnection, frame: object) {
  const id = `ask-${asked++}`
  connection.receive({ id, ...frame })
  const find = () => connection.written.find((each) => "id" in each && each.id === id)
  yield* until(Effect.sync(() => find() !== undefined))
  return find()!
})

const codeOf = (connection: MemoryConnection, frame: object) =>
  Effect.map(ask(connection, frame), (answer) => answer.type === "error" ? answer.code : answer.type)

const come = Effect.fnUntraced(function*(user: string) {
  const { connection } = yield* startUser(user, { level: "v1", device: "phone" })
  yield* waitFor(connection, "welcome")
  return connection
})

const say = (connection: MemoryConnection, recipient: string, text: string) =>
  Effect.map(ask(connection, { type: "chat_message", recipient, text }), (frame) => {
    assert.strictEqual(frame.type, "message_accepted")
  })

const erase = (user: UserId) => Effect.flatMap(MessageStore, (store) => store.eraseUser(user))

for (const [name, store] of stores("erasing")) {
  describe(`erasing, ${name}`, () => {
    const server = actors({}, Layer.orDie(store))

    it.live("P8 whoever has the name next finds nothing from before, by any frame", () =>
      Effect.gen(function*() {
        const alice = yield* come("alice")
        const old = yield* come("bob")
        yield* say(alice, "bob", "to the old one")
        yield* say(old, "alice", "from the old one")
        yield* ask(alice, { type: "react", recipient: "bob", seq: 2, emoji: "👍" })
        alice.receive({ type: "read", conversation: direct, up_to: 2 })
        yield* waitFor(old, "receipt", ({ read }) => read === 2)
        yield* erase(bob)
        yield* (yield* Erasures).look
        assert.strictEqual(old.closedWith, CloseCode.Kicked)

        const looksEmpty = Effect.fnUntraced(function*(bob: MemoryConnection) {
          for (const where of [{ after: 0 }, { before: 100 }, { after: 2 }]) {
            const page = yield* ask(bob, { type: "history", recipient: "alice", ...where })
            assert.ok(page.type === "history_page")
            assert.deepStrictEqual([page.messages, page.has_more, page.first_seq, page.head_seq], [[], false, 0, 0])
          }
          const list = yield* ask(bob, { type: "conversations" })
          assert.deepStrictEqual(list.type === "conversation_list" && list.conversations, [])
          const receipts = yield* ask(bob, { type: "receipts", recipient: "alice" })
          assert.deepStrictEqual(receipts.type === "receipt_list" && receipts.receipts, [])
          for (const seq of [1, 2]) {
            assert.deepStrictEqual(
              [
                yield* codeOf(bob, { type: "react", recipient: "alice", seq, emoji: "👍" }),
                yield* codeOf(bob, { type: "chat_message", recipient: "alice", text: "re", reply_to: seq }),
                yield* codeOf(bob, { type: "edit_message", recipient: "alice", seq, text: "mine" }),
                yield* codeOf(bob, { type: "delete_message", recipient: "alice", seq }),
                yield* codeOf(bob, { type: "received", conversation: direct, up_to: seq }),
                yield* codeOf(bob, { type: "read", conversation: direct, up_to: seq })
              ],
              ["not_found", "not_found", "not_found", "not_found", "not_found", "not_found"]
            )
          }
          assert.deepStrictEqual(bob.written.filter(({ type }) => type === "incoming_message"), [])
        })
        const next = yield* come("bob")
        yield* looksEmpty(next)
        yield* say(alice, "bob", "to the new one")
        const message = yield* waitFor(next, "incoming_message")
        assert.deepStrictEqual([message.seq, message.text], [4, "to the new one"])
        const page = yield* ask(next, { type: "history", recipient: "alice", before: 100 })
        assert.ok(page.type === "history_page")
        assert.deepStrictEqual([page.messages.map(({ seq }) => seq), page.has_more, page.first_seq], [[4], false, 4])
        assert.strictEqual(yield* codeOf(next, { type: "react", recipient: "alice", seq: 1, emoji: "👍" }), "not_found")
        // On another device as well: the backlog begins with the name.
        next.vanish()
        const { connection } = yield* startUser("bob", { level: "v1", device: "tablet" })
        assert.strictEqual((yield* waitFor(connection, "incoming_message")).seq, 4)
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(server))))

    it.live("P8 beside the server: connections are closed, the group goes on without them, and everybody hears why", () =>
      Effect.gen(function*() {
        const [alice, old, carol] = [yield* come("alice"), yield* come("bob"), yield* come("carol")]
        const info = yield* ask(old, { type: "create_group", name: "tea", members: ["alice", "carol"] })
        assert.ok(info.type === "group_info")
        const { group } = info
        yield* ask(alice, { type: "chat_message", group, text: "hello" })
        yield* waitFor(old, "incoming_message")
        yield* erase(bob)
        // No longer than a moment, by itself.
        yield* until(Effect.sync(() => old.closedWith === CloseCode.Kicked))
        for (const member of [alice, carol]) {
          const owner = yield* waitFor(member, "group_changed", ({ change }) => change.action === "role_set")
          assert.deepStrictEqual(owner.change, { action: "role_set", user: UserId.make("alice"), role: "owner" })
          yield* waitFor(member, "group_changed", ({ change }) => change.action === "left")
        }
        const next = yield* come("bob")
        yield* ask(alice, { type: "chat_message", group, text: "without bob" })
        yield* waitFor(carol, "incoming_message", ({ text }) => text === "without bob")
        assert.strictEqual(yield* codeOf(next, { type: "group_info", group }), "not_found")
        assert.strictEqual(yield* codeOf(next, { type: "history", group, after: 0 }), "not_found")
        assert.strictEqual(yield* codeOf(next, { type: "chat_message", group, text: "?" }), "not_found")
        assert.deepStrictEqual(next.written.filter(({ type }) => type === "incoming_message"), [])
        assert.strictEqual(yield* codeOf(alice, { type: "add_members", group, members: ["bob"] }), "group_info")
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(server))))
  })
}

describe("erasing", () => {
  const [, memory] = stores("erasing")[0]!

  it.effect("P7 nothing is remembered of an erased user who was here, or a moment ago", () =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      const join = Effect.fnUntraced(function*(user: string) {
        const { connection } = yield* startUser(user, { level: "v1", device: "phone" })
        yield* settle
        return connection
      })
      const alice = yield* join("alice")
      const here = yield* join("bob")
      const gone = yield* join("carol")
      gone.vanish()
      yield* settle
      for (const user of [bob, UserId.make("carol")]) yield* store.eraseUser(user)
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.strictEqual(here.closedWith, CloseCode.Kicked)
      yield* TestClock.adjust(graceMillis + 10_000)
      yield* settle
      assert.deepStrictEqual(yield* store.lastSeen([bob, UserId.make("carol")]), [])
      assert.deepStrictEqual([alice.closedWith, yield* (yield* ServerActor).connections], [undefined, 1])
    }).pipe(Effect.provide(actors({}, Layer.orDie(memory)))))

  it.effect("a server that starts lets nobody go for what was erased before", () =>
    Effect.gen(function*() {
      const store = yield* MessageStore
      yield* store.eraseUser(bob)
      yield* Effect.gen(function*() {
        const { connection } = yield* startUser("bob")
        yield* TestClock.adjust("5 seconds")
        yield* settle
        assert.strictEqual(connection.closedWith, undefined)
      }).pipe(Effect.provide(actors({}, Layer.succeed(MessageStore, store))))
    }).pipe(Effect.provide(Layer.orDie(memory))))
})
