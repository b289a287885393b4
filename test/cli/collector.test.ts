/** A server as its users start it has a collector that suits it and its machine, without another process. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join, resolve } from "node:path"
import { bin, type Executable, isBun, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"

const started = Effect.fnUntraced(function*(env?: Record<string, string>, program: string | Executable = bin) {
  const server = yield* startServer(["--store", "memory"], env, undefined, program)
  const words = readFileSync(`/proc/${server.pid}/cmdline`, "utf8").split("\0")
  server.kill("SIGTERM")
  return { words, code: yield* server.exited, errors: server.errors() }
})

const young = "--max-semi-space-size=32"
const single = "--single-threaded-gc"
const onOne = availableParallelism() === 1 ? [single] : []

/** Where the program is among what it was started with. */
const at = (words: ReadonlyArray<string>) => words.findIndex((word) => word.endsWith(bin))

const hasTaskset = (() => {
  try {
    return execFileSync("taskset", ["-c", "0", "true"]).length === 0
  } catch {
    return false
  }
})()

// Bun has another collector, and no process that becomes another.
describe.skipIf(isBun)("the collector of a server", () => {
  it.live("has room for what dies young, in the process that was started, which hears its signals", () =>
    Effect.gen(function*() {
      const { code, errors, words } = yield* started()
      assert.deepStrictEqual(words.slice(1, at(words)), [young, ...onOne])
      assert.deepStrictEqual(words.slice(at(words) + 1, -1), ["serve", "--port", "0", "--store", "memory"])
      assert.deepStrictEqual([code, errors], [0, ""])
    }).pipe(Effect.scoped))

  it.live("what somebody has said stays", () =>
    Effect.gen(function*() {
      const { code, words } = yield* started({ NODE_OPTIONS: "--max-semi-space-size=16" })
      assert.deepStrictEqual(words.slice(1, at(words)), onOne)
      assert.strictEqual(code, 0)
    }).pipe(Effect.scoped))

  it.live.skipIf(!hasTaskset)("on one core it has no threads to take turns with", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const file = join(directory, "on-one-core")
      writeFileSync(file, `#!/bin/sh\nexec taskset -c 0 "${process.execPath}" "${resolve(bin)}" "$@"\n`, {
        mode: 0o755
      })
      const { code, words } = yield* started({ ...process.env as Record<string, string> }, { file, directory })
      assert.deepStrictEqual(words.slice(1, at(words)), [young, single])
      assert.strictEqual(code, 0)
    }).pipe(Effect.scoped))
})
