/** What the client promises, one thing at a time, against a server that the test plays. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { OpenFailed } from "../../src/client/Transport.ts"
import type { ChatEvent } from "../../src/client/types.ts"
import { includes } from "../support/includes.ts"
import { collect, due, entry, incoming, ready, start, welcome } from "../support/ScriptedServer.ts"

const bob = { recipient: "bob" }

const seqs = (events: ReadonlyArray<ChatEvent>) => events.flatMap((event) => "seq" in event ? [event.seq] : [])

describe("send", () => {
  it.effect("is one message under one id, said again on each connection until it is answered", () =>
    Effect.gen(function*() {
      const { client, events, server } = yield* ready()
      const sending = yield* Effect.forkChild(client.send(bob, "hello"))
      yield* due
      const first = server.last().take("chat_message")
      yield* server.reconnect
      const second = server.last().take("chat_message")
      assert.deepStrictEqual(second, first)
      assert.lengthOf(yield* client.pending, 1)
      server.last().accept(second, 1)
      includes(yield* Fiber.join(sending), { seq: 1 })
      assert.isEmpty(yield* client.pending)
      yield* due
      assert.deepStrictEqual(events.map(({ type }) => type), ["pending", "accepted"])
    }))

  it.effect("edits, deletes and reactions are said again too, after what was said before them", () =>
    Effect.gen(function*() {
      const { client, events, server } = yield* ready()
      const all = yield* Effect.forkChild(Effect.all([
        client.send(bob, "helo"),
        client.edit(bob, 1, "hello"),
        client.react(bob, 1, "👍"),
        client.delete(bob, 1)
      ], { concurrency: "unbounded" }))
      yield* due
      yield* server.reconnect
      for (const [i, type] of ["edit_message", "react", "delete_message", "chat_message"].entries()) {
        // One at a time, because a refusal of one must not let the next pass it.
        assert.deepStrictEqual(server.last().said.map((frame) => frame.type), [type])
        server.last().accept(server.last().take(type), i + 1)
        yield* due
      }
      assert.deepStrictEqual((yield* Fiber.join(all)).map(({ seq }) => seq), [4, 1, 2, 3])
      yield* due
      const place = (seq: number) => ({
        sender: "alice",
        conversation: "dm:alice:bob",
        seq,
        message_id: `m${seq}`,
        at: seq
      })
      assert.deepStrictEqual<ReadonlyArray<object>>(
        events.flatMap((event) => "pushed" in event ? [event.pushed] : []),
        [
          { type: "message_edited", ...place(1), target: 1, text: "hello" },
          { type: "reaction", ...place(2), target: 1, emoji: "👍" },
          { type: "message_deleted", ...place(3), target: 1 },
          { type: "incoming_message", ...place(4), text: "helo" }
        ],
        "each comes as the others are pushed it"
      )
    }))

  it.effect("what is refused for the moment is said again when the server says so, and in order", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const one = yield* Effect.forkChild(client.send(bob, "one"))
      const two = yield* Effect.forkChild(client.send({ conversation: "dm:alice:bob" }, "two"))
      yield* due
      const line = server.last()
      const { id } = line.take("chat_message")
      assert.isEmpty(line.said)
      line.say({ type: "error", id, code: "rate_limited", message: "Slowly.", temporary: true, retry_after_ms: 3_000 })
      yield* TestClock.adjust(2_999)
      assert.isEmpty(line.said)
      yield* TestClock.adjust(1)
      const again = line.take("chat_message")
      includes(again, { id, text: "one" })
      line.accept(again, 1)
      yield* due
      line.accept(line.take("chat_message"), 2)
      assert.deepStrictEqual([(yield* Fiber.join(one)).seq, (yield* Fiber.join(two)).seq], [1, 2])
    }))

  it.effect("everything that was refused in one burst is said again, to each conversation", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const recipients = ["bob", "carol", "dave"]
      const sending = yield* Effect.forkChild(
        Effect.forEach(recipients, (recipient) => client.send({ recipient }, "hello"), { concurrency: "unbounded" })
      )
      yield* due
      const line = server.last()
      for (const retry_after_ms of [1_000, 3_000, 2_000]) {
        line.refuse("chat_message", "rate_limited", { temporary: true, retry_after_ms })
      }
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(line.said.map((frame) => frame["recipient"]), recipients)
      for (const recipient of recipients) line.accept(line.take("chat_message"), 1, `dm:alice:${recipient}`)
      assert.lengthOf(yield* Fiber.join(sending), 3)
    }))

  it.effect("questions too; others do not wait for them", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const asking = yield* Effect.forkChild(client.conversations())
      yield* due
      const line = server.last()
      const { id } = line.take("conversations")
      line.say({ type: "error", id, code: "unavailable", message: "Later.", temporary: true, retry_after_ms: 2_000 })
      const sending = yield* Effect.forkChild(client.send(bob, "hello"))
      yield* due
      line.accept(line.take("chat_message"), 1)
      yield* Fiber.join(sending)
      yield* TestClock.adjust(2_000)
      assert.strictEqual(line.take("conversations")["id"], id)
      line.say({ type: "conversation_list", id, conversations: [], has_more: false })
      assert.isEmpty((yield* Fiber.join(asking)).conversations)
    }))

  it.effect("P9 questions that were too many are asked again one at a time, and those since wait for them", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const line = server.last()
      const block = (user: string) => Effect.forkChild(client.block(user))
      const answer = () => line.say({ type: "blocked_users", id: line.take("block")["id"], users: [] })
      const asked = () => line.said.map((frame) => frame["user"])
      const asking = [yield* block("bob"), yield* block("carol"), yield* block("dave")]
      yield* due
      for (let i = 0; i < 3; i++) line.refuse("block", "rate_limited", { temporary: true, retry_after_ms: 1_000 })
      asking.push(yield* block("eve"))
      yield* due
      assert.isEmpty(line.said)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(asked(), ["bob"])
      answer()
      yield* due
      assert.deepStrictEqual(asked(), ["carol"])
      line.refuse("block", "rate_limited", { temporary: true, retry_after_ms: 1_000 })
      // Nobody waits for this one any more.
      yield* Fiber.interrupt(asking[2]!)
      yield* TestClock.adjust(1_999)
      assert.isEmpty(line.said)
      yield* TestClock.adjust(1)
      for (const user of ["carol", "eve"]) {
        assert.deepStrictEqual(asked(), [user])
        answer()
        yield* due
      }
      yield* Effect.forEach([0, 1, 3], (i) => Fiber.join(asking[i]!))
      asking.push(yield* block("frank"))
      yield* due
      assert.deepStrictEqual(asked(), ["frank"])
    }))

  it.effect("what is refused for good fails with the server's error, and the application is told", () =>
    Effect.gen(function*() {
      const { client, events, server } = yield* ready()
      const sending = yield* Effect.forkChild(Effect.flip(client.send(bob, "hello")))
      yield* due
      server.last().refuse("chat_message", "forbidden")
      includes(yield* Fiber.join(sending), { _tag: "ChatError", code: "forbidden", message: "No." })
      yield* due
      includes(events.at(-1), { type: "failed", code: "forbidden", reason: "No." })
      assert.isEmpty(yield* client.pending)
    }))

  it.effect("a frame that would cost the connection is not said", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      includes(yield* Effect.flip(client.send(bob, "é".repeat(32_768))), { code: "text_too_long" })
      assert.isEmpty(server.last().said)
    }))

  it.effect("says no more in a second than half of what the server allows", () =>
    Effect.gen(function*() {
      const { client, server } = yield* start()
      for (let i = 0; i < 30; i++) yield* Effect.forkScoped(client.send({ recipient: `user${i}` }, "hello"))
      yield* due
      yield* server.last().tell({ ...welcome, limits: { ...welcome.limits, rate_per_second: 20 } })
      assert.lengthOf(server.last().said, 10)
      yield* TestClock.adjust("1 second")
      assert.lengthOf(server.last().said, 20)
    }))
})

describe("events", () => {
  it.effect("an entry is confirmed only after the application took it, and only once", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready({ taking: false })
      server.last().say(incoming(1), incoming(2), incoming(2), incoming(1))
      yield* TestClock.adjust("1 second")
      assert.isEmpty(server.last().said)
      const gate = yield* Stream.runForEach(client.events, (event) =>
        "seq" in event && event.seq === 2 ? Effect.never : Effect.void).pipe(Effect.forkChild)
      yield* TestClock.adjust("1 second")
      includes(server.last().take("received"), { conversation: "dm:alice:bob", up_to: 1 })
      yield* Fiber.interrupt(gate)
      // Who went away before asking for the next one has not taken it: it comes again.
      const rest: Array<ChatEvent> = []
      yield* Effect.forkChild(collect(client, rest))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(seqs(rest), [2])
      includes(server.last().take("received"), { up_to: 2 })
      assert.isEmpty(server.last().said)
    }))

  it.effect("P4 so is an entry of one's own: only after the application took what became of it", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready({ taking: false })
      const line = server.last()
      const taken: Array<string> = []
      let gate = yield* Deferred.make<void>()
      const next = Effect.suspend(() => {
        const open = gate
        gate = Deferred.makeUnsafe()
        return Effect.andThen(Deferred.succeed(open, undefined), TestClock.adjust("1 second"))
      })
      yield* Stream.runForEach(client.events, ({ type }) =>
        Effect.suspend(() => {
          taken.push(type)
          return Deferred.await(gate)
        })).pipe(Effect.forkChild)
      yield* due
      const sending = yield* Effect.forkChild(client.send(bob, "hello"))
      yield* due
      line.accept(line.take("chat_message"), 1)
      yield* Fiber.join(sending)
      line.say(incoming(2))
      const deleting = yield* Effect.forkChild(client.delete(bob, 1))
      yield* due
      line.accept(line.take("delete_message"), 3)
      yield* Fiber.join(deleting)
      yield* TestClock.adjust("1 second")
      // The application is busy with the first of them, and would begin anew without any of the others.
      assert.deepStrictEqual([taken, line.said], [["pending"], []])
      yield* next
      assert.deepStrictEqual([taken.at(-1), line.said], ["accepted", []])
      yield* next
      assert.strictEqual(taken.at(-1), "incoming_message")
      includes(line.take("received"), { conversation: "dm:alice:bob", up_to: 1 })
      yield* next
      assert.strictEqual(taken.at(-1), "own")
      includes(line.take("received"), { up_to: 2 })
      yield* next
      includes(line.take("received"), { up_to: 3 })
      assert.isEmpty(line.said)
    }))

  it.effect("an application that never listens has its own entries with their answers", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready({ taking: false })
      const line = server.last()
      const sending = yield* Effect.forkChild(client.send(bob, "hello"))
      yield* due
      line.accept(line.take("chat_message"), 1)
      yield* Fiber.join(sending)
      yield* TestClock.adjust("1 second")
      includes(line.take("received"), { up_to: 1 })
    }))

  it.effect("P4 how far one has come is said again when it was refused for the moment, unless it is further by then", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const line = server.last()
      const refuse = (frame: object) =>
        line.tell({
          type: "error",
          id: (frame as { readonly id: string }).id,
          code: "rate_limited",
          message: "Too fast.",
          temporary: true,
          retry_after_ms: 500
        })
      line.say(incoming(1))
      yield* client.read("dm:alice:bob", 1)
      yield* TestClock.adjust("200 millis")
      const [received, read] = [line.take("received"), line.take("read")]
      yield* refuse(received)
      yield* refuse(read)
      yield* TestClock.adjust("100 millis")
      line.say(incoming(2))
      yield* TestClock.adjust("1 second")
      includes(line.take("received"), { up_to: 2 })
      includes(line.take("read"), { up_to: 1 })
      assert.isEmpty(line.said)
      yield* refuse({ id: "~99" })
      yield* TestClock.adjust("5 seconds")
      assert.isEmpty(line.said)
    }))

  it.effect("what is missing is read from the history and comes first, whatever kind of entry it is", () =>
    Effect.gen(function*() {
      const { events, server } = yield* ready()
      const line = server.last()
      yield* line.tell(incoming(1), incoming(5))
      const common = { sender: "bob", at: 1 }
      const { id: _, ...question } = line.page(
        { kind: "edit", seq: 2, message_id: "m2", ...common, target: 1, text: "new" },
        { kind: "delete", seq: 3, message_id: "m3", ...common, target: 1 },
        { kind: "reaction", seq: 4, message_id: "m4", ...common, target: 1, emoji: "👍" },
        entry(5)
      )
      assert.deepStrictEqual(question, { type: "history", conversation: "dm:alice:bob", after: 1, limit: 100 })
      yield* due
      assert.deepStrictEqual(seqs(events), [1, 2, 3, 4, 5])
      assert.deepStrictEqual(events.map(({ type }) => type), [
        "incoming_message",
        "message_edited",
        "message_deleted",
        "reaction",
        "incoming_message"
      ])
    }))

  it.effect("the heartbeat's heads find a lost last entry", () =>
    Effect.gen(function*() {
      const { events, server } = yield* ready()
      const line = server.last()
      yield* line.tell(incoming(1))
      yield* line.tell({ type: "ping", heads: { "dm:alice:bob": 2 } })
      line.page(entry(2))
      yield* due
      assert.deepStrictEqual(seqs(events), [1, 2])
    }))

  it.effect("a confirmation that the server does not know of is given again", () =>
    Effect.gen(function*() {
      const { server } = yield* ready()
      const line = server.last()
      line.say(incoming(1))
      yield* TestClock.adjust("1 second")
      includes(line.take("received"), { up_to: 1 })
      line.say({ type: "ping", heads: { "dm:alice:bob": 1 } })
      yield* TestClock.adjust("1 second")
      includes(line.take("received"), { up_to: 1 })
    }))

  it.effect("where a log stands is asked for: nothing before the first push is lost", () =>
    Effect.gen(function*() {
      const { events, server } = yield* ready()
      const line = server.last()
      yield* line.tell(incoming(7))
      assert.isEmpty(events)
      line.list(7, 5)
      yield* due
      includes(line.page(entry(6), entry(7)), { after: 5 })
      yield* due
      assert.deepStrictEqual(seqs(events), [6, 7])
    }))

  it.effect("a nameless connection finds what others confirmed while it was away", () =>
    Effect.gen(function*() {
      const { server } = yield* ready({ device: "" })
      server.last().list(1, 1)
      yield* due
      yield* server.reconnect
      server.last().list(2, 2)
      yield* due
      includes(server.last().take("history"), { after: 1 })
    }))

  it.effect("a user who was removed is told, though the rest may not be read any more", () =>
    Effect.gen(function*() {
      const { events, server } = yield* ready()
      const line = server.last()
      const conversation = "group:g"
      line.say(incoming(1, conversation), {
        type: "group_changed",
        group: "g",
        conversation,
        seq: 4,
        by: "bob",
        at: 4,
        change: { action: "members_removed", members: ["alice"] }
      })
      yield* due
      line.refuse("history", "not_found")
      yield* due
      assert.deepStrictEqual(seqs(events), [1, 4])
    }))

  it.effect("an application that takes nothing costs bounded memory, and gets everything later", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready({ taking: false })
      const line = server.last()
      yield* line.tell(...Array.from({ length: 2_050 }, (_, i) => incoming(i + 1)))
      const events: Array<ChatEvent> = []
      yield* Effect.forkScoped(collect(client, events))
      yield* due
      includes(line.page(...Array.from({ length: 50 }, (_, i) => entry(2_001 + i))), { after: 2_000 })
      yield* due
      assert.deepStrictEqual(seqs(events), Array.from({ length: 2_050 }, (_, i) => i + 1))
    }))
})

describe("an application that never listens", () => {
  it.effect("can say as much as it likes without filling the memory", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready({ taking: false })
      const line = server.last()
      for (let i = 0; i < 1_200; i++) {
        const sending = yield* Effect.forkChild(client.send({ recipient: `user${i}` }, "hello"))
        yield* Effect.repeat(Effect.yieldNow, { times: 6 })
        line.accept(line.take("chat_message"), 1, `dm:alice:user${i}`)
        yield* Fiber.join(sending)
      }
      const events = yield* Stream.runCollect(Stream.take(client.events, 2_000))
      assert.lengthOf(events, 2_000)
      yield* client.close
      // Of 2,400 events the last 400 were dropped; only the one that was not yet done with comes again.
      assert.lengthOf(yield* Stream.runCollect(client.events), 1)
    }))
})

describe("subscriptions", () => {
  it.effect("presence is asked for again on each connection, without those who were taken out", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const subscribing = yield* Effect.forkChild(client.subscribePresence(["bob", "carol"]))
      yield* due
      includes(server.last().take("subscribe_presence"), { users: ["bob", "carol"] })
      server.last().say({ type: "pong", id: server.last().take("ping")["id"] })
      yield* Fiber.join(subscribing)
      yield* Effect.forkChild(client.unsubscribePresence(["carol"]))
      yield* due
      yield* server.reconnect
      includes(server.last().take("subscribe_presence"), { users: ["bob"] })
    }))

  it.effect("a refused subscription fails and is not asked for again", () =>
    Effect.gen(function*() {
      const { client, server } = yield* ready()
      const subscribing = yield* Effect.forkChild(Effect.flip(client.subscribePresence(["bob"])))
      yield* due
      const line = server.last()
      line.refuse("subscribe_presence", "forbidden")
      line.say({ type: "pong", id: line.take("ping")["id"] })
      includes(yield* Fiber.join(subscribing), { code: "forbidden" })
      yield* server.reconnect
      assert.isEmpty(server.last().said)
    }))

  it.effect("a session that is about to expire goes on with a fresh token", () =>
    Effect.gen(function*() {
      let made = 0
      const credentials = { _tag: "Token" as const, token: () => Promise.resolve(`token${++made}`) }
      const { events, server } = yield* ready({ credentials })
      assert.deepStrictEqual(server.last().request.protocols, ["switchboard.v1", "bearer.token1"])
      server.last().say({ type: "auth_expiring", expires_at: 60_000 })
      yield* TestClock.adjust("1 second")
      includes(server.last().take("refresh_auth"), { token: "token2" })
      assert.deepStrictEqual(events.map(({ type }) => type), ["auth_expiring"])
    }))

  it.effect("what cannot be opened for good ends the client, and everybody who waits is told", () =>
    Effect.gen(function*() {
      const { client, server, states } = yield* ready()
      const sending = yield* Effect.forkChild(Effect.flip(client.send(bob, "hello")))
      yield* due
      server.refuse = new OpenFailed({ message: "You are banned.", permanent: true, status: 403 })
      server.last().close(1006)
      yield* TestClock.adjust("1 second")
      includes(yield* Fiber.join(sending), { _tag: "ClientError", reason: "refused", code: 403 })
      yield* due
      assert.deepStrictEqual(states.map(({ _tag }) => _tag), ["Connecting", "Ready", "Reconnecting", "Closed"])
      includes(yield* Effect.flip(client.conversations()), { _tag: "ClientError", reason: "refused" })
    }))
})
