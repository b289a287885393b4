/** What becomes of files that nobody needs: they go, with their bytes and their room, on whichever server looks first. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { FileId, UserId } from "../../../src/domain/Ids.ts"
import { Cluster, type ClusterService } from "../../../src/services/cluster/Cluster.ts"
import { Files } from "../../../src/services/files/Files.ts"
import { IdGenerator } from "../../../src/services/kernel/IdGenerator.ts"
import { Settings } from "../../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import { fileRecords } from "../../support/fileApi.ts"
import { moodyFiles } from "../../support/moodyFiles.ts"
import { withWallClock } from "../../support/wallClock.ts"

const alice = UserId.make("alice")
const hello = Stream.make(new TextEncoder().encode("hello"))
const offered = { owner: alice, name: "a.txt", type: "text/plain", content: hello }
const hour = 3_600_000

const world = () => {
  const files = moodyFiles()
  const services = Files.layer.pipe(
    Layer.provide(IdGenerator.layer),
    Layer.provideMerge(files.layer),
    Layer.provideMerge(MemoryMessageStore.layer()),
    Layer.provide(Settings.layerOf({}))
  )
  return { files, services }
}

/** Begun by a process that is not there any more. */
const dead = (name: string) =>
  Effect.gen(function*() {
    const file = FileId.make(name)
    const at = yield* Clock.currentTimeMillis
    yield* (yield* fileRecords).begin({ file, owner: alice, name: "a", type: "a/b", size: 1_000, at }, 0)
    return file
  })

const stateOf = (file: FileId) =>
  Effect.flatMap(Files, (files) => Effect.map(files.record(file), (record) => record?.state))

describe("files that nobody needs", () => {
  it.effect("one that no message names goes after a day, and not before", () => {
    const { files, services } = world()
    return Effect.gen(function*() {
      const service = yield* Files
      const { file } = yield* service.upload(offered)
      yield* TestClock.adjust(23 * hour)
      assert.strictEqual(yield* stateOf(file), "ready")
      yield* TestClock.adjust(hour + 120_000)
      assert.isUndefined(yield* service.record(file))
      assert.strictEqual(files.kept.size, 0)
      assert.deepStrictEqual(yield* (yield* fileRecords).usage(alice), { files: 0, bytes: 0 })
    }).pipe(Effect.provide(services))
  })

  it.effect("P1 of a server that is alone, uploads that another run began go when it starts", () => {
    const { services } = world()
    return Effect.gen(function*() {
      yield* TestClock.adjust(hour)
      const file = yield* dead("f0000000000000000000000000")
      yield* TestClock.adjust(1_000)
      yield* Effect.gen(function*() {
        yield* (yield* Files).sweep
        assert.isUndefined(yield* stateOf(file))
        const own = yield* dead("f0000000000000000000000001")
        yield* TestClock.adjust(hour)
        assert.strictEqual(yield* stateOf(own), "uploading", "one of this run may be on its way")
        yield* TestClock.adjust(3 * hour)
        assert.isUndefined(yield* stateOf(own))
      }).pipe(Effect.provide(Layer.fresh(Files.layer)))
    }).pipe(Effect.provide(Layer.mergeAll(IdGenerator.layer, Settings.layerOf({})).pipe(Layer.provideMerge(services))))
  })

  it.effect("of one of several servers they may be another's, and go when no upload lasts that long", () => {
    const { services } = world()
    // Only that there is one is looked at.
    const other = Layer.succeed(Cluster, {} as ClusterService)
    return Effect.gen(function*() {
      yield* TestClock.adjust(hour)
      const file = yield* dead("f0000000000000000000000000")
      yield* Effect.gen(function*() {
        yield* TestClock.adjust(hour)
        assert.strictEqual(yield* stateOf(file), "uploading")
        yield* TestClock.adjust(2 * hour)
        assert.isUndefined(yield* stateOf(file))
      }).pipe(Effect.provide(Layer.provide(Layer.fresh(Files.layer), other)))
    }).pipe(Effect.provide(Layer.mergeAll(IdGenerator.layer, Settings.layerOf({})).pipe(Layer.provideMerge(services))))
  })

  it.effect("bytes of which nobody knows go after two days, and only such as this store has put there", () => {
    const { files, services } = world()
    return Effect.gen(function*() {
      const service = yield* Files
      const put = (name: string) => files.kept.set(FileId.make(name), { bytes: Buffer.from("x"), at: 0 })
      const { file } = yield* service.upload(offered)
      const stray = `f${"0".repeat(25)}${file.slice(26)}`
      // Of another store that was given the same place, and of no server at all.
      const foreign = [`f${"0".repeat(25)}00000000`, `f${"0".repeat(25)}`, "somebody-elses"]
      for (const name of [stray, ...foreign]) put(name)
      yield* TestClock.adjust(47 * hour)
      assert.sameMembers(Array.from(files.kept.keys(), String), [stray, ...foreign])
      assert.isUndefined(yield* service.record(file))
      yield* TestClock.adjust(3 * hour)
      assert.sameMembers(Array.from(files.kept.keys(), String), foreign)
    }).pipe(Effect.provide(services))
  })

  it.effect("a place that does not answer is asked again, and holds up no sweep for ever", () => {
    const { files, services } = world()
    return Effect.gen(function*() {
      const service = yield* Files
      const { file } = yield* service.upload(offered)
      files.mood.isDown = true
      yield* TestClock.adjust(25 * hour)
      assert.strictEqual(yield* stateOf(file), "removing")
      assert.isUndefined(yield* service.shown(file))
      files.mood.isDown = false
      yield* TestClock.adjust("2 minutes")
      assert.isUndefined(yield* service.record(file))
      assert.strictEqual(files.kept.size, 0)
    }).pipe(Effect.provide(services))
  })

  it.effect("one that is removed while it comes is not there afterwards", () => {
    const { files, services } = world()
    return Effect.gen(function*() {
      const service = yield* Files
      files.mood.gate = Effect.gen(function*() {
        const [record] = yield* Effect.orDie(service.list({ limit: 1 }))
        yield* Effect.orDie(service.remove(record!.file))
      })
      const error = yield* Effect.flip(service.upload(offered))
      assert.strictEqual(error._tag, "FileRefused")
      assert.strictEqual(files.kept.size, 0)
      assert.deepStrictEqual(yield* service.list({ limit: 1 }), [])
    }).pipe(Effect.provide(services))
  })

  it.effect("sweeps of several servers at once do no harm", () => {
    const { files, services } = world()
    return Effect.gen(function*() {
      const service = yield* Files
      const records = yield* Effect.forEach(Array.from({ length: 250 }), () => service.upload(offered))
      const kept = records.at(-1)!.file
      yield* TestClock.adjust(23 * hour)
      const late = yield* service.upload(offered)
      yield* TestClock.setTime((yield* Clock.currentTimeMillis) + 2 * hour)
      yield* Effect.all([service.sweep, service.sweep, service.sweep], { concurrency: 3 })
      assert.isUndefined(yield* service.record(kept))
      assert.sameMembers(Array.from(files.kept.keys()), [late.file])
    }).pipe(Effect.provide(services))
  })

  for (const [name, millis] of [["back ten minutes", -600_000], ["forward a day", 24 * hour]] as const) {
    it.effect(`P1 an upload that is on its way lives, also when the wall clock is set ${name}`, () =>
      withWallClock((wall) => {
        const { files, services } = world()
        return Effect.gen(function*() {
          const service = yield* Files
          yield* TestClock.adjust("1 minute")
          const gate = yield* Deferred.make<void>()
          files.mood.gate = Deferred.await(gate)
          const uploads = [yield* Effect.forkChild(service.upload(offered), { startImmediately: true })]
          yield* wall.step(millis)
          uploads.push(yield* Effect.forkChild(service.upload(offered), { startImmediately: true }))
          yield* TestClock.adjust("3 minutes")
          yield* service.sweep
          assert.deepStrictEqual((yield* service.list({ limit: 9 })).map(({ state }) => state), [
            "uploading",
            "uploading"
          ])
          yield* Deferred.succeed(gate, undefined)
          const states = (yield* Effect.forEach(uploads, (upload) => Fiber.join(upload))).map(({ state }) => state)
          assert.deepStrictEqual(states, ["ready", "ready"])
        }).pipe(Effect.provide(services))
      }))
  }

  it.effect("what an upload leaves goes, also when another one hangs for as long as it may", () => {
    const { files, services } = world()
    return Effect.gen(function*() {
      const service = yield* Files
      const own = yield* dead("f0000000000000000000000000")
      files.mood.gate = Effect.never
      yield* TestClock.adjust(1)
      const hanging = yield* Effect.forkChild(Effect.exit(service.upload(offered)), { startImmediately: true })
      yield* TestClock.adjust(3 * hour)
      assert.strictEqual((yield* Fiber.join(hanging))._tag, "Failure")
      assert.isUndefined(yield* stateOf(own))
    }).pipe(Effect.provide(services))
  })

  it.effect("strays are looked for once an hour, also when the wall clock is set back", () =>
    withWallClock((wall) => {
      const { files, services } = world()
      return Effect.gen(function*() {
        yield* TestClock.adjust(60 * hour)
        const { file } = yield* (yield* Files).upload(offered)
        yield* wall.step(-5 * hour)
        files.kept.set(FileId.make(`f${"0".repeat(25)}${file.slice(26)}`), { bytes: Buffer.from("x"), at: 0 })
        yield* TestClock.adjust(hour + 120_000)
        assert.deepStrictEqual(Array.from(files.kept.keys()), [file])
      }).pipe(Effect.provide(services))
    }))
})
