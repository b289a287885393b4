/** From which level on a server logs, wherever that was said. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { eventually } from "../support/eventually.ts"
import { startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"

/** All that was logged of one request with a wrong token, by a server that has ended since. */
const loggedWith = Effect.fnUntraced(function*(args: ReadonlyArray<string>, env?: Record<string, string>) {
  const token = ["--admin-token", "0123456789abcdef0123456789abcdef"]
  const server = yield* startServer(["--store", "memory", "--log-format", "json", ...token, ...args], env)
  const { status } = yield* Effect.promise(() =>
    fetch(`http://127.0.0.1:${server.port}/v1/admin/bans`, { headers: { authorization: "Bearer wrong" } })
  )
  assert.strictEqual(status, 401)
  server.kill("SIGTERM")
  assert.strictEqual(yield* server.exited, 0)
  return server
})

const logs = (...server: Parameters<typeof loggedWith>) =>
  Effect.flatMap(
    loggedWith(...server),
    ({ output }) => eventually(Effect.sync(() => output().includes("Admin.refused")))
  )

const isQuiet = (...server: Parameters<typeof loggedWith>) =>
  Effect.map(loggedWith(...server), ({ output }) => assert.notInclude(output(), "Admin.refused"))

describe("the log level", () => {
  it.live("is that of a flag, of a variable, of a file, or else info", () =>
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "switchboard.toml")
      writeFileSync(file, "log-level = \"error\"")
      const quiet = { SWITCHBOARD_LOG_LEVEL: "error" }
      yield* logs([])
      yield* isQuiet([], quiet)
      yield* isQuiet(["--config", file])
      yield* logs(["--config", file], { SWITCHBOARD_LOG_LEVEL: "debug" })
      yield* logs(["--log-level", "info"], quiet)
    }).pipe(Effect.scoped), 120_000)
})
