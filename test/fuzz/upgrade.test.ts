/** P9: whatever arrives on a socket, as a request or after the upgrade, the server lives and others notice nothing. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { connect as connectSocket } from "node:net"
import { type Duplex, duplexPair } from "node:stream"
import { nextTurn } from "../../src/services/kernel/ActorScheduler.ts"
import { frame, upgrade } from "../support/HostileClient.ts"
import { connect, roundTrip } from "../support/TestClient.ts"
import { TestServer, testServer } from "../support/TestServer.ts"
import { mutate, random, runs, seed } from "./mutate.ts"

const requests = [
  upgrade({ "Phone-Number": "alice" }),
  upgrade({ "Phone-Number": "alice", "Sec-WebSocket-Protocol": "switchboard.v1" }),
  upgrade({ "Phone-Number": "+15550001" }, "/ws?device=phone"),
  upgrade({ Origin: "http://localhost", Host: "localhost" }, "/ws?ticket=abc&device=web"),
  upgrade({ Authorization: "Bearer a.b.c", "X-Forwarded-For": "1.2.3.4, 5.6.7.8" }),
  upgrade({ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits", "Phone-Number": "bob" }),
  "GET /v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "POST /v1/tickets HTTP/1.1\r\nHost: localhost\r\nPhone-Number: alice\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"device\":\"d\"}",
  "POST /v1/admin/ban HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"user\":\"alice\"}"
].map((text) => Buffer.from(text, "latin1"))

const speech = [
  frame("{\"type\":\"ping\",\"id\":\"1\"}"),
  frame("{\"type\":\"chat_message\",\"id\":\"1\",\"recipient\":\"bob\",\"text\":\"hi\"}"),
  frame("{\"type\":\"history\",\"recipient\":\"bob\",\"after\":0}"),
  frame("{\"type\":\"create_group\",\"name\":\"tea\",\"members\":[\"bob\"]}"),
  frame("{\"type\":\"subscribe_presence\",\"users\":[\"bob\",\"carol\"]}"),
  Buffer.concat([frame("{\"type\":", 0x01), frame("\"ping\"}", 0x80)]),
  frame("x", 0x89),
  frame(Buffer.from([0x03, 0xe8]), 0x88)
]

const overPort = (port: number): [Duplex, Duplex] => {
  const socket = connectSocket(port, "127.0.0.1")
  return [socket, socket]
}

describe("the upgrade handler", () => {
  it.live(`P9 takes ${runs(5_000)} generated and bent requests, and what follows them (seed ${seed})`, () => {
    const complaints: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => {
      const text = String(message)
      if (text.includes("defect")) complaints.push(text)
    })
    return Effect.gen(function*() {
      const { port, server } = yield* TestServer
      const honest = yield* connect({ port, user: "honest", level: "v1" })
      const pick = random(seed)
      let switched = 0
      const one = Effect.gen(function*() {
        const [theirs, ours] = server === undefined ? overPort(port) : duplexPair()
        // Node takes any stream for a connection; this one needs no port, so a million of them do.
        server?.emit("connection", Object.assign(theirs, { remoteAddress: "127.0.0.1" }))
        const answer = { text: "" }
        ours.on("data", (chunk: Buffer) => answer.text += chunk.toString("latin1", 0, 64))
        ours.on("error", () => {})
        // Some get through the door, so that what follows is looked at too.
        const text = requests[pick(requests.length)]!.toString("latin1")
        // A user each, because who breaks the rules again and again stays outside.
        const good = Buffer.from(text.replaceAll("alice", `user${pick(1_000_000)}`), "latin1")
        const request = pick(3) === 0 ? good : mutate(good, pick, requests)
        const more = Array.from({ length: pick(4) }, () => mutate(speech[pick(speech.length)]!, pick, speech))
        const write = (data: Buffer) => {
          if ((ours as Duplex).writable) ours.write(data)
        }
        // In pieces, at whatever places.
        const cut = pick(request.length + 1)
        write(request.subarray(0, cut))
        if (pick(2) === 0) yield* nextTurn
        write(request.subarray(cut))
        for (const bytes of more) write(bytes)
        for (let turns = 0; turns < 3 || (answer.text === "" && turns < 15); turns++) yield* nextTurn
        if (answer.text.startsWith("HTTP/1.1 101")) switched++
        ours.destroy()
        theirs.destroy()
      })
      const count = runs(5_000)
      for (let done = 0; done < count; done += 500) {
        yield* Effect.forEach(Array.from({ length: Math.min(500, count - done) }), () => one, {
          concurrency: 25,
          discard: true
        })
        // Between any two batches everybody else is served.
        yield* roundTrip(honest)
      }
      assert.isAbove(switched, count / 50)
      assert.deepStrictEqual(complaints, [])
    }).pipe(
      Effect.scoped,
      Effect.provide(
        testServer({
          settings: {
            maxConnectionsPerUser: 0,
            maxConnectionsPerAddress: 0,
            maxConnectionsPerSecond: 0,
            maxMessagesPerSecondPerUser: 0,
            maxMessagesPerSecondPerAddress: 0
          }
        }).pipe(
          Layer.provideMerge(Logger.layer([logger]))
        )
      )
    )
  }, 3_600_000)
})
