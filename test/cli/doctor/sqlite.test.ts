/** Data files as they are found on disks. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { copyFileSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { sqliteChecks } from "../../../src/cli/doctor/sqlite.ts"
import { SqliteMessageStore } from "../../../src/services/storage/SqliteMessageStore.ts"
import { canMount, smallDisk } from "../../support/smallDisk.ts"
import { temporaryDirectory } from "../../support/stores.ts"
import { foundBy } from "../../support/verdicts.ts"

const looked = (data: string, integrity = false) =>
  Effect.map(foundBy(sqliteChecks(data, { integrity }), 30_000), (lines) => lines.join("\n"))

/** One that a server has made and left. */
const dataFile = Effect.map(temporaryDirectory, (directory) => join(directory, "chat.db"))

const made = Effect.fnUntraced(function*() {
  const filename = yield* dataFile
  yield* Effect.scoped(Layer.build(SqliteMessageStore.layer({ filename })))
  return filename
})

describe("the doctor, of a data file", () => {
  it.live("one that is not there yet is well, and is not made", () =>
    Effect.gen(function*() {
      const filename = yield* dataFile
      const said = yield* looked(filename, true)
      assert.match(said, /^ok store: .*chat\.db is not there yet; a server makes it\.$/m)
      assert.match(said, /^ok disk: The data file has 0 bytes, its disk has .* left\.$/m)
      assert.match(said, /store: A commit is on the disk after .* ms \(WAL, synchronous=FULL\)/)
      assert.deepStrictEqual(readdirSync(join(filename, "..")), [])
    }).pipe(Effect.scoped), 60_000)

  it.live("one that a server has is looked at beside it, and is not touched", () =>
    Effect.gen(function*() {
      const filename = yield* made()
      assert.match(yield* looked(filename), /^ok store: .*chat\.db can be opened, and is of migration \d+\.$/m)
      yield* Layer.build(SqliteMessageStore.layer({ filename }))
      const before = [readdirSync(join(filename, "..")), statSync(filename).mtimeMs]
      const said = yield* looked(filename, true)
      assert.match(
        said,
        /^ok store: .*chat\.db can be opened, and is of migration \d+; a server has it at the moment\.$/m
      )
      assert.match(said, /^ok integrity: .* is whole\.$/m)
      assert.notMatch(said, /^failed/m)
      assert.deepStrictEqual([readdirSync(join(filename, "..")), statSync(filename).mtimeMs], before)
    }).pipe(Effect.scoped), 60_000)

  it.live("what is none, or damaged, or newer, or has another's log, is told", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      assert.match(yield* looked(directory), /^failed store: .* is a directory or a device/m)
      assert.match(yield* looked(join(directory, "none", "chat.db")), /^failed store: There is no directory .*none;/m)
      assert.match(yield* looked(""), /^failed store: Give --data the name of a file/m)
      const text = join(directory, "text.db")
      writeFileSync(text, "this is no database, and it is longer than the header of one would be".repeat(10))
      assert.match(yield* looked(text), /^failed store: .*text\.db is not a Switchboard data file/m)

      const newer = yield* made()
      const db = new DatabaseSync(newer)
      db.exec("INSERT INTO switchboard_migrations (migration_id, name) VALUES (9999, 'later')")
      db.close()
      assert.match(yield* looked(newer), /^failed store: .* was written by a newer Switchboard; update this one\.$/m)

      const damaged = yield* made()
      const pages = new DatabaseSync(damaged)
      pages.exec("PRAGMA wal_checkpoint(TRUNCATE)")
      pages.close()
      const fd = openSync(damaged, "r+")
      const { size } = statSync(damaged)
      for (let at = 8_192; at < size; at += 4_096) writeSync(fd, Buffer.alloc(512, 0x5a), 0, 512, at)
      assert.match(yield* looked(damaged, true), /^failed (integrity|store): .*damaged.*restore a backup/m)

      const replaced = yield* made()
      copyFileSync(replaced, `${replaced}.copy`)
      const open = new DatabaseSync(replaced)
      open.exec("PRAGMA journal_mode = WAL; CREATE TABLE more (a)")
      copyFileSync(`${replaced}-wal`, `${replaced}.copy-wal`)
      copyFileSync(`${replaced}.lock`, `${replaced}.copy.lock`)
      open.close()
      const header = openSync(`${replaced}.copy`, "r+")
      writeSync(header, Buffer.from([0, 0, 0, 7]), 0, 4, 60)
      assert.match(yield* looked(`${replaced}.copy`), /^failed store: The log .* is not of the file/m)
    }).pipe(Effect.scoped), 60_000)

  it.live.skipIf(!canMount)("a small disk in memory", () =>
    Effect.gen(function*() {
      const said = yield* looked(join(yield* smallDisk("4m"), "chat.db"))
      assert.match(said, /^warning store: The data file is on tmpfs, in memory/m)
      assert.match(said, /^failed disk: .*make room/m)
    }).pipe(Effect.scoped), 60_000)
})
