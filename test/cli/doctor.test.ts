/** `switchboard doctor` as it is typed: beside a server, and where everything is dead. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { freePort } from "../support/redisServer.ts"
import { runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"

interface Line {
  readonly status: string
  readonly check: string
  readonly message: string
}

const linesOf = (output: string) => output.trim().split("\n").map((line) => JSON.parse(line) as Line)

describe("switchboard doctor", () => {
  it.live("is well beside a running server, whose version and file it sees", () =>
    Effect.gen(function*() {
      const data = join(yield* temporaryDirectory, "chat.db")
      const { port } = yield* startServer(["--data", data])
      const flags = ["--data", data, "--port", String(port), "--connections", "10", "--integrity"]
      const { code, errors, output } = yield* runCommand(["doctor", ...flags])
      assert.deepStrictEqual([code, errors], [0, ""], output)
      assert.match(output, /^ok       port        A Switchboard is running on port \d+, and ready\.$/m)
      assert.match(output, /^ok       store       .*chat\.db can be opened, .*; a server has it at the moment\.$/m)
      for (const line of output.trim().split("\n")) assert.match(line, /^(ok {5}|warning) {2}[a-z ]{10} {2}[A-Z0-9./]/)
    }).pipe(Effect.scoped), 60_000)

  it.live("a dead database, a dead Redis and a dead issuer stop no other check", () =>
    Effect.gen(function*() {
      const dead = yield* freePort
      const { code, errors, output } = yield* runCommand([
        "doctor",
        "--json",
        "--port",
        "0",
        "--store",
        "postgres",
        "--database-url",
        `postgres://chat:hidden@127.0.0.1:${dead}/chat`,
        "--redis-url",
        `redis://:hidden@127.0.0.1:${dead}`,
        "--auth",
        "jwt",
        "--jwks-url",
        `http://127.0.0.1:${dead}/keys`,
        "--jwt-issuer",
        "id"
      ], { SWITCHBOARD_MAX_FRAME_BYTE: "1" })
      const lines = linesOf(output)
      const failed = lines.filter(({ status }) => status === "failed").map(({ check }) => check)
      assert.deepStrictEqual(failed, ["store", "redis", "keys"])
      assert.includeMembers(lines.map(({ check }) => check), ["settings", "node", "open files", "memory", "port"])
      assert.match(lines[0]!.message, /^The variable SWITCHBOARD_MAX_FRAME_BYTE sets nothing; did you mean/)
      assert.notInclude(output + errors, "hidden")
      const message = `3 of ${lines.length} checks failed.`
      assert.deepStrictEqual([code, JSON.parse(errors)], [1, { type: "error", code: "failed", message }])
    }), 60_000)

  it.live("settings that do not go together are one of its lines", () =>
    Effect.gen(function*() {
      const { code, errors, output } = yield* runCommand(["doctor", "--port", "0", "--store", "postgres"])
      assert.match(output, /^failed   settings    --store postgres needs --database-url; add it\.$/m)
      assert.match(output, /^ok       node /m)
      assert.strictEqual(code, 1)
      assert.match(errors, /^1 of \d+ checks failed\.\n$/)
      const memory = yield* runCommand(["doctor", "--port", "0", "--store", "memory"])
      assert.match(memory.output, /^warning  store       In memory: all messages are gone/m)
      assert.strictEqual(memory.code, 0)
    }), 60_000)
})
