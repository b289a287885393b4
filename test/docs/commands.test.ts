/** Every command and every piece of code that stands in README.md and docs/ is run as it stands there. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { startReceiver } from "../support/OtlpReceiver.ts"
import { root, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"
import { hasTmux, lineInTerminal } from "../support/Tmux.ts"

const blocksOf = (language: string) =>
  ["README.md", ...globSync("docs/*.md", { cwd: root })].flatMap((file) =>
    Array.from(
      readFileSync(join(root, file), "utf8").matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs")),
      ([, code]) => code!.trim()
    )
  )

const commands = blocksOf("sh")

const block = (start: string): string => {
  const found = commands.find((each) => each.startsWith(start))
  assert.isDefined(found, `a block that begins with ${start}`)
  return found!
}

/** `npx` without a registry: what it finds in this repository. */
const npx = `#!/bin/sh
name=$1
shift
case $name in
  switchboard) exec "${process.execPath}" "${root}bin/switchboard.js" "$@" ;;
  *) exec "${process.execPath}" "${root}node_modules/.bin/$name" "$@" ;;
esac
`

/** A directory of a user's, where the commands of the docs are typed in. */
const desk = Effect.map(temporaryDirectory, (directory) => {
  writeFileSync(join(directory, "npx"), npx)
  chmodSync(join(directory, "npx"), 0o755)
  return directory
})

interface Typed {
  readonly code: number
  readonly output: string
  readonly errors: string
}

/** Types it at a shell there, with the port of the server under test in the place of the usual one. */
const type = (directory: string, line: string, port = 0, env: Record<string, string> = {}, input = "") =>
  Effect.callback<Typed>((resume) => {
    const child = execFile("sh", ["-c", line.replaceAll("localhost:8080", `localhost:${port}`)], {
      cwd: directory,
      env: {
        ...process.env,
        NO_COLOR: "1",
        SWITCHBOARD_URL: `http://localhost:${port}`,
        ...env,
        PATH: `${directory}:${process.env["PATH"]}`
      }
    }, (error, output, errors) => resume(Effect.succeed({ code: Number(error?.code ?? 0), output, errors })))
    child.stdin!.end(input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const lines = (text: string): ReadonlyArray<string> => text.split("\n")

const secret = /--jwt-secret (\S+)/.exec(commands.join("\n"))![1]!

describe("the commands of the docs", () => {
  it("are all run by these tests, or by CI", () => {
    const known = [
      "npm ci && npm start",
      "npm ci && npm test",
      "npx switchboard chat",
      "npx wscat",
      "npx switchboard backup",
      "npx switchboard config",
      // By `proxies.test.ts`.
      "npx switchboard serve",
      "npm start -- --auth jwt",
      "openssl req",
      "curl -X POST",
      "OTEL_EXPORTER_OTLP_ENDPOINT=",
      // By `webhooks.test.ts`.
      "export SWITCHBOARD_WEBHOOK_SECRET"
    ]
    assert.deepStrictEqual(commands.filter((each) => !known.some((start) => each.startsWith(start))), [])
    for (const start of known) assert.isDefined(block(start))
  })

  it.live("README: from a terminal and a script", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      const at = yield* desk
      const bob = yield* connect({ port, user: "bob", level: "v1" })
      const [chat, send] = lines(block("npx switchboard chat"))
      assert.strictEqual((yield* type(at, chat!, port, {}, "How is it going?\n")).code, 0)
      assert.strictEqual((yield* bob.waitFor("incoming_message")).text, "How is it going?")
      const sent = yield* type(at, send!, port)
      assert.deepStrictEqual(sent, { code: 0, output: "Accepted as #2 of dm:alice:bob.\n", errors: "" })
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(!hasTmux)("README: any WebSocket client, one header and one frame", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      const bob = yield* connect({ port, user: "bob" })
      const [start, said] = lines(block("npx wscat"))
      const frame = said!.replace(/^> /, "")
      const at = yield* desk
      const terminal = yield* lineInTerminal(
        `PATH=${at}:$PATH ${start!.replace("localhost:8080", `localhost:${port}`)}`
      )
      yield* terminal.shows(/^>/m)
      terminal.type(frame, "Enter")
      const { sender, text, type: kind } = yield* bob.waitFor("incoming_message")
      assert.deepStrictEqual({ type: kind, sender, text }, {
        type: "incoming_message",
        sender: "alice",
        text: (JSON.parse(frame) as { readonly text: string }).text
      })
    }).pipe(Effect.scoped), 60_000)

  it.live("README: from your own code", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"])
      const code = blocksOf("ts").find((each) => each.includes("localhost:8080"))!
      // Inside the package, so that "switchboard" is itself.
      const directory = join(root, "test-artifacts")
      const file = join(directory, `readme-${port}.ts`)
      mkdirSync(directory, { recursive: true })
      writeFileSync(
        file,
        `${code.replace("localhost:8080", `localhost:${port}`)}\nconsole.log(conversation, seq)\nawait alice.close()\n`
      )
      const ran = yield* type(root, `"${process.execPath}" --conditions=switchboard-source ${file}`)
      rmSync(file)
      assert.deepStrictEqual(ran, { code: 0, output: "dm:alice:bob 1\n", errors: "" })
    }).pipe(Effect.scoped), 60_000)

  it.live("operations.md: what is in force, and whether it will do", () =>
    Effect.gen(function*() {
      const at = yield* desk
      const settings = readFileSync(join(root, "docs/switchboard.toml"), "utf8")
      writeFileSync(join(at, "switchboard.toml"), settings.replace("port = 8080", "port = 0"))
      const [config, doctor] = lines(block("npx switchboard config"))
      const printed = yield* type(at, config!)
      assert.deepStrictEqual([printed.code, printed.errors], [0, ""])
      assert.match(printed.output, /^port = 0 +# file: switchboard.toml$/m)
      const looked = yield* type(at, doctor!)
      assert.notMatch(looked.output, /^failed/m)
      assert.match(looked.output, /^ok +store +A commit is on the disk/m)
      assert.strictEqual(looked.code, 0)
    }).pipe(Effect.scoped), 60_000)

  it.live("operations.md: backup, restore, export, erase", () =>
    Effect.gen(function*() {
      const at = yield* desk
      const server = yield* startServer(["--data", join(at, "switchboard.db")])
      const [, send] = lines(block("npx switchboard chat"))
      yield* type(at, send!, server.port)
      const [backup, restore, exported, erase] = lines(block("npx switchboard backup"))
      assert.strictEqual((yield* type(at, backup!)).code, 0)
      assert.isTrue(existsSync(join(at, "copy.db")))
      server.kill("SIGTERM")
      yield* server.exited
      assert.strictEqual((yield* type(at, restore!)).code, 0)
      const alice = yield* type(at, exported!)
      assert.include(JSON.stringify(JSON.parse(alice.output)), "The backup is done.")
      const erased = yield* type(at, erase!)
      assert.deepStrictEqual([erased.code, erased.output.slice(0, 13)], [0, "Erased alice:"])
    }).pipe(Effect.scoped), 60_000)

  it.live("operations.md: a receiver of OpenTelemetry", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver()
      const command = block("OTEL_EXPORTER_OTLP_ENDPOINT=").replace("http://localhost:4318", receiver.url)
      const variables = Array.from(command.matchAll(/(OTEL_\w+)=(\S+)/g), ([, name, value]) => [name, value])
      assert.match(command, /\s+npx switchboard serve$/)
      const server = yield* startServer(["--store", "memory"], Object.fromEntries(variables))
      server.kill("SIGTERM")
      assert.strictEqual(yield* server.exited, 0)
      assert.include(receiver.requests.map(({ url }) => url), "/v1/metrics")
    }).pipe(Effect.scoped), 60_000)

  it.live("operations.md: TLS of its own", () =>
    Effect.gen(function*() {
      const at = yield* desk
      const [make, serve, send] = lines(block("openssl req").replaceAll("\\\n", ""))
      assert.strictEqual((yield* type(at, make!)).code, 0)
      const [, flags] = serve!.split("switchboard serve ")
      const files = flags!.split(" ").map((word) => word.startsWith("--") ? word : join(at, word))
      const { port } = yield* startServer([...files, "--store", "memory"])
      const sent = yield* type(at, send!, port)
      assert.deepStrictEqual(sent, { code: 0, output: "Accepted as #1 of dm:alice:bob.\n", errors: "" })
      const stranger = send!.replace(/^NODE_EXTRA_CA_CERTS=\S+/, "").replace("send", "send --timeout 1")
      assert.strictEqual((yield* type(at, stranger, port)).code, 2)
    }).pipe(Effect.scoped), 60_000)

  it.live("operations.md: tokens, and an administrator", () =>
    Effect.gen(function*() {
      const at = yield* desk
      const [start, token] = lines(block("npm start -- --auth jwt"))
      const { port } = yield* startServer([
        ...start!.replace("npm start -- ", "").split(" "),
        "--store",
        "memory",
        "--admin-token",
        secret
      ])
      const { output } = yield* type(at, token!)
      const [, send] = lines(block("npx switchboard chat"))
      assert.strictEqual((yield* type(at, send!, port)).code, 1)
      assert.strictEqual((yield* type(at, send!, port, { SWITCHBOARD_TOKEN: output.trim() })).code, 0)
      const curl = block("curl -X POST localhost:8080/v1/admin/ban").replace(
        "curl",
        "curl -s -o /dev/null -w '%{http_code}'"
      )
      assert.strictEqual((yield* type(at, curl, port, { TOKEN: "another" })).output, "401")
      assert.strictEqual((yield* type(at, curl, port, { TOKEN: secret })).output, "200")
    }).pipe(Effect.scoped), 60_000)

  it.live("operations.md: a message of an administrator, read and deleted", () =>
    Effect.gen(function*() {
      const at = yield* desk
      const { port } = yield* startServer(["--store", "memory", "--admin-token", secret])
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const curls = block("curl -X POST localhost:8080/v1/admin/messages").split(/\n(?=curl)/)
      const [said, read, deleted] = yield* Effect.forEach(curls, (curl) =>
        type(at, curl.replace("curl", "curl -s"), port, { TOKEN: secret }))
      assert.strictEqual(JSON.parse(said!.output).id, "news-1")
      assert.strictEqual((yield* alice.expect("incoming_message")).text, "hello")
      assert.strictEqual(JSON.parse(read!.output).messages[0].text, "hello")
      assert.deepStrictEqual(deleted, { code: 0, output: "", errors: "" })
      assert.strictEqual((yield* alice.expect("message_deleted")).sender, "@system")
    }).pipe(Effect.scoped), 60_000)
})
