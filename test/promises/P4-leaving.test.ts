/** P4 over real sockets: a plain client that leaves in the middle of a long backlog gets the rest when it comes back. */
import { assert, describe } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as Conversation from "../../src/domain/Conversation.ts"
import { type MessageId, UserId } from "../../src/domain/Ids.ts"
import { Router } from "../../src/services/server/Router.ts"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { frame, type HostileClient, intruder } from "../support/HostileClient.ts"
import { sqlite } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"
import { served, TestServer } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const backlog = 3_000
const closeFrame = frame(Buffer.from([0x03, 0xe8]), 0x88)

const fill = Effect.gen(function*() {
  const store = yield* MessageStore
  const sender = UserId.make("alice")
  const appends = Array.from({ length: backlog }, (_, i) => ({
    kind: "text" as const,
    conversation: Conversation.direct(sender, UserId.make("bob")),
    sender,
    clientId: undefined,
    messageId: `m${i}` as MessageId,
    at: i,
    text: "x".repeat(100),
    replyTo: undefined
  }))
  yield* store.commit(appends, [])
})

/** What a raw client has, which reads until its socket is gone. */
const seqsOf = (client: HostileClient) =>
  client.frames().flatMap(({ opcode, payload }) =>
    opcode === 1 ? [(JSON.parse(payload.toString()) as { seq: number }).seq] : []
  )

/** All of it over these connections and one that stays. */
const comesInTheEnd = Effect.fnUntraced(function*(port: number, seen: ReadonlySet<number>) {
  const { ws } = yield* connect({ port, user: "bob" })
  const seqs = new Set(seen)
  ws.on("message", (data: Buffer) => seqs.add((JSON.parse(data.toString()) as { seq: number }).seq))
  yield* until(Effect.sync(() => seqs.size === backlog))
})

const test = (name: string, leave: (client: HostileClient) => Effect.Effect<void>) =>
  served(name, function*() {
    yield* fill
    const { port } = yield* TestServer
    const seen = new Set<number>()
    for (let times = 0; times < 3; times++) {
      yield* Effect.scoped(Effect.gen(function*() {
        const client = yield* intruder(port, "bob")
        yield* until(Effect.sync(() => seqsOf(client).length > 0))
        yield* leave(client)
        yield* client.gone
        for (const seq of seqsOf(client)) seen.add(seq)
      }))
    }
    yield* comesInTheEnd(port, seen)
  }, { store: sqlite })

describe("leaving in the middle of 3,000", () => {
  test("P4 a close frame after the first bytes, and the end of its side with the answer", (client) =>
    Effect.gen(function*() {
      client.write(closeFrame)
      yield* until(Effect.sync(() => client.frames().some(({ opcode }) => opcode === 8)))
      client.socket.end()
    }))

  test("P4 a close frame after the first bytes, and the end of its side at once", (client) =>
    Effect.sync(() => client.socket.end(closeFrame)))

  test("P4 the bare end of its side after the first bytes", (client) => Effect.sync(() => void client.socket.end()))

  served("P4 an ordinary client that closes after twenty, twice, and then stays", function*() {
    yield* fill
    const { port } = yield* TestServer
    const seen = new Set<number>()
    for (let times = 0; times < 2; times++) {
      yield* Effect.scoped(leaveAfter(port, 20, seen))
    }
    yield* comesInTheEnd(port, seen)
  }, { store: sqlite })

  served("P4 what is said between the close frame and the end of the line comes the next time", function*(port) {
    const alice = yield* connect({ port, user: "alice" })
    yield* Effect.scoped(Effect.gen(function*() {
      const bob = yield* intruder(port, "bob")
      bob.write(closeFrame)
      yield* until(Effect.sync(() => bob.frames().some(({ opcode }) => opcode === 8)))
      // It has its answer and has not ended its side.
      for (const text of ["one", "two", "three"]) {
        alice.send({ type: "chat_message", id: text, recipient: "bob", text })
        yield* alice.waitFor("message_accepted")
      }
      assert.deepStrictEqual(seqsOf(bob), [])
      bob.socket.end()
      yield* bob.gone
    }))
    const again = yield* connect({ port, user: "bob" })
    for (const text of ["one", "two", "three"]) {
      assert.strictEqual((yield* again.waitFor("incoming_message")).text, text)
    }
  }, { store: sqlite })
})

describe("put out", () => {
  served("P4 P10 a client that answers the server's close frame has all that came before it", function*(port) {
    const router = yield* Router
    const server = yield* ServerActor
    const alice = yield* connect({ port, user: "alice" })
    const said = (...texts: ReadonlyArray<string>) =>
      Effect.forEach(texts, (text) => {
        alice.send({ type: "chat_message", id: text, recipient: "bob", text })
        return alice.waitFor("message_accepted")
      })
    const bob = yield* connect({ port, user: "bob" })
    yield* said("one", "two", "three", "four")
    assert.strictEqual(yield* router.kick((ref) => ref.user === "bob"), 1)
    assert.strictEqual(yield* bob.closed, 4503)
    assert.strictEqual(bob.take().length, 4)
    yield* until(Effect.map(server.connections, (count) => count === 1))
    yield* server.flush
    const again = yield* connect({ port, user: "bob" })
    yield* said("five")
    const { text } = yield* again.expect("incoming_message")
    assert.strictEqual(text, "five")
  }, { store: sqlite })
})

const leaveAfter = (port: number, count: number, seen: Set<number>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const client = yield* connect({ port, user: "bob" })
    let got = 0
    for (; got < count; got++) seen.add((yield* client.expect("incoming_message")).seq)
    client.close()
    yield* client.closed
    for (const each of client.take()) if (each.type === "incoming_message") seen.add(each.seq)
  })
