/** The server as its users start it: a process of its own, on a free port of loopback. */
import { assert } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { readFileSync, unwatchFile, watchFile } from "node:fs"

export interface ServerProcess {
  readonly port: number
  readonly pid: number
  /** Everything printed so far. */
  readonly output: () => string
  readonly errors: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  /** Nobody reads what it prints from now on. */
  readonly hangUp: () => void
  /** The exit code; `null` after a kill. */
  readonly exited: Effect.Effect<number | null>
  /** Resident memory in bytes. */
  readonly rss: () => number
}

export const root = new URL("../../", import.meta.url).pathname

export interface Finished {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** As its users start it. */
export const bin = "bin/switchboard.js"

/** What `program.ts` has made of the source, which starts faster; `TEST_PROGRAM=bin/switchboard.js` is the source itself. */
const built = process.env["TEST_PROGRAM"] ?? bin
const compiled = process.env["TEST_PROGRAM_COMPILED"]

/** What runs the command line: what runs the tests, or Bun for tests on Node (`TEST_ENGINE=bun`). */
export const engine = process.env["TEST_ENGINE"] === "bun" ? `${root}node_modules/.bin/bun` : process.execPath

export const isBun = engine.endsWith("bun") || process.versions["bun"] !== undefined

/** A file that needs nothing to run it, in this folder, with no environment but what a test gives it. */
export interface Executable {
  readonly file: string
  readonly directory: string
}

const launch = (
  args: ReadonlyArray<string>,
  env: Record<string, string> = {},
  stdin: "ignore" | "pipe" = "ignore",
  stdout: "pipe" | number = "pipe",
  program: string | Executable = built
): ChildProcess => {
  const stdio = [stdin, stdout, "pipe"] as const
  return typeof program === "string"
    ? spawn(engine, [program, ...args], {
      cwd: root,
      env: {
        ...process.env,
        NO_COLOR: "1",
        ...(program !== bin && compiled !== undefined ? { NODE_COMPILE_CACHE: compiled } : {}),
        ...env
      },
      stdio: [...stdio]
    })
    : spawn(program.file, args, { cwd: program.directory, env, stdio: [...stdio] })
}

/** Runs a command to its end, with nothing to read, or with this. */
export const runCommand = (
  args: ReadonlyArray<string>,
  env?: Record<string, string>,
  input?: string,
  program?: string | Executable
): Effect.Effect<Finished> =>
  Effect.callback((resume) => {
    const child = launch(args, env, input === undefined ? "ignore" : "pipe", "pipe", program)
    child.stdin?.end(input)
    let output = ""
    let errors = ""
    child.stdout!.on("data", (data: Buffer) => output += data.toString())
    child.stderr!.on("data", (data: Buffer) => errors += data.toString())
    child.once("close", (code) => resume(Effect.succeed({ code, output, errors })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** One sentence on stderr that looks like this, exit code 1, no stack trace. */
export const refuses = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  sentence: RegExp,
  env?: Record<string, string>
) {
  const { code, errors, output } = yield* runCommand(args, env)
  assert.strictEqual(code, 1, output + errors)
  assert.match(errors, sentence)
  assert.notMatch(errors, /\n\s+at /)
})

/** Where a server prints to, in place of a pipe. */
export interface OutputFile {
  readonly fd: number
  readonly path: string
}

/** Starts `serve`, or another program like it, and waits until it listens; killed when the scope closes. */
export const startServer = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  env?: Record<string, string>,
  file?: OutputFile,
  program?: string | Executable
) {
  const exited = yield* Deferred.make<number | null>()
  let output = ""
  let errors = ""
  const child = yield* Effect.acquireRelease(
    Effect.callback<ChildProcess>((resume) => {
      const command = ["serve", ...(args.includes("--port") ? [] : ["--port", "0"]), ...args]
      const child = launch(command, env, "ignore", file?.fd, program)
      const printed = (text: string) => {
        output += text
        if (output.includes("listens")) resume(Effect.succeed(child))
      }
      child.stdout?.on("data", (data: Buffer) => printed(data.toString()))
      if (file !== undefined) {
        watchFile(file.path, { interval: 20 }, () => {
          output = ""
          printed(readFileSync(file.path, "utf8"))
          unwatchFile(file.path)
        })
      }
      child.stderr!.on("data", (data: Buffer) => errors += data.toString())
      child.once("exit", (code) => {
        Deferred.doneUnsafe(exited, Effect.succeed(code))
        resume(Effect.die(new Error(`the server ended: ${output}${errors}`)))
      })
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const server: ServerProcess = {
    port: Number(/listens: https?:\/\/[^:]+:(\d+)/.exec(output)![1]),
    pid: child.pid!,
    output: () => output,
    errors: () => errors,
    kill: (signal) => child.kill(signal),
    hangUp: () => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    exited: Deferred.await(exited),
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) * 1_024
  }
  return server
})
