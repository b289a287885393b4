/** The face with promises, over real sockets, in Node and as a browser would have it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ClientError } from "../../src/client/ClientError.ts"
import { connect } from "../../src/client/connect.ts"
import type { ChatError } from "../../src/client/index.ts"
import { connect as connectInNode } from "../../src/client/node.ts"
import type { ChatEvent, ClientState } from "../../src/client/types.ts"
import { includes } from "../support/includes.ts"
import { startServer } from "../support/ServerProcess.ts"
import { TestServer, testServer } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const phone = (user: string) => ({ _tag: "PhoneNumber" as const, user })

const test = (name: string, body: (url: string) => Promise<void>) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      yield* Effect.promise(() => body(`ws://127.0.0.1:${port}/ws`))
    }).pipe(Effect.provide(testServer())))

/** A server as people start it, which gives tickets. */
const testWithTickets = (name: string, body: (url: string) => Promise<void>) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      yield* Effect.promise(() => body(`ws://127.0.0.1:${port}/ws`))
    }).pipe(Effect.scoped))

const eventually = (condition: () => boolean) => Effect.runPromise(until(Effect.sync(condition)))

/** As often the event loop comes round: in no time, as long as nobody waits for a socket or a timer. */
const turns = (count: number) =>
  Effect.callback<void>((resume) => {
    const next = (left: number): unknown =>
      left === 0 ? resume(Effect.die("still waiting")) : setImmediate(next, left - 1)
    next(count)
  })

/** A ticket for the browser's way in. */
const ticketFor = (url: string, user: string, device: string) => async () => {
  const response = await fetch(url.replace("ws:", "http:").replace("/ws", "/v1/tickets"), {
    method: "POST",
    headers: { "Phone-Number": user, "content-type": "application/json" },
    body: JSON.stringify({ device })
  })
  return (await response.json() as { ticket: string }).ticket
}

for (const [name, connectHere] of [["the platform's WebSocket", connect], ["the ws package", connectInNode]] as const) {
  describe(`connect, on ${name}`, () => {
    testWithTickets("talks: messages, edits, reactions, history, groups, presence, blocking", async (url) => {
      const alice = connectHere({ url, credentials: phone("alice"), device: "phone" })
      const device = "browser"
      const ticket = ticketFor(url, "bob", device)
      const bob = connectHere({ url, credentials: { _tag: "Ticket", ticket }, device })
      const events: Array<ChatEvent> = []
      bob.onEvent((event) => events.push(event))
      const { conversation, seq } = await alice.send({ recipient: "bob" }, "helo")
      await alice.edit({ recipient: "bob" }, seq, "hello")
      await bob.react({ conversation }, seq, "👋")
      await eventually(() => events.some(({ type }) => type === "message_edited"))
      includes(events[0], { type: "incoming_message", sender: "alice", seq: 1 })
      const { messages } = await bob.history({ recipient: "alice" }, { after: 0 })
      assert.deepStrictEqual(messages.map(({ kind }) => kind), ["text", "edit", "reaction"])
      includes((await bob.conversations()).conversations[0], { conversation, peer: "alice", unread: 1 })

      const { group } = await alice.createGroup("friends", ["bob"])
      await bob.send({ group }, "hello, all")
      await alice.renameGroup(group, "good friends")
      await alice.setRole(group, "bob", "admin")
      await alice.addMembers(group, ["carol"])
      await alice.removeMembers(group, ["carol"])
      const info = await bob.groupInfo(group)
      assert.deepStrictEqual([info.name, info.members.map(({ role }) => role)], ["good friends", ["owner", "admin"]])
      await eventually(() => events.filter(({ type }) => type === "group_changed").length === 5)
      await bob.leaveGroup(group)

      await bob.subscribePresence(["alice"])
      await eventually(() => events.some((event) => event.type === "presence" && event.status === "online"))
      await bob.unsubscribePresence(["alice"])
      bob.read(conversation, seq)
      const receipts = async () => (await alice.receipts({ recipient: "bob" })).receipts
      while (!(await receipts()).some(({ read, user }) => user === "bob" && read === seq));
      alice.typing({ recipient: "bob" }, true)
      await eventually(() => events.some(({ type }) => type === "typing"))
      assert.deepStrictEqual(await bob.block("alice"), ["alice"])
      assert.deepStrictEqual(await bob.blockedUsers(), ["alice"])
      assert.deepStrictEqual(await bob.unblock("alice"), [])
      await alice.delete({ recipient: "bob" }, seq)
      await Promise.all([alice.close(), bob.close()])
    })

    test("a full group of people with the longest names is made, though they are more than a frame", async (url) => {
      const alice = connectHere({ url, credentials: phone("alice") })
      const people = Array.from({ length: 1_023 }, (_, i) => `auth0|${i}|`.padEnd(128, "x"))
      const { group } = await alice.createGroup("everybody", people)
      const { members } = await alice.groupInfo(group)
      assert.sameMembers(members.map(({ user }) => user as string), ["alice", ...people])
      // What cannot be said in parts is refused before it is said, and the connection goes on.
      const names = people.concat(people).slice(0, 1_500)
      const error = await alice.removeMembers(group, names).catch((error: ChatError) => error) as ChatError
      assert.strictEqual(error.code, "invalid_frame")
      assert.include(error.message, "65536 bytes")
      await alice.removeMembers(group, people.slice(0, 400))
      assert.lengthOf((await alice.groupInfo(group)).members, 624)
      await alice.close()
    })

    test("state is told at once and after each change; close ends everything", async (url) => {
      const states: Array<ClientState["_tag"]> = []
      const client = connectHere({ url, credentials: phone("alice") })
      client.onState(({ _tag }) => states.push(_tag))
      assert.deepStrictEqual(states, ["Connecting"])
      await client.conversations()
      assert.strictEqual(client.state._tag, "Ready")
      await client.close()
      assert.deepStrictEqual(states, ["Connecting", "Ready", "Closed"])
      const error = await client.conversations().then(() => undefined, (error: unknown) => error)
      assert.instanceOf(error, ClientError)
    })

    test("a refusal rejects with the server's error", async (url) => {
      const client = connectHere({ url, credentials: phone("alice") })
      const error = await client.history({ group: "nothing" }, { after: 0 }).then(() => undefined, (e: ChatError) => e)
      includes(error, { _tag: "ChatError", code: "not_found" })
      await client.close()
    })

    test("a listener that throws takes nothing from the others", async (url) => {
      const client = connectHere({ url, credentials: phone("alice") })
      const events: Array<ChatEvent> = []
      client.onEvent(() => {
        throw new Error("a mistake of the application")
      })
      client.onEvent((event) => events.push(event))
      await client.send({ recipient: "bob" }, "one")
      await client.send({ recipient: "bob" }, "two")
      await eventually(() => events.length === 4)
      assert.isEmpty(client.pending)
      await client.close()
    })
  })
}

describe("a server that is frozen", () => {
  it.live("is left at once: close waits for nobody", () =>
    Effect.gen(function*() {
      const server = yield* startServer(["--store", "memory"])
      const url = `ws://127.0.0.1:${server.port}/ws`
      const clients = [connect, connectInNode].map((connectHere) => connectHere({ url, credentials: phone("alice") }))
      for (const client of clients) yield* Effect.promise(() => client.conversations())
      server.kill("SIGSTOP")
      const closing = Effect.forEach(clients, (client) => Effect.promise(() => client.close()))
      yield* Effect.raceFirst(closing, turns(1_000))
      assert.deepStrictEqual(clients.map(({ state }) => state._tag), ["Closed", "Closed"])
    }).pipe(Effect.scoped))
})

describe("refusals", () => {
  test("in Node the server's own words are heard", async (url) => {
    const client = connectInNode({ url, credentials: phone("not a user") })
    await eventually(() => client.state._tag === "Closed")
    const { state } = client
    if (state._tag !== "Closed") throw new Error("unreachable")
    assert.strictEqual(state.code, 401)
    assert.match(state.reason, /Phone-Number/)
    await client.close()
  })

  test("a wrong address ends the client with a sentence", async () => {
    for (const connectHere of [connect, connectInNode]) {
      const client = connectHere({ url: "nonsense", credentials: phone("alice") })
      await eventually(() => client.state._tag === "Closed")
      includes(client.state, { _tag: "Closed" })
      await client.close()
    }
  })
})
