/** Files in a folder: where they lie, what a killed process leaves, what a disk may do, copies of all of it. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore, type FileStoreError } from "../../../src/services/files/FileStore.ts"
import { copyFile, copyFiles } from "../../../src/services/files/FolderCopies.ts"
import { FolderFileStore } from "../../../src/services/files/FolderFileStore.ts"
import { bytesOf, inPieces, listed, read } from "../../../src/testing/files/FileStoreCase.ts"
import { eventually } from "../../support/eventually.ts"
import { root } from "../../support/ServerProcess.ts"
import { canMount, smallDisk } from "../../support/smallDisk.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const id = (name: string) => name as FileId

const within = <A, E>(folder: string, use: Effect.Effect<A, E, FileStore>) =>
  Effect.scoped(Effect.provide(use, FolderFileStore.layer({ folder })))

const put = (name: string, bytes: Uint8Array, piece = 65_536) =>
  Effect.flatMap(FileStore, (store) => store.put(id(name), inPieces(bytes, piece)))

const failure = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.flip(effect)

const filesUnder = (folder: string): Array<string> =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(folder, path)).isFile())
    : []

const kindOf = ({ kind }: FileStoreError) => kind

describe("FolderFileStore", () => {
  it.live("nothing is made before there is a file, and then no folder has all of them", () =>
    Effect.gen(function*() {
      const folder = join(yield* temporaryDirectory, "files")
      yield* within(
        folder,
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* listed(""), [])
          assert.isFalse(existsSync(folder))
          yield* put("f0mwxmk2o900006nk6wca00gr5", bytesOf(10))
          yield* put("f0mwxmz2o900006nk6wca00gr5", bytesOf(10))
          yield* put("x", bytesOf(10))
          assert.sameMembers(filesUnder(folder), [
            "f0mw/xm/f0mwxmk2o900006nk6wca00gr5",
            "f0mw/xm/f0mwxmz2o900006nk6wca00gr5",
            "x---/--/x"
          ])
          const store = yield* FileStore
          yield* store.remove(id("x"))
          assert.notInclude(readdirSync(join(folder, "x---")), "--", "a room without files goes")
        })
      )
      assert.strictEqual(statSync(folder).mode & 0o077, 0, "it is nobody else's to read")
    }).pipe(Effect.scoped))

  it.live("what else lies there is none of its files, and stays", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      for (const path of ["lost+found", "abcd/zz", "abcdef/zz", ".part"]) {
        mkdirSync(join(folder, path), { recursive: true })
      }
      for (const path of ["abcd/zz/.hidden", "abcd/readme.txt", "notes", ".part/of-another"]) {
        writeFileSync(join(folder, path), "x")
      }
      yield* within(
        folder,
        Effect.gen(function*() {
          yield* put("abcdzz1", bytesOf(10))
          assert.deepStrictEqual(yield* listed(""), ["abcdzz1"])
          const store = yield* FileStore
          yield* store.remove(id("abcdzz1"))
        })
      )
      assert.sameMembers(filesUnder(folder), ["abcd/zz/.hidden", "abcd/readme.txt", "notes", ".part/of-another"])
    }).pipe(Effect.scoped))

  it.live("a sweep takes what was begun before, and nothing else", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      mkdirSync(join(folder, ".part"))
      const [old, young] = [join(folder, ".part", "old"), join(folder, ".part", "young")]
      for (const path of [old, young]) writeFileSync(path, "x")
      utimesSync(old, 1_000, 1_000)
      yield* within(
        folder,
        Effect.gen(function*() {
          yield* put("whole", bytesOf(10))
          utimesSync(join(folder, "whol", "e-", "whole"), 1_000, 1_000)
          const store = yield* FileStore
          yield* store.sweep(2_000_000)
          assert.deepStrictEqual(filesUnder(folder).toSorted(), [".part/young", "whol/e-/whole"])
        })
      )
    }).pipe(Effect.scoped))

  it.live("P1 a sweep takes nothing that is being written, whatever time it bears", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      yield* within(
        folder,
        Effect.gen(function*() {
          const store = yield* FileStore
          const gate = yield* Deferred.make<void>()
          const held = Stream.concat(
            inPieces(bytesOf(100_000), 65_536),
            Stream.drain(Stream.fromEffect(Deferred.await(gate)))
          )
          const putting = yield* Effect.forkChild(store.put(id("slow"), held))
          yield* eventually(Effect.sync(() => filesUnder(folder).length === 1))
          const [part] = filesUnder(folder)
          utimesSync(join(folder, part!), 1_000, 1_000)
          yield* store.sweep(2_000_000)
          assert.deepStrictEqual(filesUnder(folder), [part])
          yield* Deferred.succeed(gate, undefined)
          yield* Fiber.join(putting)
          assert.strictEqual((yield* read(id("slow")))?.size, 100_000)
          writeFileSync(join(folder, part!), "x")
          utimesSync(join(folder, part!), 1_000, 1_000)
          yield* store.sweep(2_000_000)
          assert.deepStrictEqual(filesUnder(folder), ["slow/--/slow"], "it is not being written any more")
        })
      )
    }).pipe(Effect.scoped))

  it.live("a folder that cannot be one is one sentence at the start", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const sentence = (folder: string) =>
        Effect.map(failure(Effect.scoped(Layer.build(FolderFileStore.layer({ folder })))), ({ message }) => message)
      assert.match(yield* sentence(join(path, "no", "files")), /^There is no directory .*no; make it or choose another/)
      writeFileSync(join(path, "file"), "")
      assert.match(yield* sentence(join(path, "file")), /is not a folder/)
      assert.match(yield* sentence(join(path, "file", "files")), /is not a folder|There is no directory/)
      yield* within(path, Effect.asVoid(FileStore))
    }).pipe(Effect.scoped))

  it.live.skipIf(!canMount)(
    "a disk that is full in the middle: said so, nothing left, and room again is room",
    () =>
      Effect.gen(function*() {
        const disk = yield* smallDisk("1m")
        const folder = join(disk, "files")
        yield* within(
          folder,
          Effect.gen(function*() {
            const store = yield* FileStore
            yield* put("small", bytesOf(300_000))
            for (const size of [undefined, 2_000_000]) {
              const options = size === undefined ? undefined : { size }
              const error = yield* failure(store.put(id("big"), inPieces(bytesOf(2_000_000), 65_536), options))
              assert.strictEqual(kindOf(error), "full")
              assert.match(error.message, /disk of .*files is full; make room/)
            }
            assert.deepStrictEqual(filesUnder(folder), ["smal/l-/small"])
            writeFileSync(join(disk, "others"), bytesOf(700_000))
            assert.strictEqual(
              kindOf(yield* failure(Effect.andThen(put("next", bytesOf(100_000)), store.check))),
              "full"
            )
            rmSync(join(disk, "others"))
            yield* store.check
            yield* put("next", bytesOf(100_000))
            assert.deepStrictEqual((yield* read(id("small")))?.bytes, bytesOf(300_000))
          })
        )
      }).pipe(Effect.scoped)
  )

  it.live.skipIf(!canMount)(
    "a disk that is read-only is read, and refused at the start of a server",
    () =>
      Effect.gen(function*() {
        const disk = yield* smallDisk("1m")
        const folder = join(disk, "files")
        yield* within(
          folder,
          Effect.gen(function*() {
            yield* put("there", bytesOf(1_000))
            execFileSync("mount", ["-o", "remount,ro", disk])
            const store = yield* FileStore
            for (const error of [yield* failure(put("new", bytesOf(10))), yield* failure(store.remove(id("there")))]) {
              assert.strictEqual(kindOf(error), "unavailable")
              assert.match(error.message, /cannot be written \(EROFS\)/)
            }
            yield* failure(store.check)
            assert.deepStrictEqual((yield* read(id("there")))?.bytes, bytesOf(1_000))
          })
        )
        for (const each of [folder, join(disk, "other")]) {
          const error = yield* failure(Effect.scoped(Layer.build(FolderFileStore.layer({ folder: each }))))
          assert.match(error.message, /cannot be written \(EROFS\)/)
        }
      }).pipe(Effect.scoped)
  )

  it.live(
    "P1 kill -9 in the middle: what was answered is whole, and the rest is nothing that a sweep leaves",
    () =>
      Effect.gen(function*() {
        const folder = join(yield* temporaryDirectory, "files")
        for (let round = 0; round < 5; round++) {
          const child = spawn(process.execPath, [`${root}test/services/files/putting.ts`, folder, `r${round}`], {
            stdio: ["ignore", "pipe", "inherit"]
          })
          let answered = ""
          child.stdout.on("data", (data: Buffer) => answered += data.toString())
          yield* eventually(Effect.sync(() => answered.split("\n").length > 8 + round))
          yield* Effect.callback<void>((resume) => {
            child.once("close", () => resume(Effect.void))
            child.kill("SIGKILL")
          })
          yield* within(
            folder,
            Effect.gen(function*() {
              const done = answered.split("\n").slice(0, -1).map((line) =>
                JSON.parse(line) as { file: FileId; size: number }
              )
              for (const { file, size } of done) assert.strictEqual((yield* read(file))?.size, size, file)
              // A file that has its name is whole, answered or not.
              for (const file of yield* listed("")) {
                const back = yield* read(file)
                assert.deepStrictEqual(back?.bytes, bytesOf(back!.bytes.byteLength), file)
              }
              const store = yield* FileStore
              yield* store.sweep(Number.MAX_SAFE_INTEGER)
              assert.deepStrictEqual(filesUnder(join(folder, ".part")), [])
            })
          )
        }
      }).pipe(Effect.scoped),
    120_000
  )

  it.live("a file that shrank on the disk is an error and no shorter file", () =>
    Effect.gen(function*() {
      const folder = yield* temporaryDirectory
      yield* within(
        folder,
        Effect.gen(function*() {
          yield* put("shrinks", bytesOf(500_000))
          const store = yield* FileStore
          const part = yield* store.get(id("shrinks"))
          writeFileSync(join(folder, "shri", "nk", "shrinks"), bytesOf(100_000))
          const error = yield* failure(Stream.runDrain(part!.content))
          assert.strictEqual(kindOf(error), "corrupt")
        })
      )
    }).pipe(Effect.scoped))
})

describe("copies of a folder of files", () => {
  const filled = Effect.fnUntraced(function*(folder: string) {
    yield* within(
      folder,
      Effect.gen(function*() {
        for (const name of ["a", "b", "f0mwxmk2o9", "f0mwxzk2o9"]) yield* put(name, bytesOf(50_000))
      })
    )
  })
  const content = (folder: string) =>
    filesUnder(folder).toSorted().map((path) => [path, readFileSync(join(folder, path))])

  it.live("has all of them, without their bytes where one disk has both; what is there stays", () =>
    Effect.gen(function*() {
      const path = yield* temporaryDirectory
      const [from, to] = [join(path, "files"), join(path, "copy")]
      yield* filled(from)
      writeFileSync(join(from, ".part", "unfinished"), "x")
      assert.strictEqual(yield* copyFiles(from, to), 4)
      rmSync(join(from, ".part", "unfinished"))
      assert.deepStrictEqual(content(to), content(from))
      assert.strictEqual(statSync(join(to, "a---", "--", "a")).nlink, 2)
      // What is removed in one place is there in the other.
      yield* within(from, Effect.flatMap(FileStore, (store) => store.remove(id("a"))))
      yield* within(
        to,
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* listed(""), ["a", "b", "f0mwxmk2o9", "f0mwxzk2o9"])
          assert.deepStrictEqual((yield* read(id("a")))?.bytes, bytesOf(50_000))
        })
      )
      assert.strictEqual(yield* copyFiles(from, to), 0)
      assert.strictEqual(yield* copyFiles(join(path, "nothing"), to), 0)
      assert.isTrue(copyFile(to, from, id("a")))
      assert.isFalse(copyFile(to, from, id("nowhere")))
      assert.deepStrictEqual(content(from), content(to))
    }).pipe(Effect.scoped))

  it.live.skipIf(!canMount)(
    "on another disk they are copies; one that is full says so and keeps nothing half",
    () =>
      Effect.gen(function*() {
        const path = yield* temporaryDirectory
        const disk = yield* smallDisk("1m")
        const from = join(path, "files")
        yield* filled(from)
        assert.strictEqual(yield* copyFiles(from, join(disk, "copy")), 4)
        assert.deepStrictEqual(content(join(disk, "copy")), content(from))
        yield* within(from, put("z", bytesOf(2_000_000)))
        const error = yield* failure(copyFiles(from, join(disk, "copy")))
        assert.strictEqual(kindOf(error), "full")
        assert.notInclude(filesUnder(join(disk, "copy")), "z---/--/z")
        assert.deepStrictEqual(filesUnder(join(disk, "copy", ".part")), [])
      }).pipe(Effect.scoped)
  )
})
