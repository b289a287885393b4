/** The binary, in an empty folder with an empty environment, far from the repository and its `node_modules`. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Executable, root, runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { open } from "../support/TestClient.ts"

/** Built as `npm run build:binary` builds it, only to another place. */
class Binary extends Context.Service<Binary, string>()("test/Binary") {
  static readonly layer = Layer.effect(
    Binary,
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "switchboard")
      execFileSync(process.execPath, ["scripts/build-binary.ts", file], { cwd: root, stdio: "inherit" })
      return file
    })
  )
}

const inEmptyFolder = Effect.gen(function*() {
  return { file: yield* Binary, directory: yield* temporaryDirectory } satisfies Executable
})

const get = (port: number, path: string) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: response.status, type: response.headers.get("content-type") ?? "", text: await response.text() }
  })

layer(Binary.layer, { excludeTestServices: true })("the binary", (it) => {
  it.effect("has beside it whose work is in it", () =>
    Effect.gen(function*() {
      const licences = readFileSync(join(dirname(yield* Binary), "licences.md"), "utf8")
      for (const name of ["effect", "ws", "jose", "redis", "preact"]) assert.include(licences, `\n## ${name} - `)
      assert.include(licences, "\n# Bun\n")
    }))

  it.effect("P1 serves, and after kill -9 has what was accepted; a stop is clean and ends with 0", () =>
    Effect.gen(function*() {
      const binary = yield* inEmptyFolder
      const serve = startServer([], {}, undefined, binary)
      const first = yield* serve
      const alice = yield* open({ port: first.port, user: "alice", level: "v1" })
      yield* alice.expect("welcome")
      alice.send({ type: "chat_message", id: "m1", recipient: "bob", text: "from a socket" })
      yield* alice.expect("message_accepted")
      const url = `http://127.0.0.1:${first.port}`
      const sent = yield* runCommand(
        ["send", "--as", "alice", "--to", "bob", "--url", url, "sent"],
        {},
        undefined,
        binary
      )
      assert.deepStrictEqual([sent.code, sent.output, sent.errors], [0, "Accepted as #2 of dm:alice:bob.\n", ""])
      first.kill("SIGKILL")
      assert.isNull(yield* first.exited)

      const second = yield* serve
      const bob = yield* open({ port: second.port, user: "bob", level: "v1" })
      yield* bob.expect("welcome")
      assert.strictEqual((yield* bob.expect("incoming_message")).text, "from a socket")
      assert.strictEqual((yield* bob.expect("incoming_message")).text, "sent")
      second.kill("SIGTERM")
      assert.strictEqual(yield* second.exited, 0)
      assert.strictEqual(second.errors(), "")
      assert.deepStrictEqual(readdirSync(binary.directory).sort(), ["switchboard.db", "switchboard.db.lock"])
    }).pipe(Effect.scoped))

  it.effect("has the page with all that it names, the service worker and the descriptions inside", () =>
    Effect.gen(function*() {
      const { port } = yield* startServer(["--store", "memory"], {}, undefined, yield* inEmptyFolder)
      const page = yield* get(port, "/")
      assert.strictEqual(page.status, 200)
      const named = Array.from(page.text.matchAll(/(?:src|href)="\.(\/[^"]+)"/g), ([, path]) => path!)
      assert.isAbove(named.length, 3)
      const built = readdirSync(join(root, "dist/web/assets")).map((file) => `/assets/${file}`)
      for (const path of [...named, ...built, "/sw.js"]) {
        assert.strictEqual((yield* get(port, path)).status, 200, path)
      }
      for (const kind of ["openapi", "asyncapi"]) {
        const { text, type } = yield* get(port, `/${kind}.json`)
        assert.strictEqual(type, "application/json")
        assert.property(JSON.parse(text), kind)
      }
      assert.match((yield* get(port, "/docs")).text, /<script/)
    }).pipe(Effect.scoped))

  it.effect("has every command inside, and what is kept can be backed up and restored", () =>
    Effect.gen(function*() {
      const binary = yield* inEmptyFolder
      const run = (...args: ReadonlyArray<string>) => runCommand(args, {}, undefined, binary)
      const help = yield* run("--help")
      assert.strictEqual(help.code, 0, help.errors)
      for (const command of ["serve", "config", "doctor", "chat", "send", "token", "admin", "export", "erase"]) {
        assert.match(help.output, new RegExp(`\\n  ${command} `))
        assert.strictEqual((yield* run(command, "--help")).code, 0, command)
      }
      const server = yield* startServer(["--data", "chat.db"], {}, undefined, binary)
      const sent = yield* run(
        "send",
        "--as",
        "alice",
        "--to",
        "bob",
        "--url",
        `http://127.0.0.1:${server.port}`,
        "kept"
      )
      assert.strictEqual(sent.code, 0, sent.errors)
      const backup = yield* run("backup", "--data", "chat.db", "--to", "copy.db")
      assert.strictEqual(backup.code, 0, backup.errors)
      server.kill("SIGTERM")
      assert.strictEqual(yield* server.exited, 0)
      const restore = yield* run("restore", "--data", "chat.db", "--from", "copy.db")
      assert.strictEqual(restore.code, 0, restore.errors)
      const exported = yield* run("export", "--data", "chat.db", "--user", "alice")
      assert.match(exported.output, /kept/)
    }).pipe(Effect.scoped))
})
