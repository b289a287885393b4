/** P7: after 10,000 connections, of which half end abruptly, everything counts exactly as before the first. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, HashMap } from "effect"
import type { Socket } from "node:net"
import { Router } from "../../src/services/server/Router.ts"
import { Gateway } from "../../src/services/transport/Gateway.ts"
import { Heartbeat } from "../../src/services/user/Heartbeat.ts"
import { frame, upgrade } from "../support/HostileClient.ts"
import { overTls, socketTo } from "../support/overTls.ts"
import { onBun, TestServer, testServer } from "../support/TestServer.ts"
import { until } from "../support/until.ts"

const closeFrame = frame(Buffer.from([0x03, 0xe8]), 0x88)

/** Those with TLS have no reset of their own; without a farewell they end as abruptly. */
const reset = (socket: Socket) => overTls === undefined ? socket.resetAndDestroy() : socket.destroy()

/** A handshake of TLS costs both sides more than all that follows. */
const many = overTls === undefined ? 10_000 : 2_000

const connectAndLeave = (port: number, user: string, abruptly: boolean) =>
  Effect.callback<void>((resume) => {
    const socket = socketTo({ port, host: "127.0.0.1" }, () => socket.write(upgrade({ "Phone-Number": user })))
    socket.on("error", () => {})
    socket.once("close", () => resume(Effect.void))
    socket.once("data", () => abruptly ? reset(socket) : socket.write(closeFrame))
  })

const counts = Effect.gen(function*() {
  const { server, sockets } = yield* TestServer
  const resources = process.getActiveResourcesInfo()
  return {
    sessions: yield* (yield* Gateway).size,
    users: HashMap.size(yield* (yield* Router).registry),
    watched: yield* (yield* Heartbeat).size,
    serverListeners: server?.eventNames().map((name) => `${String(name)} ${server.listenerCount(name)}`).join(),
    processListeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`).join(),
    timers: resources.filter((name) => name === "Timeout").length,
    sockets: onBun ? yield* sockets : resources.filter((name) => name === "TCPSocketWrap").length
  }
})

/** Vitest runs this file with --expose-gc. */
const collect = (globalThis as { Bun?: { gc: (now: boolean) => void } }).Bun?.gc.bind(undefined, true) ?? globalThis.gc!

const heapUsed = Effect.sync(() => {
  for (let i = 0; i < 4; i++) collect()
  return process.memoryUsage().heapUsed
})

const wave = (port: number, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, i) => i),
    (i) => connectAndLeave(port, `user${i % 500}`, i % 2 === 0),
    { concurrency: 50, discard: true }
  )

describe("P7", () => {
  it.live(`${many} connects and disconnects leave nothing behind`, () =>
    Effect.gen(function*() {
      const { port } = yield* TestServer
      const settled = until(Effect.map(counts, ({ sessions, sockets, users }) => sessions + users + sockets === 0))
      // As many before, because what the engine makes of the code, and the room of its tables, come with use.
      yield* wave(port, many)
      yield* settled
      const before = yield* counts
      const heapBefore = yield* heapUsed
      yield* wave(port, many)
      yield* settled
      // One that is awake for what has just happened sleeps again soon; so may one that was awake before.
      yield* until(Effect.map(counts, ({ timers }) => timers <= before.timers))
      const { timers } = before
      assert.deepStrictEqual({ ...yield* counts, timers }, before)
      const growth = (yield* heapUsed) - heapBefore
      // 100 bytes a connection would be a megabyte.
      assert.isBelow(growth, 1_000_000, `the heap grew by ${growth} bytes`)
    }).pipe(Effect.provide(testServer())), 120_000)
})
