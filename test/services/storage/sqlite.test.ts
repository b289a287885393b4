/** What only the SQLite store can get wrong: its file, its lock, its disk. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { appendFileSync, closeSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { MessageStore, type StoreError } from "../../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { beside, dataFile, fromTheFuture, say, texts, withStore } from "../../support/dataFiles.ts"
import { canMount, smallDisk } from "../../support/smallDisk.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const refusal = (filename: string): Effect.Effect<StoreError> =>
  Effect.flip(withStore(filename, Effect.asVoid(MessageStore))).pipe(
    Effect.mapError(() => new Error("the store was opened")),
    Effect.orDie
  )

describe("SqliteMessageStore", () => {
  it.effect("P1 what was accepted is there after the file is closed and opened again", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      assert.deepStrictEqual(yield* withStore(filename, say("one", "two")), ["1", "2"])
      assert.deepStrictEqual(yield* withStore(filename, say("three")), ["3"])
      assert.deepStrictEqual(yield* withStore(filename, texts), ["one", "two", "three"])
    }))

  it.effect("a second server on the same file is refused; a command beside the server is not", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* withStore(
        filename,
        Effect.gen(function*() {
          yield* say("one")
          const error = yield* refusal(filename)
          assert.match(error.message, /in use by another server; stop it/)
          assert.deepStrictEqual(yield* beside(filename, texts), ["one"])
          assert.deepStrictEqual(yield* say("two"), ["2"])
        })
      )
      assert.deepStrictEqual(yield* withStore(filename, say("three")), ["3"])
    }))

  it.effect("P10 a server that was killed leaves no lock behind", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const url = new URL("../../../src/services/storage/SqliteMessageStore.ts", import.meta.url)
      const script = `
        const { Effect, Layer } = await import("effect")
        const { SqliteMessageStore } = await import(${JSON.stringify(url)})
        const { MessageStore } = await import(${JSON.stringify(new URL("./MessageStore.ts", url))})
        await Effect.runPromise(Effect.gen(function*() {
          yield* MessageStore
          process.stdout.write("ready")
          yield* Effect.never
        }).pipe(Effect.provide(SqliteMessageStore.layer({ filename: ${JSON.stringify(filename)} }))))`
      const run = Effect.runForkWith(yield* Effect.context())
      yield* Effect.callback<void>((resume) => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
          stdio: ["ignore", "pipe", "inherit"]
        })
        child.on("exit", () => resume(Effect.void))
        child.stdout.on("data", () => {
          run(Effect.ensuring(
            Effect.map(refusal(filename), (error) => assert.match(error.message, /in use/)),
            Effect.sync(() => child.kill("SIGKILL"))
          ))
        })
      })
      assert.deepStrictEqual(yield* withStore(filename, say("one")), ["1"])
    }))

  it.effect("a file of a newer version is refused and not touched", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* withStore(filename, say("one"))
      fromTheFuture(filename)
      assert.match((yield* refusal(filename)).message, /newer Switchboard/)
    }))

  it.effect("what is no database is refused as such", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      writeFileSync(filename, "this is no database ".repeat(1_000))
      const error = yield* refusal(filename)
      assert.strictEqual(error.kind, "corrupt")
      assert.match(error.message, /restore a backup/)
    }))

  it.effect("a damaged file is found out, and is no crash", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* withStore(filename, say(...Array.from({ length: 200 }, (_, i) => `${i} `.repeat(100))))
      const fd = openSync(filename, "r+")
      const noise = Buffer.alloc(statSync(filename).size - 4_096, 0xa5)
      writeSync(fd, noise, 0, noise.length, 4_096)
      closeSync(fd)
      const error = yield* Effect.flip(withStore(filename, texts))
      assert.strictEqual(error.kind, "corrupt")
    }))

  it.effect("a missing directory is named", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      assert.match((yield* refusal(join(path, "nowhere", "chat.db"))).message, /directory/)
    }))

  it.effect("another process's lock means overloaded, and the next call works", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* withStore(
        filename,
        Effect.gen(function*() {
          const other = new DatabaseSync(filename)
          other.exec("BEGIN IMMEDIATE")
          assert.strictEqual((yield* Effect.flip(say("one"))).kind, "overloaded")
          other.exec("ROLLBACK")
          other.close()
          assert.deepStrictEqual(yield* say("one"), ["1"])
        })
      )
    }))

  it.effect("an interrupted commit leaves the connection usable", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      yield* withStore(
        filename,
        Effect.gen(function*() {
          for (let i = 0; i < 20; i++) {
            const fiber = yield* Effect.forkChild(say("maybe"), { startImmediately: i % 2 === 0 })
            yield* Effect.yieldNow
            fiber.interruptUnsafe()
          }
          const [head] = yield* say("sure")
          const all = yield* texts
          assert.strictEqual(`${all.length}`, head)
          assert.strictEqual(all.at(-1), "sure")
        })
      )
    }))

  it.effect("a backup is whole while the server writes, and never takes another file's place", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const to = `${filename}.copy`
      yield* withStore(
        filename,
        Effect.gen(function*() {
          yield* say("one", "two")
          yield* SqliteMessageStore.backup(filename, to)
          yield* say("three")
          assert.match((yield* Effect.flip(SqliteMessageStore.backup(filename, to))).message, /already/)
        })
      )
      assert.deepStrictEqual(yield* withStore(to, texts), ["one", "two"])
      const missing = yield* Effect.flip(SqliteMessageStore.backup(`${filename}.none`, `${to}.2`))
      assert.strictEqual(missing.kind, "unavailable")
    }))

  describe.skipIf(!canMount)("on a disk of its own", () => {
    it.effect("P1 a full disk accepts nothing it cannot keep, and works again when there is room", () =>
      Effect.gen(function*() {
        const disk = yield* smallDisk("1m")
        const filename = join(disk, "chat.db")
        yield* withStore(
          filename,
          Effect.gen(function*() {
            writeFileSync(join(disk, "filler"), Buffer.alloc(300_000))
            const accepted: Array<string> = []
            const error = yield* Effect.flip(Effect.forever(Effect.suspend(() => {
              const body = `${accepted.length} `.padEnd(8_000, "x")
              return Effect.map(say(body), () => accepted.push(body))
            })))
            assert.strictEqual(error.kind, "unavailable")
            assert.match(error.message, /disk is full/)
            assert.deepStrictEqual(yield* texts, accepted)
            rmSync(join(disk, "filler"))
            const [seq] = yield* say("room again")
            assert.strictEqual(seq, `${accepted.length + 1}`)
            assert.strictEqual((yield* texts).length, accepted.length + 1)
          })
        )
      }))

    it.effect("a read-only file is refused", () =>
      Effect.gen(function*() {
        const disk = yield* smallDisk("1m")
        const filename = join(disk, "chat.db")
        yield* withStore(filename, say("one"))
        appendFileSync(`${filename}.lock`, "")
        execFileSync("mount", ["-o", "remount,ro", disk])
        const error = yield* refusal(filename)
        assert.strictEqual(error.kind, "unavailable")
        assert.match(error.message, /read-only|writable/)
      }))
  })
})
