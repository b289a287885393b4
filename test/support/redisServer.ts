/** A Redis of a test's own, that may be stopped and started again; it keeps nothing. */
import { Effect } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { type AddressInfo, connect, createServer } from "node:net"
import { eventually } from "./eventually.ts"
import { temporaryDirectory } from "./stores.ts"

/** Whether there is one on this machine to be started. */
export const hasRedisServer = spawnSync("redis-server", ["--version"]).status === 0

/** Nobody listens there; the next who asks for a free port gets another one, mostly. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const answers = (port: number) =>
  Effect.callback<boolean>((resume) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("connect", () => socket.write("PING\r\n"))
    socket.once("data", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
  })

/** What it was told to do. */
const said = (port: number, command: string) =>
  Effect.callback<void>((resume) => {
    const socket = connect({ host: "127.0.0.1", port })
    socket.once("connect", () => socket.write(`${command}\r\n`))
    socket.once("data", () => {
      socket.destroy()
      resume(Effect.void)
    })
    socket.once("error", (error) => resume(Effect.die(error)))
  })

export const startRedis = Effect.gen(function*() {
  const dir = yield* temporaryDirectory
  const port = yield* freePort
  let child: ChildProcess | undefined
  const stop = Effect.suspend(() => {
    const ending = child
    child = undefined
    if (ending === undefined) return Effect.void
    return Effect.callback<void>((resume) => {
      ending.once("exit", () => resume(Effect.void))
      ending.kill("SIGKILL")
    })
  })
  const start = Effect.gen(function*() {
    child = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir],
      { stdio: "ignore" }
    )
    yield* eventually(answers(port))
  })
  yield* Effect.addFinalizer(() => stop)
  yield* start
  return { port, start, stop, command: (command: string) => said(port, command) }
})

export type RedisServer = Effect.Success<typeof startRedis>
