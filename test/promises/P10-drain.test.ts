/** P10 P3 P4: people who talk while their server stops find themselves on another one, and have noticed nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer, Stream } from "effect"
import { ChatClient, type ChatClientService } from "../../src/client/ChatClient.ts"
import { nodeTransport } from "../../src/client/node.ts"
import { Transport } from "../../src/client/Transport.ts"
import * as Conversation from "../../src/domain/Conversation.ts"
import { UserId } from "../../src/domain/Ids.ts"
import { ServerActor } from "../../src/index.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { startTestServer, unlimitedFrames } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

/** Somebody with the real client, and all that they hear of others. */
const person = Effect.fnUntraced(function*(user: string, port: () => number) {
  const client = yield* ChatClient.make({
    url: "ws://127.0.0.1:1/ws",
    credentials: { _tag: "PhoneNumber", user },
    device: "laptop"
  }).pipe(Effect.provideService(Transport, {
    open: (request) => nodeTransport.open({ ...request, url: request.url.replace(":1/", `:${port()}/`) })
  }))
  const states: Array<string> = []
  client.listenState(({ _tag }) => states.push(_tag))
  const heard: Array<string> = []
  yield* Stream.runForEach(
    client.events,
    (event) =>
      Effect.sync(() => {
        // What they said themselves is pushed too, where its answer was lost on the way from one server to the next.
        if (event.type === "incoming_message" && event.sender !== user) heard.push(event.text)
      })
  ).pipe(Effect.forkScoped)
  return { client, states, heard, user }
})

/** Says one thing after the other until it is enough. */
const talk = Effect.fnUntraced(function*(client: ChatClientService, recipient: string, isEnough: () => boolean) {
  const said: Array<string> = []
  while (!isEnough()) {
    const text = `${said.length}`
    said.push(text)
    yield* client.send({ recipient }, text)
  }
  return said
})

describe("P10 a server stops while others take its clients", () => {
  it.live("P3 P4 they go by themselves, and nothing is lost, doubled or out of order", () =>
    Effect.gen(function*() {
      const a = yield* startTestServer({ others: 1, settings: { ...unlimitedFrames, reconnectSpreadMillis: 1_000 } })
      const store = Context.get(a.context, MessageStore)
      const b = yield* startTestServer({ store: Layer.succeed(MessageStore, store), settings: unlimitedFrames })
      const there = Context.get(b.context, ServerActor).connections
      let port = a.port
      const alice = yield* person("alice", () => port)
      const bob = yield* person("bob", () => port)
      yield* until(Effect.map(Context.get(a.context, ServerActor).connections, (here) => here === 2))

      let enough = false
      const talking = yield* Effect.forkChild(
        Effect.all([talk(alice.client, "bob", () => enough), talk(bob.client, "alice", () => enough)], {
          concurrency: "unbounded"
        })
      )
      yield* until(Effect.sync(() => alice.heard.length > 10 && bob.heard.length > 10))
      port = b.port
      yield* a.stop
      yield* until(Effect.map(there, (count) => count === 2))
      const before = alice.heard.length
      yield* until(Effect.sync(() => alice.heard.length > before + 10))
      enough = true
      const [byAlice, byBob] = yield* Fiber.join(talking)
      yield* until(Effect.sync(() => alice.heard.length >= byBob.length && bob.heard.length >= byAlice.length))
      assert.deepStrictEqual([alice.heard, bob.heard], [byBob, byAlice])

      const kept: Array<string> = []
      const conversation = Conversation.direct(UserId.make("alice"), UserId.make("bob"))
      for (let after = 0;;) {
        const { entries } = yield* store.history({ conversation, after, limit: 100 })
        if (entries.length === 0) break
        after = entries.at(-1)!.seq
        for (const entry of entries) if (entry.kind === "text" && entry.sender === "alice") kept.push(entry.text!)
      }
      assert.deepStrictEqual(kept, byAlice.slice(-kept.length))
      // Nobody was told that there was no connection.
      assert.deepStrictEqual([alice.states, bob.states], [["Ready", "Ready"], ["Ready", "Ready"]])
    }).pipe(Effect.scoped))
})
