/** The commands on stored data as people use them: what they say, what they leave, how they end. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { copyFileSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { bytesOf } from "../../src/testing/files/FileStoreCase.ts"
import { admin, adminToken } from "../support/adminApi.ts"
import { ask as fileAt, upload } from "../support/fileApi.ts"
import { engine, refuses, root, runCommand, startServer } from "../support/ServerProcess.ts"
import { temporaryDirectory } from "../support/stores.ts"
import { connect } from "../support/TestClient.ts"
import { until } from "../support/until.ts"

const succeeds = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
  const { code, errors, output } = yield* runCommand(args)
  assert.strictEqual(code, 0, output + errors)
  return output
})

const says = Effect.fnUntraced(function*(port: number, text: string) {
  const alice = yield* connect({ port, user: "alice", level: "v1" })
  alice.send({ type: "chat_message", id: text, recipient: "bob", text })
  yield* alice.waitFor("message_accepted")
  return alice
})

const textsAt = Effect.fnUntraced(function*(port: number) {
  const alice = yield* connect({ port, user: "alice", level: "v1" })
  alice.send({ type: "history", recipient: "bob", after: 0 })
  return (yield* alice.waitFor("history_page")).messages.map((each) => each.kind === "text" && each.text)
})

describe("switchboard, data", () => {
  it.live("a mistyped name makes no file and is no success", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const typo = join(path, "typo.db")
      for (const command of ["erase", "export"]) {
        yield* refuses([command, "--user", "bob", "--data", typo], /There is no file .*typo\.db; check --data/)
      }
      yield* refuses(["erase", "--user", "bob", "--store", "memory"], /--store/)
      yield* refuses(["serve", "--port", "0", "--data", ""], /--data the name of a file/)
      yield* refuses(["serve", "--port", "0", "--data", ":memory:"], /--store memory/)
      yield* refuses(["serve", "--port", "0", "--data", path], /directory/)
      assert.deepStrictEqual(readdirSync(path), [])
    }).pipe(Effect.scoped), 240_000)

  it.live(
    "retention that is negative, or no whole number, removes nothing: the server does not start",
    () =>
      Effect.gen(function*() {
        const data = ["--port", "0", "--data", join(yield* temporaryDirectory, "chat.db")]
        for (
          const flag of [
            "--retain-days=-1",
            "--retain-messages=-1",
            "--retain-days=NaN",
            "--retain-messages=1.5",
            "--retain-days=1e99",
            "--max-connections-per-user=-1"
          ]
        ) yield* refuses(["serve", ...data, flag], new RegExp(flag.split("=")[0]!))
        yield* refuses(["serve", ...data], /RETAIN_DAYS|--retain-days/, { SWITCHBOARD_RETAIN_DAYS: "-1" })
      }).pipe(Effect.scoped),
    120_000
  )

  it.live("P1 backup, kill -9, restore: the copy as it was, and nothing played into it", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const [data, copy] = [join(path, "chat.db"), join(path, "copy.db")]
      yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* startServer(["--data", data])
        yield* says(server.port, "one")
        yield* succeeds("backup", "--data", data, "--to", copy)
        yield* says(server.port, "two")
        yield* refuses(["restore", "--from", copy, "--data", data], /in use by another server/)
        server.kill("SIGKILL")
        yield* server.exited
      }))
      // With a log that it finds, a server has its file and its log as safely as without one.
      yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* startServer(["--data", data])
        yield* refuses(["serve", "--port", "0", "--data", data], /in use by another server/)
        yield* succeeds("export", "--user", "bob", "--data", data)
        yield* says(server.port, "three")
        server.kill("SIGKILL")
        yield* server.exited
      }))
      assert.isAbove(statSync(`${data}-wal`).size, 0)
      // As one would have done it by hand.
      const before = join(path, "before.db")
      copyFileSync(data, before)
      copyFileSync(copy, data)
      yield* refuses(["serve", "--port", "0", "--data", data], /The log .*"switchboard restore"/)
      copyFileSync(before, data)
      yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* startServer(["--data", data])
        assert.deepStrictEqual(yield* textsAt(server.port), ["one", "two", "three"])
        server.kill("SIGKILL")
        yield* server.exited
      }))
      const said = yield* succeeds("restore", "--from", copy, "--data", data)
      assert.match(said, /Restored .* What was there before is now .*\.old\./)
      const server = yield* startServer(["--data", data])
      assert.deepStrictEqual(yield* textsAt(server.port), ["one"])
    }).pipe(Effect.scoped), 240_000)

  it.live(
    "P8 export and erase beside the server: all of it as JSON, then gone, and the connection closed",
    () =>
      Effect.gen(function*() {
        const data = join(yield* temporaryDirectory, "chat.db")
        const { port } = yield* startServer(["--data", data, "--admin-token", adminToken])
        yield* admin(port, "PUT", "/users/bob/profile", { name: "Bob B.", avatar: "file-1" })
        const bob = yield* connect({ port, user: "bob", level: "v1", device: "phone" })
        const ask = Effect.fnUntraced(function*(frame: object) {
          bob.send({ id: "ask", ...frame })
          while (true) {
            const answer = yield* bob.next
            if ("id" in answer && answer.id === "ask") return answer
          }
        })
        yield* says(port, "to bob")
        yield* says(port, "to bob too")
        const info = yield* ask({ type: "create_group", name: "tea", members: ["alice", "carol"] })
        const { group } = info.type === "group_info" ? info : assert.fail(JSON.stringify(info))
        const bytes = bytesOf(200_000)
        const { file } = (yield* upload(port, bytes.slice(), { user: "bob", name: "a.bin" })).body
        bob.send({ id: "in tea", type: "chat_message", group, text: "in tea", attachments: [{ file }] })
        yield* bob.waitFor("message_accepted")
        const wherever = yield* ask({ type: "history", group, after: 0 })
        const said = wherever.type === "history_page" ? wherever.messages.at(-1) : undefined
        const link = said?.kind === "text" ? said.attachments?.[0]?.url ?? "" : ""
        assert.strictEqual((yield* fileAt(port, link)).status, 200)
        const stored = JSON.parse(yield* succeeds("export", "--user", "bob", "--data", data))
        assert.strictEqual(stored.user, "bob")
        assert.deepStrictEqual([stored.profile.name, stored.profile.avatar], ["Bob B.", "file-1"])
        const texts = stored.conversations.map((
          each: { readonly entries: ReadonlyArray<{ readonly text?: string }> }
        ) => each.entries.flatMap(({ text }) => text ?? []))
        assert.deepStrictEqual(texts, [["to bob", "to bob too"], ["in tea"]])
        assert.deepStrictEqual(
          stored.files.map((each: { readonly file: string; readonly content: string }) => [each.file, each.content]),
          [[file, Buffer.from(bytes).toString("base64")]]
        )
        const lines = (yield* admin(port, "GET", "/users/bob/export")).text.trimEnd().split("\n")
          .map((line) => JSON.parse(line) as { readonly type: string; readonly base64: string })
        const pieces = lines.filter(({ type }) => type === "file_content").map(({ base64 }) => base64)
        assert.isAbove(pieces.length, 1)
        assert.strictEqual(pieces.join(""), stored.files[0].content)
        yield* refuses(["export", "--user", "nobody", "--data", data], /Nothing is stored about nobody; check --user/)
        assert.match(yield* succeeds("erase", "--user", "bob", "--data", data), /^Erased bob: 1 texts/)
        assert.strictEqual(yield* bob.closed, 4503)
        assert.strictEqual((yield* fileAt(port, link)).status, 404)
        yield* refuses(["erase", "--user", "bob", "--data", data], /Nothing is stored about bob/)
        assert.strictEqual((yield* admin(port, "GET", "/users/bob")).status, 404)
        const alice = yield* connect({ port, user: "alice", level: "v1" })
        alice.send({ type: "group_info", group })
        const { members } = yield* alice.waitFor("group_info")
        assert.deepStrictEqual(members.map(({ role, user }) => `${user} ${role}`), ["alice owner", "carol member"])
      }).pipe(Effect.scoped),
    120_000
  )

  it.live(
    "P10 an erasure that is interrupted is no success",
    () =>
      Effect.gen(function*() {
        const data = join(yield* temporaryDirectory, "chat.db")
        yield* Effect.scoped(Effect.flatMap(startServer(["--data", data]), ({ port }) => says(port, "hello")))
        const db = yield* Effect.acquireRelease(
          Effect.sync(() => new DatabaseSync(data)),
          (db) => Effect.sync(() => db.close())
        )
        const command = ["bin/switchboard.js", "erase", "--user", "alice", "--data", data]
        const child = yield* Effect.acquireRelease(
          Effect.sync(() => spawn(engine, command, { cwd: root, stdio: ["ignore", "ignore", "pipe"] })),
          (child) => Effect.sync(() => child.kill("SIGKILL"))
        )
        let errors = ""
        child.stderr.on("data", (chunk: Buffer) => errors += chunk.toString())
        const begun = () => db.prepare("SELECT count(*) AS n FROM erasures").get()?.["n"] !== 0
        yield* until(Effect.sync(begun))
        const code = yield* Effect.callback<number | null>((resume) => {
          child.once("close", (code) => resume(Effect.succeed(code)))
          child.kill("SIGINT")
        })
        assert.deepStrictEqual([code, errors.trim()], [1, "It was interrupted before it was done; run it again."])
      }).pipe(Effect.scoped),
    240_000
  )
})
