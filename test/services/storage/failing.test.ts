/** A store that fails: nothing is acknowledged that is not kept, and the server recovers by itself. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore, StoreError } from "../../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { fromTheFuture, inDatabase } from "../../support/dataFiles.ts"
import { includes } from "../../support/includes.ts"
import { runCommand, startServer } from "../../support/ServerProcess.ts"
import { canMount, smallDisk } from "../../support/smallDisk.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { connect } from "../../support/TestClient.ts"
import { TestServer, testServer, unlimitedFrames } from "../../support/TestServer.ts"
import { until } from "../../support/until.ts"

const readiness = (port: number) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}/health/ready`).then((response) => response.status))

describe("a store that fails", () => {
  it.live.skipIf(!canMount)(
    "P1 disk full: senders are told, readiness turns false, and it goes on when there is room",
    () =>
      Effect.gen(function*() {
        const path = yield* smallDisk("4m")
        const filler = join(path, "filler")
        writeFileSync(filler, Buffer.alloc(2 * 1_048_576))
        const data = join(path, "chat.db")
        const server = yield* startServer(["--data", data, "--log-format", "json"])
        const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
        const accepted: Array<number> = []
        let failed: { code: string; temporary: boolean; retry_after_ms?: number } | undefined
        for (let i = 0; i < 2_000 && failed === undefined; i++) {
          alice.send({ type: "chat_message", id: `m${i}`, recipient: "bob", text: "x".repeat(10_000) })
          const answer = yield* alice.next
          if (answer.type === "message_accepted") accepted.push(answer.seq)
          if (answer.type === "error") failed = answer
        }
        assert.deepInclude(failed, { code: "unavailable", temporary: true, retry_after_ms: 1_000 })
        yield* until(Effect.map(readiness(server.port), (status) => status === 503))
        rmSync(filler)
        yield* until(Effect.map(readiness(server.port), (status) => status === 200))
        const retry = `m${accepted.length}`
        alice.send({ type: "chat_message", id: retry, recipient: "bob", text: "x".repeat(10_000) })
        const { seq } = yield* alice.waitFor("message_accepted")
        assert.strictEqual(seq, accepted.length + 1)
        server.kill("SIGKILL")
        yield* server.exited
        const rows = inDatabase(data, (db) =>
          db.prepare("SELECT seq FROM entries ORDER BY seq").all().map((row) => row["seq"]))
        assert.deepStrictEqual(
          rows,
          Array.from({ length: seq }, (_, i) =>
            i + 1)
        )
      }).pipe(Effect.scoped),
    60_000
  )

  it.live("mailboxes stay bounded and every sender is answered while the store is away; then all goes on", () => {
    const away = Ref.makeUnsafe(false)
    const flaky = Layer.effect(
      MessageStore,
      Effect.gen(function*() {
        const store = yield* MessageStore
        const orFail = <A>(effect: Effect.Effect<A, StoreError>) =>
          Effect.flatMap(
            Ref.get(away),
            (gone): Effect.Effect<A, StoreError> =>
              gone ? Effect.fail(new StoreError({ kind: "unavailable", message: "It is away." })) : effect
          )
        return MessageStore.of({
          ...store,
          commit: (appends, moves) => orFail(store.commit(appends, moves)),
          check: orFail(store.check)
        })
      })
    ).pipe(Layer.provide(MemoryMessageStore.layer()))
    return Effect.gen(function*() {
      const { port } = yield* TestServer
      const alice = yield* connect({ port, user: "alice", level: "v1" })
      const bob = yield* connect({ port, user: "bob" })
      yield* Ref.set(away, true)
      for (let i = 0; i < 10_000; i++) alice.send({ type: "chat_message", id: `m${i}`, recipient: "bob", text: "hi" })
      for (let i = 0; i < 10_000; i++) {
        const error = yield* alice.expect("error")
        assert.strictEqual(error.code, "unavailable")
      }
      assert.strictEqual(yield* readiness(port), 503)
      yield* Ref.set(away, false)
      yield* until(Effect.map(readiness(port), (status) => status === 200))
      alice.send({ type: "chat_message", id: "m0", recipient: "bob", text: "hi" })
      assert.strictEqual((yield* alice.waitFor("message_accepted")).seq, 1)
      assert.strictEqual((yield* bob.expect("incoming_message")).seq, 1)
    }).pipe(Effect.scoped, Effect.provide(testServer({ store: flaky, settings: unlimitedFrames })))
  }, 60_000)

  it.live(
    "a file of a newer version, and a damaged one, are refused with one sentence and left as they are",
    () =>
      Effect.gen(function*() {
        const path = yield* temporaryDirectory
        const data = join(path, "chat.db")
        yield* Effect.scoped(Layer.build(SqliteMessageStore.layer({ filename: data })))
        fromTheFuture(data)
        const newer = yield* runCommand(["serve", "--port", "0", "--data", data])
        assert.strictEqual(newer.code, 1)
        assert.match(newer.errors, /newer Switchboard; update/)

        const damaged = join(path, "damaged.db")
        writeFileSync(damaged, readFileSync(data).subarray(0, 5_000))
        truncateSync(damaged, 20_000)
        const before = readFileSync(damaged)
        const refused = yield* runCommand(["serve", "--port", "0", "--data", damaged])
        assert.strictEqual(refused.code, 1)
        assert.match(refused.errors, /damaged|not a Switchboard data file|cannot be|Cannot/)
        assert.notMatch(refused.errors, /\n\s+at /)
        assert.isTrue(readFileSync(damaged).equals(before))
      }).pipe(Effect.scoped),
    60_000
  )

  it.live.skipIf(!canMount)(
    "a disk full to the last byte: what is there can still be read",
    () =>
      Effect.gen(function*() {
        const path = yield* smallDisk("4m")
        const server = yield* startServer(["--data", join(path, "chat.db"), "--log-format", "json"])
        const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
        const say = Effect.fnUntraced(function*(id: string) {
          alice.send({ type: "chat_message", id, recipient: "bob", text: id })
          while (true) {
            const answer = yield* alice.next
            if (answer.type === "error") return answer.code
            if (answer.type === "message_accepted") return answer.type
          }
        })
        assert.strictEqual(yield* say("1"), "message_accepted")
        const filler = join(path, "filler")
        assert.throws(() => writeFileSync(filler, Buffer.alloc(8 * 1_048_576)), /ENOSPC/)
        yield* until(Effect.map(say("2".repeat(10)), (answer) => answer === "unavailable"))
        alice.send({ type: "history", recipient: "bob", after: 0 })
        // What is there can still be read.
        assert.strictEqual((yield* alice.waitFor("history_page")).messages[0]?.seq, 1)
        rmSync(filler)
        yield* until(Effect.map(readiness(server.port), (status) => status === 200))
        assert.strictEqual(yield* say("3"), "message_accepted")
      }).pipe(Effect.scoped),
    60_000
  )

  it.live.skipIf(!canMount)("a disk that is read-only is refused with one sentence", () =>
    Effect.gen(function*() {
      const path = yield* smallDisk("4m")
      const data = join(path, "chat.db")
      yield* Effect.scoped(Layer.build(SqliteMessageStore.layer({ filename: data })))
      execFileSync("mount", ["-o", "remount,ro", path])
      const { code, errors } = yield* runCommand(["serve", "--port", "0", "--data", data])
      assert.strictEqual(code, 1)
      assert.match(errors, /read-only|writable/)
    }).pipe(Effect.scoped), 60_000)
})

describe("switchboard backup, export and erase", () => {
  it.live("work beside a running server", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const data = join(path, "chat.db")
      const server = yield* startServer(["--data", data])
      const alice = yield* connect({ port: server.port, user: "alice", level: "v1" })
      alice.send({ type: "chat_message", id: "1", recipient: "bob", text: "keep this" })
      yield* alice.waitFor("message_accepted")
      const copy = join(path, "copy.db")
      assert.strictEqual((yield* runCommand(["backup", "--data", data, "--to", copy])).code, 0)
      const exported = yield* runCommand(["export", "--user", "alice", "--data", copy])
      assert.strictEqual(JSON.parse(exported.output).conversations[0].entries[0].text, "keep this")
      assert.strictEqual((yield* runCommand(["backup", "--data", data, "--to", copy])).code, 1)
      assert.strictEqual((yield* runCommand(["erase", "--user", "alice", "--data", data])).code, 0)
      const bob = yield* connect({ port: server.port, user: "bob", level: "v1" })
      bob.send({ type: "history", recipient: "alice", after: 0 })
      const { messages } = yield* bob.waitFor("history_page")
      includes(messages[0], { seq: 1, deleted: true })
    }).pipe(Effect.scoped), 60_000)
})

describe("retention", () => {
  it.live("--retain-messages keeps the last ones, and a page says from where", () =>
    Effect.gen(function*() {
      const data = join(yield* temporaryDirectory, "chat.db")
      yield* Effect.scoped(Effect.gen(function*() {
        const first = yield* startServer(["--data", data])
        const alice = yield* connect({ port: first.port, user: "alice", level: "v1" })
        for (let i = 1; i <= 20; i++) {
          alice.send({ type: "chat_message", id: `${i}`, recipient: "bob", text: `${i}` })
          yield* alice.waitFor("message_accepted")
        }
        first.kill("SIGTERM")
        yield* first.exited
      }))
      const server = yield* startServer(["--data", data, "--retain-messages", "5"])
      const bob = yield* connect({ port: server.port, user: "bob", level: "v1" })
      const page = Effect.gen(function*() {
        bob.send({ type: "history", recipient: "alice", after: 0 })
        return yield* bob.waitFor("history_page")
      })
      yield* until(Effect.map(page, ({ first_seq }) => first_seq === 16))
      const { head_seq, messages } = yield* page
      assert.deepStrictEqual([messages.map((m) => m.seq), head_seq], [[16, 17, 18, 19, 20], 20])
    }).pipe(Effect.scoped), 60_000)
})
