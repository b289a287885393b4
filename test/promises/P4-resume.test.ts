/** P3, P4, P5: what a client has after it comes back, on every store and over real sockets. */
import { assert, describe } from "@effect/vitest"
import { Array, Effect, type Layer } from "effect"
import type { MessageStore, StoreError } from "../../src/services/storage/MessageStore.ts"
import { includes } from "../support/includes.ts"
import { stores } from "../support/stores.ts"
import { connect, roundTrip, type TestClient } from "../support/TestClient.ts"
import { served } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const conversation = "dm:alice:bob"

const chat = (text: string, id?: string) => ({
  type: "chat_message",
  recipient: "bob",
  text,
  ...(id === undefined ? {} : { id })
})

/** Sends and waits until all of it is committed. */
const say = Effect.fnUntraced(function*(client: TestClient, ...texts: ReadonlyArray<string>) {
  for (const text of texts.slice(0, -1)) client.send(chat(text))
  client.send(chat(texts.at(-1)!, `last of ${texts.length}: ${texts.at(-1)}`))
  yield* client.waitFor("message_accepted")
})

const take = (client: TestClient, count: number) => Effect.replicateEffect(client.waitFor("incoming_message"), count)

/** A round trip through the server and the store, by which nothing of the conversation has come. */
const quiet = Effect.fnUntraced(function*(client: TestClient) {
  const before = client.seqs.length
  yield* client.ask({ type: "conversations" }, "conversation_list")
  yield* roundTrip(client)
  assert.strictEqual(client.seqs.length, before)
})

const suite = (name: string, store: Layer.Layer<MessageStore, StoreError>) =>
  describe(name, () => {
    served("P4 a message for somebody who is away is there when they come, once", function*(port) {
      const alice = yield* connect({ port, user: "alice" })
      yield* say(alice, "one", "two", "three")
      yield* Effect.scoped(Effect.gen(function*() {
        const bob = yield* connect({ port, user: "bob" })
        assert.deepStrictEqual((yield* take(bob, 3)).map((m) => [m.text, m.seq]), [["one", 1], ["two", 2], [
          "three",
          3
        ]])
        bob.close()
        yield* bob.closed
      }))
      // The cursor is written in passing; the list shows when it is.
      const delivered = Effect.gen(function*() {
        alice.send({ type: "conversations" })
        return (yield* alice.waitFor("conversation_list")).conversations[0]?.peer_delivered === 3
      })
      yield* until(delivered)
      yield* say(alice, "four")
      // What the socket of the plain client took counts as received; only the fourth is new.
      const again = yield* connect({ port, user: "bob" })
      assert.strictEqual((yield* again.waitFor("incoming_message")).seq, 4)
      yield* quiet(again)
    }, { store })

    served("P3 a retry gets the same answer with duplicate, another text gets id_conflict", function*(port) {
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const first = yield* alice.ask(chat("hello", "1"), "message_accepted")
      alice.send(chat("hello", "1"))
      assert.deepStrictEqual(yield* alice.waitFor("message_accepted"), { ...first, duplicate: true })
      alice.send(chat("other", "1"))
      const { code, id } = yield* alice.waitFor("error")
      assert.deepStrictEqual([code, id], ["id_conflict", "1"])
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      yield* bob.expect("incoming_message")
      yield* quiet(bob)
    }, { store })

    served(
      "P4 exactly what a device has not confirmed is pushed again; each device has its own cursor",
      function*(port) {
        const alice = yield* connect({ port, user: "alice" })
        const receipts = yield* connect({ port, user: "alice", level: "v1", device: "watcher" })
        yield* say(alice, ...Array.range(1, 10).map((i) => `${i}`))
        yield* Effect.scoped(Effect.gen(function*() {
          const phone = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
          yield* take(phone, 10)
          phone.send({ type: "received", conversation, up_to: 7 })
          // The receipt tells that the cursor is in the store.
          const receipt = yield* receipts.waitFor("receipt")
          includes(receipt, { conversation, user: "bob", delivered: 7, read: 0 })
        }))
        const phone = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
        assert.deepStrictEqual((yield* take(phone, 3)).map((m) => m.seq), [8, 9, 10])
        const tablet = yield* connect({ port, user: "bob", level: "v1", device: "tablet" })
        assert.deepStrictEqual((yield* take(tablet, 10)).map((m) => m.seq), Array.range(1, 10))
      },
      { store }
    )

    served("P5 no gap and no reorder while others keep sending", function*(port) {
      const alice = yield* connect({ port, user: "alice" })
      yield* say(alice, ...Array.range(1, 300).map((i) => `backlog ${i}`))
      for (let i = 0; i < 100; i++) alice.send(chat(`before ${i}`))
      const bob = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
      for (let i = 0; i < 400; i++) alice.send(chat(`during ${i}`))
      const got = (yield* take(bob, 800)).map((m) => m.seq)
      assert.deepStrictEqual(got, Array.range(1, 800))
      yield* quiet(bob)
    }, { store })

    served("edits, deletes and reactions reach every device, also after a reconnect", function*(port) {
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const bob = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
      const command = Effect.fnUntraced(function*(frame: object) {
        alice.send({ ...frame, recipient: "bob", id: JSON.stringify(frame).slice(0, 60) })
        return yield* alice.waitFor("message_accepted")
      })
      yield* command({ type: "chat_message", text: "helo" })
      yield* command({ type: "chat_message", text: "secret" })
      yield* command({ type: "edit_message", seq: 1, text: "hello" })
      yield* command({ type: "delete_message", seq: 2 })
      bob.send({ type: "react", recipient: "alice", seq: 1, emoji: "👋" })
      const types = ["incoming_message", "incoming_message", "message_edited", "message_deleted", "reaction"]
      assert.deepStrictEqual(
        [yield* bob.next, yield* bob.next, yield* bob.next, yield* bob.next].map((f) => f.type),
        types.slice(0, 4)
      )
      includes(yield* alice.waitFor("reaction"), { target: 1, emoji: "👋", sender: "bob", seq: 5 })
      const fresh = yield* connect({ port, user: "bob", level: "v1", device: "new" })
      const frames = [yield* fresh.next, yield* fresh.next, yield* fresh.next, yield* fresh.next, yield* fresh.next]
      assert.deepStrictEqual(frames.map((f) => f.type), types)
      includes(frames[0], { text: "hello", seq: 1 })
      includes(frames[1], { text: "", deleted: true, seq: 2 })
      assert.notInclude(JSON.stringify(frames), "secret")
    }, { store })

    served("history in both directions, the list of conversations, and what may not be asked", function*(port) {
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      yield* say(alice, ...Array.range(1, 120).map((i) => `${i}`))
      const page = Effect.fnUntraced(function*(more: object) {
        alice.send({ type: "history", id: "h", recipient: "bob", ...more })
        const answer = yield* alice.next
        return answer.type === "history_page"
          ? [answer.messages.map((m) => m.seq), answer.has_more]
          : answer.type === "error"
          ? answer.code
          : answer.type
      })
      assert.deepStrictEqual(yield* page({ after: 0, limit: 2 }), [[1, 2], true])
      assert.deepStrictEqual(yield* page({ before: 3, limit: 100 }), [[1, 2], false])
      assert.deepStrictEqual(yield* page({ before: 1_000_000 }), [Array.range(71, 120), true])
      for (
        const bad of [{}, { before: 1, after: 1 }, { after: 0, limit: 0 }, { after: 0, limit: 1_000_000 }, {
          after: -1
        }]
      ) {
        assert.strictEqual(yield* page(bad), "invalid_frame", JSON.stringify(bad))
      }
      const bob = yield* connect({ port, user: "bob", level: "v1", device: "x" })
      yield* take(bob, 120)
      bob.send({ type: "conversations" })
      const { conversations, has_more } = yield* bob.waitFor("conversation_list")
      includes(
        conversations[0],
        { conversation, peer: "alice", head_seq: 120, unread: 120, read: 0 }
      )
      assert.isFalse(has_more)
      const eve = yield* connect({ port, user: "eve" })
      eve.send({ type: "history", conversation, after: 0 })
      assert.strictEqual((yield* eve.expect("error")).code, "not_found")
    }, { store })

    served(
      "what may be said is kept as it is: at the limit in bytes, right-to-left marks, emoji families",
      function*(port) {
        const alice = yield* connect({ port, user: "alice", level: "v1" })
        const bob = yield* connect({ port, user: "bob" })
        const texts = ["é".repeat(8_192), "\u202eשלום\u202c", "👩‍👩‍👧‍👦", " padded ", "a\nb"]
        for (const [i, text] of texts.entries()) {
          alice.send(chat(text, `${i}`.padEnd(64, "i")))
          yield* alice.waitFor("message_accepted")
          assert.strictEqual((yield* bob.expect("incoming_message")).text, text)
        }
        alice.send(chat("é".repeat(8_192) + "x", "too long"))
        const { code, id } = yield* alice.waitFor("error")
        assert.deepStrictEqual([code, id], ["text_too_long", "too long"])
        alice.send({ type: "history", recipient: "bob", after: 0 })
        const { messages } = yield* alice.waitFor("history_page")
        assert.deepStrictEqual(messages.map((m) => m.kind === "text" ? m.text : m.kind), texts)
      },
      { store }
    )

    served("P9 cursors that are wrong move nothing, and their sender is told", function*(port) {
      const alice = yield* connect({ port, user: "alice" })
      yield* say(alice, "one", "two")
      const bob = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
      yield* take(bob, 2)
      for (const type of ["received", "read"]) {
        for (const up_to of [-1, 1.5, 2 ** 53, "2"]) {
          bob.send({ type, conversation, up_to })
          assert.strictEqual((yield* bob.waitFor("error")).code, "invalid_frame")
        }
        bob.send({ type, id: "far", conversation, up_to: 3 })
        const error = yield* bob.waitFor("error")
        assert.deepStrictEqual([error.code, error.id], ["invalid_frame", "far"])
        bob.send({ type, conversation: "dm:alice:carol", up_to: 1 })
        assert.strictEqual((yield* bob.waitFor("error")).code, "not_found")
      }
      bob.send({ type: "conversations" })
      const { conversations } = yield* bob.waitFor("conversation_list")
      includes(conversations[0], { received: 0, read: 0 })
    }, { store })
  })

for (const [name, store] of stores("resume")) suite(name, store)
