/** The command line as people use it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { version } from "../../src/domain/version.ts"
import { settingNames, settingsTable } from "../../src/services/Settings.ts"
import { refuses, root, runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect, open, type TestClient } from "../support/TestClient.ts"

const refusesToServe = (args: ReadonlyArray<string>, sentence: RegExp) => refuses(["serve", ...args], sentence)

describe("switchboard serve", () => {
  it.live("says in one line where it listens, and answers there", () =>
    Effect.gen(function*() {
      const server = yield* startServer(["--store", "memory"])
      assert.strictEqual(server.output().trim().split("\n").length, 1)
      for (const path of ["live", "ready"]) {
        const response = yield* Effect.promise(() => fetch(`http://127.0.0.1:${server.port}/health/${path}`))
        assert.strictEqual(response.status, 200)
      }
    }).pipe(Effect.scoped))

  it.live("takes a flag from the environment, and the command line over it", () =>
    Effect.gen(function*() {
      const env = { SWITCHBOARD_STORE: "memory", SWITCHBOARD_MAX_TEXT_BYTES: "10", SWITCHBOARD_HEARTBEAT_MS: "1234" }
      const { port } = yield* startServer(["--max-text-bytes", "20"], env)
      const client = yield* open({ port, user: "alice", level: "v1" }).pipe(Effect.orDie)
      const { heartbeat_ms, limits } = yield* client.expect("welcome")
      assert.deepStrictEqual([limits.text_bytes, heartbeat_ms], [20, 1_234])
    }).pipe(Effect.scoped))

  it.live("says in one sentence what is wrong with a webhook, without its credentials", () =>
    Effect.gen(function*() {
      const secret = `whsec_${Buffer.alloc(32).toString("base64")}`
      const url = ["--webhook-url", "https://user:secret@example.com/"]
      for (
        const [args, sentence, SWITCHBOARD_WEBHOOK_SECRET] of [
          [["--webhook-url", "example.com"], /--webhook-url is no address/, secret],
          [["--webhook-url", "ftp://example.com"], /--webhook-url is no address/, secret],
          [url, /--webhook-url needs a secret: set SWITCHBOARD_WEBHOOK_SECRET/, ""],
          [url, /SWITCHBOARD_WEBHOOK_SECRET is not whsec_/, "whsec_c2hvcnQ="],
          [url, /SWITCHBOARD_WEBHOOK_SECRET is not whsec_/, `${secret},nonsense`],
          [[...url, "--webhook-events", "message.sent"], /--webhook-events has no message\.sent; choose from/, secret],
          [["--webhook-events", "message.unread"], /add --webhook-url, or leave them out/, ""]
        ] as const
      ) {
        yield* refuses(["serve", "--store", "memory", ...args], sentence, { SWITCHBOARD_WEBHOOK_SECRET })
      }
    }).pipe(Effect.scoped), 60_000)

  it.live("--help shows every flag with its default and variable, --version the version", () =>
    Effect.gen(function*() {
      const help = yield* runCommand(["serve", "--help"])
      assert.strictEqual(help.code, 0)
      for (const name of settingNames) {
        const { default: value, flag } = settingsTable[name]
        assert.match(help.output, new RegExp(`--${flag} .*\\(default: ${value}\\)`))
      }
      assert.include((yield* runCommand(["--version"])).output, version)
      assert.strictEqual(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version, version)
    }))

  it.live("--log-format json writes JSON lines, without texts or names of credentials", () =>
    Effect.gen(function*() {
      const server = yield* startServer(["--store", "memory", "--log-format", "json", "--log-level", "all"])
      const alice = yield* connect({ port: server.port, user: "alice" })
      const bob = yield* connect({ port: server.port, user: "bob" })
      alice.send({ type: "chat_message", recipient: "bob", text: "a secret text" })
      yield* bob.expect("incoming_message")
      server.kill("SIGTERM")
      assert.strictEqual(yield* server.exited, 0)
      const lines = server.output().trim().split("\n").slice(1)
      for (const line of lines) assert.isObject(JSON.parse(line))
      assert.notInclude(server.output() + server.errors(), "a secret text")
    }).pipe(Effect.scoped))

  it.live("refuses with one sentence: a port in use", () =>
    Effect.gen(function*() {
      const other = createServer().listen(0, "127.0.0.1")
      yield* Effect.callback<void>((resume) => {
        other.once("listening", () => resume(Effect.void))
      })
      const { port } = other.address() as { port: number }
      yield* refusesToServe(
        ["--store", "memory", "--port", String(port)],
        new RegExp(`Port ${port} is in use; .*--port`)
      )
      other.close()
    }))

  it.live("refuses with one sentence: bad flags and values", () =>
    Effect.gen(function*() {
      yield* refusesToServe(["--prot", "1"], /There is no flag --prot; did you mean --port\?/)
      yield* refusesToServe(["--port", "eighty"], /--port/)
      yield* refusesToServe(["--port", "70000"], /--port a number from 0 to 65535/)
      yield* refusesToServe(["--max-frame-bytes", "-1"], /--max-frame-bytes/)
      yield* refusesToServe(["--store", "mongo"], /--store/)
      yield* refusesToServe(["--host", "0.0.0.0"], /--trust-phone-header/)
      yield* refusesToServe(
        ["--host", "203.0.113.1", "--trust-phone-header", "--store", "memory"],
        /no address 203\.0\.113\.1/
      )
    }), 60_000)

  it.live("refuses with one sentence: data files and databases that it cannot use", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const garbage = join(path, "garbage.db")
      writeFileSync(garbage, "this is no database, but it is long enough to be looked at as if it were one".repeat(50))
      yield* refusesToServe(["--data", garbage], /not a Switchboard data file/)
      yield* refusesToServe(["--data", join(path, "no", "such", "directory.db")], /directory exists/)
      yield* refusesToServe(["--store", "postgres"], /--database-url/)
      yield* refusesToServe(
        ["--store", "postgres", "--database-url", "postgres://x@127.0.0.1:1/x"],
        /Postgres .* cannot be reached/
      )
      yield* startServer(["--data", join(path, "chat.db")])
      yield* refusesToServe(["--data", join(path, "chat.db")], /in use by another server/)
    }).pipe(Effect.scoped), 60_000)
})

describe("P10 a clean stop", () => {
  const stops = (signal: NodeJS.Signals) =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      // If it waited for more than its clients' answers, nobody would see the end of it.
      const server = yield* startServer(["--data", join(path, "chat.db"), "--drain-ms", "600000"])
      const clients: ReadonlyArray<TestClient> = yield* Effect.forEach(
        Array.from({ length: 1_000 }, (_, i) => i),
        (i) => connect({ port: server.port, user: `user${i}`, level: i % 2 === 0 ? "v1" : "plain" }),
        { concurrency: 50 }
      )
      clients[0]!.send({ type: "chat_message", id: "last words", recipient: "user1", text: "last words" })
      yield* clients[0]!.waitFor("message_accepted")
      server.kill(signal)
      assert.strictEqual(yield* server.exited, 0, server.errors())
      for (const client of clients) assert.strictEqual(yield* client.closed, 4001)
      const { reconnect_after_ms } = yield* clients[2]!.waitFor("draining")
      assert.isAtMost(reconnect_after_ms, 5_000)
      const again = yield* startServer(["--data", join(path, "chat.db")])
      const alice = yield* connect({ port: again.port, user: "user0" })
      alice.send({ type: "history", recipient: "user1", after: 0 })
      assert.strictEqual((yield* alice.waitFor("history_page")).messages.length, 1)
    }).pipe(Effect.scoped)

  it.live(
    "SIGTERM with 1,000 connections: 4001, exit code 0, as soon as they have left",
    () => stops("SIGTERM"),
    60_000
  )
  it.live("Ctrl-C does the same", () => stops("SIGINT"), 60_000)
})
