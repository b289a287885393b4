/** P1 What was put is whole, and what was not is nothing, whatever a power cut leaves of a folder, at each step of it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { mkdirSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { FileId } from "../../../src/domain/Ids.ts"
import { FileStore } from "../../../src/services/files/FileStore.ts"
import { FolderFileStore } from "../../../src/services/files/FolderFileStore.ts"
import { bytesOf, inPieces, isSame, listed, read } from "../../../src/testing/files/FileStoreCase.ts"
import { random, seed } from "../../fuzz/mutate.ts"
import { eventually } from "../../support/eventually.ts"
import { watching } from "../../support/flushing.ts"
import { temporaryDirectory } from "../../support/stores.ts"

const count = 32
const atOnce = 8
const imagesEach = 2
const pieceBytes = 4_096

const within = <A, E>(folder: string, use: Effect.Effect<A, E, FileStore>) =>
  Effect.scoped(Effect.provide(use, FolderFileStore.layer({ folder }), { local: true }))

interface Put {
  readonly file: FileId
  readonly bytes: Uint8Array
}

/** In a few rooms, some of which two come to at once. */
const puts = (pick: ReturnType<typeof random>): ReadonlyArray<Put> =>
  Array.from({ length: count }, (_, i) => ({
    file: `f0${pick(3)}mx${pick(2)}-${i}` as FileId,
    bytes: bytesOf(1 + pick(5 * pieceBytes), i + 1)
  }))

/** What the next server finds. */
const recovers = Effect.fnUntraced(
  function*(all: ReadonlyMap<string, Uint8Array>, answered: ReadonlySet<string>, folder: string) {
    const store = yield* FileStore
    for (const file of answered) {
      assert.isTrue(isSame(yield* read(file as FileId), all.get(file)!), `${file} was answered and is not whole`)
    }
    for (const file of yield* listed("")) {
      assert.isTrue(isSame(yield* read(file), all.get(file)!), `${file} has its name and is not whole`)
    }
    yield* store.sweep(Number.MAX_SAFE_INTEGER)
    const next = "f00mx0-next" as FileId
    yield* store.put(next, inPieces(bytesOf(9_000), pieceBytes))
    assert.isTrue(isSame(yield* read(next), bytesOf(9_000)))
    assert.deepStrictEqual(readdirSync(join(folder, ".part")), [], "what was torn is swept")
  }
)

describe("FolderFileStore on a disk that tears at a crash", () => {
  it.live(`P1 what was answered is whole, and the rest is no file (seed ${seed})`, () =>
    Effect.gen(function*() {
      const pick = random(seed)
      const [top, images] = [yield* temporaryDirectory, yield* temporaryDirectory]
      const all = puts(pick)
      const after = yield* Effect.scoped(Effect.gen(function*() {
        const watched = yield* watching(top)
        const one = Effect.fnUntraced(function*({ bytes, file }: Put) {
          const store = yield* FileStore
          // Who goes in the middle of an upload leaves nothing.
          const content = pick(6) > 0 ? inPieces(bytes, pieceBytes) : Stream.concat(
            inPieces(bytes, pieceBytes),
            Stream.fail("gone")
          )
          const put = yield* Effect.exit(store.put(file, content))
          if (put._tag === "Success") watched.answer(file)
        })
        yield* within(join(top, "files"), Effect.forEach(all, one, { concurrency: atOnce, discard: true }))
        return { steps: watched.count(), image: watched.after }
      }))
      const bytes = new Map(all.map(({ bytes, file }) => [file as string, bytes]))
      let most = 0
      for (let step = 0; step <= after.steps; step++) {
        for (let i = 0; i < imagesEach; i++) {
          const image = join(images, "image")
          mkdirSync(image)
          const answered = after.image(step, image, pick)
          most = Math.max(most, answered.size)
          yield* within(join(image, "files"), recovers(bytes, answered, join(image, "files"))).pipe(
            Effect.catchDefect((defect) => Effect.die(new Error(`after step ${step}: ${String(defect)}`)))
          )
          rmSync(image, { recursive: true })
        }
      }
      assert.isAbove(most, count / 4)
      if (process.env["TORN_SHOW"] !== undefined) console.log(JSON.stringify({ steps: after.steps, answered: most }))
    }).pipe(Effect.scoped), 120_000)

  it.live("P1 a room that another upload has just made is on the disk when a file in it is answered", () =>
    Effect.gen(function*() {
      const [top, image] = [yield* temporaryDirectory, yield* temporaryDirectory]
      const folder = join(top, "files")
      const [slow, quick] = ["f00mx0-1" as FileId, "f00mx0-2" as FileId]
      const bytes = bytesOf(1_000)
      const put = (file: FileId) => Effect.flatMap(FileStore, (store) => store.put(file, inPieces(bytes, pieceBytes)))
      let isMade = false
      const gate = Promise.withResolvers<void>()
      const after = yield* Effect.scoped(Effect.gen(function*() {
        // The first who flushes the name of the room waits.
        const watched = yield* watching(top, (path) => {
          if (path !== join(folder, "f00m") || isMade) return undefined
          isMade = true
          return gate.promise
        })
        yield* within(
          folder,
          Effect.gen(function*() {
            yield* put("before" as FileId)
            const first = yield* Effect.forkChild(put(slow))
            yield* eventually(Effect.sync(() => isMade))
            yield* put(quick)
            watched.answer(quick)
            const steps = watched.count()
            gate.resolve()
            yield* Fiber.join(first)
            watched.after(steps, image, () => 0)
          })
        )
        return join(image, "files")
      }))
      assert.isTrue(isSame(yield* within(after, read(quick)), bytes))
    }).pipe(Effect.scoped))
})
