/** Clients that nobody here wrote, on the plain level as docs/protocol.md has it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { root, startServer } from "../support/ServerProcess.ts"
import { until } from "../support/until.ts"

const python = ["/usr/bin/python3", "python3"].find((each) => spawnSync(each, ["-c", "import websockets"]).status === 0)

if (python === undefined) {
  const message = "No Python with websockets (Debian: python3-websockets): its compatibility test cannot run."
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

const launched = (command: string, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child: ChildProcess = spawn(command, args, { cwd: root, stdio: ["pipe", "pipe", "pipe"] })
      const program = { child, output: "", ended: false }
      child.stdout!.on("data", (data: Buffer) => program.output += data.toString())
      child.stderr!.on("data", (data: Buffer) => program.output += data.toString())
      child.once("close", () => program.ended = true)
      return program
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** Waits until the program has printed this. */
const prints = (program: { readonly output: string }, pattern: RegExp) =>
  until(Effect.sync(() => pattern.test(program.output))).pipe(
    Effect.catchDefect(() => Effect.die(new Error(`no ${pattern} in:\n${program.output}`)))
  )

describe("clients that nobody here wrote", () => {
  it.live.skipIf(python === undefined)(
    "P1 P3 Python's websockets: send, receive, retry, fragments, ping, absence",
    () =>
      Effect.gen(function*() {
        const { port } = yield* startServer(["--store", "memory"])
        const program = yield* launched(python!, ["test/compatibility/plain.py", String(port)])
        yield* until(Effect.sync(() => program.ended))
        assert.strictEqual(program.child.exitCode, 0, program.output)
        const lines = program.output.trim().split("\n").map((line) => JSON.parse(line) as [string, any])
        const seen = lines.map(([what, { chosen, code, duplicate, first, seq, text }]) =>
          [what, seq, text ?? code ?? duplicate ?? chosen, first].filter((each) => each !== undefined)
        )
        assert.deepStrictEqual(seen, [
          ["pushed", 1, "Hi Bob! 👋"],
          ["accepted", 2],
          ["pushed", 2, "with an id"],
          ["again", 2, true],
          ["accepted", 3],
          ["pushed", 3, "in three fragments"],
          ["refused", "invalid_frame"],
          ["pong"],
          ["closed", 1003],
          ["pushed", 4, "while you were away"],
          ["subprotocol", "switchboard.v1", "welcome"]
        ])
      }).pipe(Effect.scoped)
  )

  it.live("wscat, as the README uses it", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      const wscat = (user: string, ...more: ReadonlyArray<string>) =>
        launched(process.execPath, [
          "node_modules/wscat/bin/wscat",
          "-c",
          `ws://127.0.0.1:${port}/ws`,
          "-H",
          `Phone-Number: ${user}`,
          ...more
        ])
      const bob = yield* wscat("bob", "-s", "switchboard.v1")
      yield* prints(bob, /"type":"welcome"/)
      // Without a terminal it does not say when it is connected, so what it says it is told beforehand.
      const message = `{"type":"chat_message","id":"1","recipient":"bob","text":"Hi Bob!"}`
      const alice = yield* wscat("alice", "-x", message, "-w", "10")
      yield* prints(alice, /"type":"message_accepted"/)
      yield* prints(bob, /"type":"incoming_message","sender":"alice","text":"Hi Bob!"/)
    }).pipe(Effect.scoped))
})
