/** Backup and restore of the SQLite store in every state that a server leaves behind. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync
} from "node:fs"
import { join } from "node:path"
import type { StoreError } from "../../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { beside, dataFile, fromTheFuture, inDatabase, recipes, say, texts, withStore } from "../../support/dataFiles.ts"
import { canMount, smallDisk } from "../../support/smallDisk.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const { backup, restore } = SqliteMessageStore

const heard = (filename: string) => withStore(filename, texts)

const sentence = <A, R>(effect: Effect.Effect<A, StoreError, R>): Effect.Effect<string, never, R> =>
  Effect.map(Effect.orDie(Effect.flip(effect)), ({ message }) => message)

const starting = (filename: string) => sentence(heard(filename))

/** The files as `kill -9` leaves them: the last commits are in the log only. */
const killed = Effect.fnUntraced(function*(filename: string) {
  const path = yield* temporaryDirectory
  for (const suffix of ["", "-wal", "-shm", ".lock"]) copyFileSync(filename + suffix, join(path, `chat.db${suffix}`))
  return join(path, "chat.db")
})

/** A copy with "one", and the file as it is after "two" and a kill. */
const afterKill = Effect.gen(function*() {
  const path = yield* temporaryDirectory
  const filename = join(path, "live.db")
  const copy = join(path, "copy.db")
  const dead = yield* withStore(
    filename,
    Effect.gen(function*() {
      yield* say("one")
      yield* backup(filename, copy)
      yield* say("two", "x".repeat(5_000))
      return yield* killed(filename)
    })
  )
  assert.isAbove(statSync(`${dead}-wal`).size, 5_000)
  return { copy, dead }
})

const integrity = (filename: string) => {
  const rows = inDatabase(filename, (db) => db.prepare("PRAGMA integrity_check").all())
  assert.deepStrictEqual(rows.map((row) => row["integrity_check"]), ["ok"])
}

const left = (filename: string) => readdirSync(join(filename, "..")).filter((name) => name.includes(".part"))

describe("restore", () => {
  it.effect("P1 a killed server's log is not played into the copy; what was there is kept", () =>
    Effect.gen(function*() {
      const { copy, dead } = yield* afterKill
      const old = yield* restore(copy, dead)
      assert.deepStrictEqual(yield* heard(dead), ["one"])
      integrity(dead)
      assert.deepStrictEqual((yield* heard(old!)).slice(0, 2), ["one", "two"])
      assert.deepStrictEqual(yield* heard(copy), ["one"])
      assert.deepStrictEqual(left(dead), [])
    }))

  it.effect("after a clean stop, to a place where nothing is, and twice", () =>
    Effect.gen(function*() {
      const { copy } = yield* afterKill
      const file = join(yield* temporaryDirectory, "new.db")
      assert.strictEqual(yield* restore(copy, file), undefined)
      yield* withStore(file, say("three"))
      assert.deepStrictEqual(yield* heard(file), ["one", "three"])
      const old = yield* restore(copy, file)
      assert.deepStrictEqual(yield* heard(file), ["one"])
      assert.deepStrictEqual(yield* heard(old!), ["one", "three"])
    }))

  it.effect("beside a server it refuses, and nothing is changed", () =>
    Effect.gen(function*() {
      const { copy } = yield* afterKill
      const file = yield* dataFile
      yield* withStore(
        file,
        Effect.gen(function*() {
          yield* say("here")
          assert.match(yield* sentence(restore(copy, file)), /in use by another server; stop it/)
          yield* say("still here")
        })
      )
      assert.deepStrictEqual(yield* heard(file), ["here", "still here"])
    }))

  it.effect("beside another command it refuses as well", () =>
    Effect.gen(function*() {
      const { copy } = yield* afterKill
      const file = yield* dataFile
      yield* withStore(file, say("here"))
      yield* beside(
        file,
        Effect.gen(function*() {
          yield* say("by the command")
          assert.match(yield* sentence(restore(copy, file)), /in use by another command; try again/)
          assert.deepStrictEqual(yield* texts, ["here", "by the command"])
        })
      )
      assert.deepStrictEqual(yield* heard(file), ["here", "by the command"])
      assert.deepStrictEqual(left(file), [])
    }))

  it.effect("refuses what is no whole copy, and leaves the data file as it is", () =>
    Effect.gen(function*() {
      const { copy, dead } = yield* afterKill
      const path = yield* temporaryDirectory
      const file = join(path, "of.another")
      recipes(file)
      const empty = join(path, "empty")
      writeFileSync(empty, "")
      const garbage = join(path, "garbage")
      writeFileSync(garbage, "no database at all ".repeat(1_000))
      const cut = join(path, "cut")
      copyFileSync(copy, cut)
      truncateSync(cut, statSync(cut).size - 8_192)
      const future = join(path, "future")
      copyFileSync(copy, future)
      fromTheFuture(future)
      for (
        const [from, why] of [
          [join(path, "none"), /There is no file .*--from/],
          [path, /directory/],
          [empty, /is empty/],
          [garbage, /not a Switchboard data file|damaged/],
          [file, /not a Switchboard data file/],
          [cut, /damaged/],
          [future, /newer Switchboard/],
          [dead, /the data file itself/],
          ["", /--from the name of a file/],
          [":memory:", /--from/],
          [`file:${copy}`, /--from a path/]
        ] as const
      ) assert.match(yield* sentence(restore(from, dead)), why)
      symlinkSync(dead, join(path, "link"))
      assert.match(yield* sentence(restore(join(path, "link"), dead)), /the data file itself/)
      assert.deepStrictEqual((yield* heard(dead)).slice(0, 2), ["one", "two"])
      assert.deepStrictEqual(left(dead), [])
    }))

  it.effect("takes the place of a file that is damaged, missing, or already replaced by hand", () =>
    Effect.gen(function*() {
      const { copy, dead } = yield* afterKill
      const { dead: missing } = yield* afterKill
      const { dead: replaced } = yield* afterKill
      writeSync(openSync(dead, "r+"), Buffer.alloc(4_096, 0xa5))
      renameSync(missing, `${missing}.gone`)
      copyFileSync(copy, replaced)
      for (const file of [dead, missing, replaced]) {
        yield* restore(copy, file)
        assert.deepStrictEqual(yield* heard(file), ["one"])
        integrity(file)
      }
    }))

  it.effect("a copy that has a log of its own counts with its log", () =>
    Effect.gen(function*() {
      const { dead } = yield* afterKill
      const file = yield* dataFile
      yield* restore(dead, file)
      assert.deepStrictEqual((yield* heard(file)).slice(0, 2), ["one", "two"])
    }))
})

describe("a start", () => {
  it.effect("P1 goes on with its own log", () =>
    Effect.gen(function*() {
      const { dead } = yield* afterKill
      const again = yield* withStore(dead, Effect.andThen(say("three"), killed(dead)))
      assert.deepStrictEqual((yield* heard(again)).filter((text) => text!.length < 10), ["one", "two", "three"])
    }))

  it.effect("refuses a log that is not the file's, whoever asks and however the copy was made", () =>
    Effect.gen(function*() {
      const { copy, dead } = yield* afterKill
      // Of the same file, before the run that was killed.
      const path = yield* temporaryDirectory
      const early = join(path, "early.db")
      const file = join(path, "chat.db")
      yield* withStore(file, say("early"))
      copyFileSync(file, early)
      const killedLater = yield* withStore(file, Effect.andThen(say("later"), killed(file)))
      for (const [from, to] of [[copy, dead], [early, killedLater]] as const) {
        copyFileSync(from, to)
        const before = readFileSync(to)
        assert.match(yield* starting(to), /^The log .*-wal is not of the file .*"switchboard restore"/)
        assert.match(yield* sentence(beside(to, texts)), /^The log /)
        assert.match(yield* sentence(backup(to, `${to}.copy`)), /^The log /)
        assert.isTrue(before.equals(readFileSync(to)))
      }
    }))

  it.effect("refuses a log whose file is gone", () =>
    Effect.gen(function*() {
      const { dead } = yield* afterKill
      renameSync(dead, `${dead}.gone`)
      assert.match(yield* starting(dead), /^The log /)
      renameSync(`${dead}.gone`, dead)
      assert.deepStrictEqual((yield* heard(dead)).slice(0, 2), ["one", "two"])
    }))

  it.effect("a file and its log move together, without the lock", () =>
    Effect.gen(function*() {
      const { dead } = yield* afterKill
      const file = join(yield* temporaryDirectory, "moved.db")
      renameSync(dead, file)
      renameSync(`${dead}-wal`, `${file}-wal`)
      assert.deepStrictEqual((yield* heard(file)).slice(0, 2), ["one", "two"])
    }))

  it.effect("names that keep nothing, or are no file, are refused", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      for (
        const [name, why] of [
          ["", /it is empty/],
          [" ", /it is empty/],
          [":memory:", /--store memory/],
          ["file:chat.db", /--data a path/],
          ["file::memory:?cache=shared", /--data a path/],
          [path, /a directory or a device/],
          ["/dev/null", /a directory or a device/]
        ] as const
      ) assert.match(yield* starting(name), why)
      assert.deepStrictEqual(readdirSync(path), [])
    }))

  it.effect("another program's database is refused and not touched", () =>
    Effect.gen(function*() {
      const file = join(yield* temporaryDirectory, "recipes.db")
      recipes(file)
      const before = readFileSync(file)
      assert.match(yield* starting(file), /not a Switchboard data file/)
      assert.isTrue(before.equals(readFileSync(file)))
    }))

  it.effect("two names of one file are one file", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const file = join(path, "chat.db")
      symlinkSync(file, join(path, "link.db"))
      yield* withStore(
        file,
        Effect.gen(function*() {
          assert.match(yield* starting(join(path, "link.db")), /in use by another server/)
        })
      )
    }))

  it.effect("a command needs a file that is there, and of this version", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const asked = (filename: string) => sentence(beside(filename, texts))
      const none = join(path, "typo.db")
      assert.match(yield* asked(none), /There is no file .*typo\.db; check --data/)
      assert.deepStrictEqual(readdirSync(path), [])
      const file = join(path, "chat.db")
      yield* withStore(file, say("one"))
      inDatabase(file, (db) => db.exec("DELETE FROM switchboard_migrations WHERE migration_id > 2"))
      assert.match(yield* asked(file), /older Switchboard; start a server/)
    }))
})

describe("backup", () => {
  it.effect("two at once to one name make one copy, which is whole", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const file = join(path, "chat.db")
      const copy = join(path, "copy.db")
      yield* withStore(file, say("one"))
      const both = yield* Effect.all([Effect.exit(backup(file, copy)), Effect.exit(backup(file, copy))], {
        concurrency: 2
      })
      assert.deepStrictEqual(both.map(({ _tag }) => _tag).sort(), ["Failure", "Success"])
      assert.deepStrictEqual(yield* heard(copy), ["one"])
      assert.deepStrictEqual(left(copy), [])
    }))

  it.effect("a copy that is made while a server begins to write is whole", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const file = join(path, "chat.db")
      yield* withStore(file, say(...Array.from({ length: 100 }, () => "x".repeat(1_000))))
      yield* withStore(
        file,
        Effect.gen(function*() {
          yield* backup(file, join(path, "before"))
          yield* say("first")
          yield* backup(file, join(path, "after"))
        })
      )
      assert.deepStrictEqual(
        [(yield* heard(join(path, "before"))).length, (yield* heard(join(path, "after"))).length],
        [100, 101]
      )
    }))

  it.effect("takes nobody's place, and nothing of another's unfinished copy", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const file = join(path, "chat.db")
      yield* withStore(file, say("one"))
      const copy = join(path, "copy.db")
      writeFileSync(`${copy}.part`, "of another")
      yield* backup(file, copy)
      assert.strictEqual(readFileSync(`${copy}.part`, "utf8"), "of another")
      linkSync(copy, join(path, "taken"))
      for (
        const [to, why] of [[copy, /already/], [join(path, "taken"), /already/], [path, /--to/], ["", /--to/]] as const
      ) {
        assert.match(yield* sentence(backup(file, to)), why)
      }
      assert.match(yield* sentence(backup(file, join(path, "no", "copy"))), /directory exists and is writable/)
      assert.match(yield* sentence(backup(join(path, "typo.db"), join(path, "b"))), /There is no file .*--data/)
      assert.isFalse(existsSync(join(path, "typo.db")))
    }))

  it.effect("a damaged file is said to be damaged", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const file = join(path, "chat.db")
      yield* withStore(file, say(...Array.from({ length: 200 }, (_, i) => `${i} `.repeat(100))))
      const fd = openSync(file, "r+")
      writeSync(fd, Buffer.alloc(40_960, 0xa5), 0, 40_960, statSync(file).size - 40_960)
      assert.match(yield* sentence(backup(file, join(path, "copy.db"))), /damaged/)
      assert.isFalse(existsSync(join(path, "copy.db")))
      assert.deepStrictEqual(left(file), [])
    }))

  it.effect.skipIf(!canMount)(
    "a disk that is full or read-only: one sentence, and nothing is left or lost",
    () =>
      Effect.gen(function*() {
        const disk = yield* smallDisk("1m")
        const path = yield* temporaryDirectory
        const big = join(path, "big.db")
        yield* withStore(big, say(...Array.from({ length: 150 }, () => "x".repeat(10_000))))
        assert.match(yield* sentence(backup(big, join(disk, "copy.db"))), /disk is full/)
        assert.deepStrictEqual(readdirSync(disk), [])
        const small = join(disk, "chat.db")
        yield* withStore(small, say("here"))
        assert.match(yield* sentence(restore(big, small)), /disk is full/)
        assert.deepStrictEqual(yield* heard(small), ["here"])
        assert.deepStrictEqual(left(small), [])
        execFileSync("mount", ["-o", "remount,ro", disk])
        assert.match(yield* sentence(backup(big, join(disk, "copy.db"))), /writable/)
        assert.match(yield* sentence(restore(big, small)), /writable|read-only/)
        // A file that can be read can be copied, wherever it lies.
        yield* backup(small, join(path, "copy.db"))
        assert.deepStrictEqual(yield* heard(join(path, "copy.db")), ["here"])
      })
  )
})
