/** Ports: free, taken by another program, taken by a server of ours. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { connect } from "node:net"
import { portCheck } from "../../../src/cli/doctor/port.ts"
import { httpServer } from "../../support/httpServer.ts"
import { freePort } from "../../support/redisServer.ts"
import { startServer } from "../../support/ServerProcess.ts"
import { foundBy } from "../../support/verdicts.ts"

const looked = (port: number, { basePath = "", host = "127.0.0.1" } = {}) =>
  Effect.map(foundBy([portCheck({ flag: "port", host, port, basePath })], 30_000), (lines) => lines.join("\n"))

const isTaken = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
  })

describe("the doctor, of a port", () => {
  it.live("a free one is free afterwards as well", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      assert.strictEqual(yield* looked(port), `ok port: Port ${port} is free.`)
      assert.isFalse(yield* isTaken(port))
      assert.match(yield* looked(0), /^ok port: A free port/)
      assert.match(yield* looked(port, { host: "192.0.2.1" }), /^failed port: This machine has no address 192\.0\.2\.1/)
    }), 60_000)

  it.live("another program has it", () =>
    Effect.gen(function*() {
      for (const body of ["hello", "{\"status\":\"ok\"}", "null", "x".repeat(1_000_000)]) {
        const port = yield* httpServer((_, response) => response.end(body))
        assert.match(yield* looked(port), /^failed port: Port \d+ is in use by another program; stop it or choose/)
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("a server of ours has it, of this version, of another, or not ready", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory", "--base-path", "/chat"])
      const running = `ok port: A Switchboard is running on port ${port}, and ready.`
      assert.strictEqual(yield* looked(port, { basePath: "/chat" }), running)
      const other = yield* httpServer((request, response) =>
        request.url === "/v1/info"
          ? response.end("{\"name\":\"switchboard\",\"version\":\"0.0.1\"}")
          : response.writeHead(503).end("{\"status\":\"not ready\",\"reason\":\"store\"}")
      )
      assert.match(
        yield* looked(other),
        /^warning port: .* and not ready \(store\); see its log\.\nwarning version: Version 0\.0\.1 is running, and this is /
      )
    }).pipe(Effect.scoped), 60_000)
})
