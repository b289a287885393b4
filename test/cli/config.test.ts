/** Settings by flag, variable and file: which of them counts, and what is said of one that will not do. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { readSettings } from "../../src/cli/configuration/settingsFile.ts"
import { serveSettings } from "../../src/cli/serve.ts"
import { refuses, root, runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"

interface Told {
  readonly name: string
  readonly value: string | number | boolean
  readonly source: string
  readonly from?: string
}

const inFile = Effect.fnUntraced(function*(content: string, name = "switchboard.toml") {
  const path = join(yield* temporaryDirectory, name)
  writeFileSync(path, content)
  chmodSync(path, 0o600)
  return path
})

const told = Effect.fnUntraced(function*(args: ReadonlyArray<string>, env?: Record<string, string>) {
  const { code, errors, output } = yield* runCommand(["config", "--json", ...args], env)
  assert.deepStrictEqual([code, errors], [0, ""])
  const settings = output.trim().split("\n").map((line) => JSON.parse(line) as Told)
  return { settings, of: (name: string) => settings.find((each) => each.name === name), output }
})

const secret = "a secret that is longer than thirty-two bytes"

describe("switchboard config", () => {
  it.live(
    "a flag counts before a variable, that before the file, and the file before the default",
    () =>
      Effect.gen(function*() {
        const file = yield* inFile(`
        port = 1001
        host = "::1"
        max-frame-bytes = 1002
        max-text-bytes = 1003
        no-web = true
        directory = "members"
        redact-users = true
        auth = "jwt"
        jwt-secret = "${secret}"
        jwks-url = ""
        trusted-proxy = ["10.0.0.0/8", "::1"]
        log-level = "debug"
      `)
        const { of, output, settings } = yield* told(["-p", "2001", "--no-redact-users"], {
          SWITCHBOARD_CONFIG: file,
          SWITCHBOARD_PORT: "3001",
          SWITCHBOARD_HOST: "127.0.0.2",
          SWITCHBOARD_MAX_FRAME_BYTES: "",
          SWITCHBOARD_ADMIN_TOKEN: secret
        })
        const expected: ReadonlyArray<Told> = [
          { name: "port", value: 2001, source: "flag" },
          { name: "redact-users", value: false, source: "flag" },
          { name: "host", value: "127.0.0.2", source: "environment", from: "SWITCHBOARD_HOST" },
          { name: "admin-token", value: "redacted", source: "environment", from: "SWITCHBOARD_ADMIN_TOKEN" },
          { name: "max-frame-bytes", value: 1002, source: "file", from: file },
          { name: "max-text-bytes", value: 1003, source: "file", from: file },
          { name: "no-web", value: true, source: "file", from: file },
          { name: "directory", value: "members", source: "file", from: file },
          { name: "auth", value: "jwt", source: "file", from: file },
          { name: "jwt-secret", value: "redacted", source: "file", from: file },
          { name: "trusted-proxy", value: "10.0.0.0/8,::1", source: "file", from: file },
          { name: "log-level", value: "debug", source: "file", from: file },
          { name: "jwks-url", value: "", source: "default" },
          { name: "database-url", value: "", source: "default" },
          { name: "store", value: "sqlite", source: "default" }
        ]
        for (const each of expected) assert.deepStrictEqual(of(each.name), each)
        assert.notInclude(output, secret)
        assert.sameMembers(settings.map(({ name }) => name), serveSettings.map(({ name }) => name))
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("what it prints for people is a file that says the same", () =>
    Effect.gen(function*() {
      const args = ["--host", "::1", "--allow-origin", "https://a.example, https://b.example", "--max-text-bytes", "9"]
      const { code, errors, output } = yield* runCommand(["config", ...args, "--admin-token", secret])
      assert.deepStrictEqual([code, errors], [0, ""])
      assert.notInclude(output, secret)
      assert.match(output, /^# admin-token = \(hidden\) +# flag$/m)
      const { of, settings } = yield* told(["--config", yield* inFile(output)])
      const { settings: before } = yield* told(args)
      const values = (list: ReadonlyArray<Told>) => list.map(({ name, value }) => [name, value])
      assert.deepStrictEqual(values(settings), values(before))
      assert.strictEqual(of("max-text-bytes")!.source, "file")
    }).pipe(Effect.scoped), 60_000)

  it.live("what will not do is named, with its value and where it stands", () =>
    Effect.gen(function*() {
      const wrong = Effect.fnUntraced(function*(content: string, sentence: string, ...args: ReadonlyArray<string>) {
        const path = yield* inFile(content)
        const { code, errors, output } = yield* runCommand(["config", "--config", path, ...args])
        assert.deepStrictEqual([code, output, errors.replaceAll(path, "FILE")], [1, "", `${sentence}\n`])
      })
      const help = "switchboard config --help tells what there is."
      yield* wrong(
        "max-frame-byte = 1",
        "Unknown setting \"max-frame-byte\" in FILE; did you mean \"max-frame-bytes\"?"
      )
      yield* wrong(
        "port = 99999",
        `port = 99999 in FILE will not do: give --port a number from 0 to 65535. ${help}`
      )
      yield* wrong(
        "base-path = \"/a b\"",
        `base-path = "/a b" in FILE will not do: give --base-path a path such as /chat. ${help}`
      )
      yield* wrong(
        "trusted-proxy = [\"10.0.0.0/99\"]",
        "Give --trusted-proxy addresses or subnets such as 10.0.0.0/8, with commas between. " +
          "--trusted-proxy is \"trusted-proxy\" in FILE here."
      )
      yield* wrong(
        `auth = "jwt"\njwt-secret = "short"`,
        "Give --jwt-secret at least 32 bytes. --jwt-secret is \"jwt-secret\" in FILE here."
      )
      yield* wrong(
        "store = \"postgres\"",
        "--store postgres needs --database-url; add it. --store is \"store\" in FILE here."
      )
      yield* wrong("port = 99999", `--port cannot be "x"; give it a whole number. ${help}`, "--port", "x")
    }).pipe(Effect.scoped), 120_000)

  it.live("a variable that sets nothing is told, and its nearest name", () =>
    Effect.gen(function*() {
      const { code, errors } = yield* runCommand(["config"], {
        SWITCHBOARD_MAX_FRAME_BYTE: "1",
        SWITCHBOARD_ZZZZZZ: "1",
        // Of a client, and of Kubernetes.
        SWITCHBOARD_TOKEN: "x",
        SWITCHBOARD_ADMIN_URL: "http://localhost:1",
        SWITCHBOARD_SERVICE_HOST: "10.0.0.1",
        SWITCHBOARD_PORT_80_TCP_ADDR: "10.0.0.1"
      })
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(errors.trim().split("\n"), [
        "Warning: the variable SWITCHBOARD_MAX_FRAME_BYTE sets nothing; did you mean SWITCHBOARD_MAX_FRAME_BYTES?",
        "Warning: the variable SWITCHBOARD_ZZZZZZ sets nothing."
      ])
      const link = yield* runCommand(["config"], { SWITCHBOARD_PORT: "tcp://10.0.0.1:80" })
      assert.match(link.errors, /^SWITCHBOARD_PORT=tcp:.* will not do for --port; it is of a Kubernetes service: /)
      const level = yield* runCommand(["config"], { SWITCHBOARD_LOG_LEVEL: "loud" })
      assert.match(level.errors, /^SWITCHBOARD_LOG_LEVEL=loud will not do for --log-level; give it one of all, trace/)
    }), 60_000)

  it.live("a server and the commands on its data run with the same file", () =>
    Effect.gen(function*() {
      const data = join(yield* temporaryDirectory, "chat.db")
      const file = yield* inFile(
        JSON.stringify({ data, "log-level": "debug", "base-path": "/chat", "max-frame-bytes": 1_000 }),
        "switchboard.json"
      )
      const server = yield* startServer(["--config", file])
      assert.match(server.output(), /\/chat\/health\/ready/)
      const copied = yield* runCommand(["backup", "--config", file, "--to", `${data}.copy`])
      assert.deepStrictEqual([copied.code, copied.output], [0, `Copied ${data} to ${data}.copy.\n`])
      yield* refuses(["export", "--config", file, "--user", "nobody"], /^Nothing is stored about nobody/)
      yield* refuses(["export", "--user", "nobody"], /^Unknown setting "prot" in .*; did you mean "port"\?\n$/, {
        SWITCHBOARD_CONFIG: yield* inFile("prot = 1")
      })
      yield* refuses(["serve", "--config", "/nowhere.toml"], /^There is no file \/nowhere.toml; check --config/)
    }).pipe(Effect.scoped), 120_000)
})

describe("docs/switchboard.toml", () => {
  const path = join(root, "docs/switchboard.toml")
  const text = readFileSync(path, "utf8")
  const all = text.replaceAll(/^#(?=[a-z0-9-]+ = )/gm, "")

  it.live("is a file that can be given to a server as it is", () =>
    Effect.gen(function*() {
      const { settings } = yield* told(["--config", path])
      for (const { name, source } of settings) {
        if (source !== "default") assert.include(text, `\n${name} = `)
      }
    }), 30_000)

  it.live("has every setting, with its default where that is one", () =>
    Effect.gen(function*() {
      const { file } = yield* readSettings(yield* inFile(all), serveSettings)
      assert.sameMembers(Array.from(file.values.keys()), serveSettings.map(({ name }) => name))
      const { of } = yield* told([])
      for (const { kind, name } of serveSettings) {
        const value = String(of(name)!.value)
        if (kind !== "secret" && value !== "") assert.strictEqual(file.values.get(name), value, name)
      }
    }).pipe(Effect.scoped), 30_000)
})
