/** A server process on loopback: pinned to a core where `taskset` is present, or given a share of one. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { sleep } from "./proc.ts"

export const hasTaskset = (() => {
  try {
    execFileSync("taskset", ["-V"])
    return true
  } catch {
    return false
  }
})()

const running = new Set<ChildProcess>()
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")))
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1))

export const freePort = () =>
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

/** Where each server leaves what its CPU was used for, when it ends. */
const profiles = process.env["BENCH_PROFILES"]
const profiled = profiles === undefined ? [] : ["--cpu-prof", "--cpu-prof-dir", profiles]

const bun = new URL("../node_modules/.bin/bun", import.meta.url).pathname

export interface ChildOptions {
  readonly argv: ReadonlyArray<string>
  readonly port: number
  /** Node by default; with `none` the first argument is the program. */
  readonly engine?: "bun" | "none" | undefined
  /** For `taskset`; no core means any. */
  readonly core: string | undefined
  /** Percent of one core that it may use at most. */
  readonly share?: number
}

let shares = 0

/** A group of processes that share so many percent of one core. Version 1 of the kernel's interface. */
const makeShare = (percent: number) => {
  const directory = `/sys/fs/cgroup/cpu/switchboard-bench-${process.pid}-${shares++}`
  mkdirSync(directory)
  // A short period: with the kernel's 100 ms a message would wait for the next one.
  writeFileSync(`${directory}/cpu.cfs_period_us`, "10000")
  writeFileSync(`${directory}/cpu.cfs_quota_us`, String(percent * 100))
  return {
    add: (pid: number) => writeFileSync(`${directory}/cgroup.procs`, String(pid)),
    remove: () => rmdirSync(directory)
  }
}

export class Child {
  readonly #options: ChildOptions
  readonly #share: ReturnType<typeof makeShare> | undefined
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()

  constructor(options: ChildOptions) {
    this.#options = options
    this.#share = options.share === undefined ? undefined : makeShare(options.share)
  }

  get port(): number {
    return this.#options.port
  }

  get pid(): number {
    return this.#child!.pid!
  }

  async start(): Promise<void> {
    const { argv, core, engine, port } = this.#options
    const engines = { node: [process.execPath, ...profiled], bun: [bun], none: [] }
    const own = [...engines[engine ?? "node"], ...argv]
    const [command, ...args] = hasTaskset && core !== undefined ? ["taskset", "-c", core, ...own] : own
    // taskset replaces itself by the server, so its pid is the server's.
    const child = spawn(command!, args, { stdio: ["ignore", "ignore", "inherit"] })
    running.add(child)
    this.#child = child
    this.#ended = new Promise<void>((resolve) =>
      child.once("exit", () => {
        running.delete(child)
        resolve()
      })
    )
    for (let i = 0; i < 2_000 && !(await listens(port)); i++) await sleep(10)
    // Only now: to begin is no part of what is measured.
    this.#share?.add(child.pid!)
  }

  /** Gives it so many milliseconds. */
  async stop(millis = 5_000): Promise<void> {
    this.#child?.kill("SIGTERM")
    const timer = setTimeout(() => this.#child?.kill("SIGKILL"), millis)
    await this.#ended
    clearTimeout(timer)
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL")
    await this.#ended
  }

  async dispose(): Promise<void> {
    await this.stop()
    this.#share?.remove()
  }
}
