import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { connect, type Socket } from "node:net"
import { onBun, served, TestServer } from "../../support/TestServer.ts"

const begun = "POST /v1/tickets HTTP/1.1\r\nHost: x\r\nPhone-Number: mallory\r\nContent-Type: application/json\r\n" +
  `Content-Length: 4000000000\r\n\r\n${"x".repeat(40_000)}`

/** Begins a body that is too long, and goes on with it when that was said. Returns what was said. */
const pour = (port: number) =>
  Effect.promise(() =>
    new Promise<string>((resolve) => {
      const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
      let answer = ""
      client.on("error", () => {})
      client.once("data", () => client.write(Buffer.alloc(8_000_000, "x")))
      client.on("data", (data) => answer += String(data))
      client.on("close", () => resolve(answer))
      client.write(begun)
    })
  )

describe.skipIf(onBun)("RequestTurns", () => {
  served("P9 what comes behind the last answer is not read, and the answer arrives", function*(port) {
    const { server } = yield* TestServer
    const sockets: Array<Socket> = []
    server?.on("connection", (socket: Socket) => sockets.push(socket))
    for (let i = 0; i < 3; i++) assert.match(yield* pour(port), /^HTTP\/1.1 413 /)
    assert.deepStrictEqual(sockets.map(({ bytesRead }) => bytesRead), [1, 2, 3].map(() => begun.length))
  })
})
