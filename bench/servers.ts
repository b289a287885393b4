/** The servers under test: child processes on loopback, pinned to core 0 where `taskset` is present. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sleep } from "./proc.ts"

export const hasTaskset = (() => {
  try {
    execFileSync("taskset", ["-V"])
    return true
  } catch {
    return false
  }
})()

export type ServerName =
  | "bare ws"
  | "Socket.IO"
  | "Switchboard"
  | "Switchboard v1"
  | "Switchboard SQLite"
  | "Switchboard SQLite v1"
  | "ws + SQLite"

/** How a client of this server talks. */
export type Dialect = "plain" | "v1" | "socket.io"

export interface RunningServer {
  readonly name: ServerName
  readonly dialect: Dialect
  readonly port: number
  readonly pid: number
  readonly stop: () => Promise<void>
}

/** Frames are counted as always, against limits that no run reaches. */
const counted = ["--max-messages-per-second", "--max-messages-per-second-per-user"].flatMap((flag) => [flag, "1000000"])

const commands = (port: number, directory: string): Record<ServerName, ReadonlyArray<string>> => {
  const serve = ["bin/switchboard.js", "serve", "--port", String(port), "--log-format", "json", ...counted]
  return {
    "bare ws": ["bench/peers/bare-ws.ts", String(port)],
    "Socket.IO": ["bench/peers/socket-io.ts", String(port)],
    "ws + SQLite": ["bench/peers/ws-sqlite.ts", String(port), join(directory, "peer.db")],
    "Switchboard": [...serve, "--store", "memory"],
    "Switchboard v1": [...serve, "--store", "memory"],
    "Switchboard SQLite v1": [...serve, "--store", "sqlite", "--data", join(directory, "chat.db")],
    "Switchboard SQLite": [...serve, "--store", "sqlite", "--data", join(directory, "chat.db")]
  }
}

/** A flag that the caller gives, or its value. */
const isGiven = (arg: string, before: string | undefined, flags: ReadonlyArray<string>): boolean =>
  (arg.startsWith("--") && flags.includes(arg)) ||
  (before !== undefined && before.startsWith("--") && flags.includes(before))

const running = new Set<ChildProcess>()
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")))
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1))

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

/** `flags` are for Switchboard, and win. */
export const start = async (name: ServerName, flags: ReadonlyArray<string> = []): Promise<RunningServer> => {
  const port = await freePort()
  const directory = mkdtempSync(join(tmpdir(), "switchboard-bench-"))
  const own = commands(port, directory)[name].filter((arg, i, all) => !isGiven(arg, all[i - 1], flags))
  const argv = [process.execPath, ...own, ...flags]
  const [command, ...args] = hasTaskset ? ["taskset", "-c", "0", ...argv] : argv
  // taskset replaces itself by the server, so this pid is the server's.
  const child = spawn(command!, args, { stdio: ["ignore", "ignore", "inherit"] })
  running.add(child)
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  for (let i = 0; i < 200 && !(await listens(port)); i++) await sleep(50)
  return {
    name,
    dialect: name === "Socket.IO" ? "socket.io" : name.endsWith(" v1") ? "v1" : "plain",
    port,
    pid: child.pid!,
    stop: async () => {
      child.kill("SIGTERM")
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000)
      await ended
      clearTimeout(timer)
      running.delete(child)
      rmSync(directory, { recursive: true, force: true })
    }
  }
}
