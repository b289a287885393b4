/** What does not come as it should leaves nothing, and nobody else notices. */
import { Cause, Deferred, Effect, Exit, Fiber, Schema, Stream } from "effect"
import assert from "node:assert/strict"
import type { FileId } from "../../domain/Ids.ts"
import { FileStore, FileStoreError } from "../../services/files/FileStore.ts"
import { bytesOf, type FileStoreCase, fileStoreCase, inPieces, isSame, listed, read } from "./FileStoreCase.ts"

class Broken extends Schema.TaggedError<Broken>()("Broken", { why: Schema.String }) {}

const nothingOf = Effect.fnUntraced(function*(file: FileId, beginning: string) {
  const store = yield* FileStore
  assert.equal(yield* store.get(file), undefined)
  assert.deepEqual(yield* listed(beginning), [])
})

const errorOf = <A, E>(exit: Exit.Exit<A, E>): unknown =>
  Exit.isFailure(exit) ? Cause.squash(exit.cause) : assert.fail("it succeeded")

/** Names that would mean something in a path, a key or an address. */
const strangeNames = [
  "",
  ".",
  "..",
  "../escaped",
  "../../etc/passwd",
  "/etc/passwd",
  "a/b",
  "a\\b",
  ".part",
  "a.b",
  "%2e%2e%2fescaped",
  "a b",
  "a?b=c",
  "a\0b",
  "a\nb",
  "ä",
  "x".repeat(65)
] as ReadonlyArray<string> as ReadonlyArray<FileId>

export const breakingCases: ReadonlyArray<FileStoreCase> = [
  fileStoreCase("more or less than was said is no file", function*({ file, store }) {
    const bytes = bytesOf(500_000)
    for (const said of [0, 1, 499_999, 500_001, 5_000_000]) {
      const exit = yield* Effect.exit(store.put(file("wrong"), inPieces(bytes, 65_536), { size: said }))
      const error = errorOf(exit)
      assert.ok(error instanceof FileStoreError, String(error))
      assert.equal(error.kind, "corrupt", `${said} were said`)
      yield* nothingOf(file("wrong"), file(""))
    }
    yield* store.put(file("wrong"), inPieces(bytes, 65_536), { size: 500_000 })
    assert.equal((yield* read(file("wrong")))?.size, 500_000)
  }),

  fileStoreCase("content that breaks is no file, and why it broke is told", function*({ file, store }) {
    const bytes = bytesOf(400_000)
    const whole = inPieces(bytes, 50_000)
    const broken = new Broken({ why: "the sender left" })
    for (const options of [undefined, { size: 400_000 }, { size: 1_000_000 }]) {
      for (const after of [0, 1, 5, 8]) {
        const content = Stream.concat(Stream.take(whole, after), Stream.fail(broken))
        assert.equal(errorOf(yield* Effect.exit(store.put(file("broken"), content, options))), broken)
        yield* nothingOf(file("broken"), file(""))
      }
      const dying = Stream.concat(Stream.take(whole, 3), Stream.die("a mistake"))
      assert.equal(errorOf(yield* Effect.exit(store.put(file("broken"), dying, options))), "a mistake")
      yield* nothingOf(file("broken"), file(""))
    }
    // What was not put can be put.
    yield* store.put(file("broken"), whole)
    assert.equal((yield* read(file("broken")))?.size, 400_000)
  }),

  fileStoreCase("what is being put is not there yet, and not at all when that is interrupted", function*(names) {
    const { file, store } = names
    const bytes = bytesOf(900_000)
    for (const options of [undefined, { size: 900_000 }]) {
      for (const pieces of [0, 1, 10]) {
        const began = yield* Deferred.make<void>()
        const content = Stream.take(inPieces(bytes, 90_000), pieces).pipe(
          Stream.concat(Stream.fromEffect(Effect.andThen(Deferred.succeed(began, undefined), Effect.never)))
        )
        const putting = yield* Effect.forkChild(store.put(file("late"), content, options))
        yield* Deferred.await(began)
        yield* nothingOf(file("late"), file(""))
        // What began long ago is swept away; this is being written.
        yield* store.sweep(0)
        yield* Fiber.interrupt(putting)
        yield* nothingOf(file("late"), file(""))
      }
    }
  }),

  fileStoreCase("a sweep takes nothing that is whole, and nothing that was touched since", function*({ file, store }) {
    const bytes = bytesOf(600_000)
    yield* store.put(file("whole"), inPieces(bytes, 65_536))
    const [began, go] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const pause = Stream.drain(
      Stream.fromEffect(Effect.andThen(Deferred.succeed(began, undefined), Deferred.await(go)))
    )
    const half = inPieces(bytes.subarray(0, 300_000), 300_000)
    const rest = inPieces(bytes.subarray(300_000), 300_000)
    const content = half.pipe(Stream.concat(pause), Stream.concat(rest))
    const putting = yield* Effect.forkChild(store.put(file("coming"), content))
    yield* Deferred.await(began)
    yield* store.sweep(0)
    yield* Deferred.succeed(go, undefined)
    yield* Fiber.join(putting)
    yield* store.sweep(Number.MAX_SAFE_INTEGER)
    for (const name of ["whole", "coming"]) assert.ok(isSame(yield* read(file(name)), bytes), name)
  }),

  fileStoreCase("no name leads anywhere else", function*({ file, store }) {
    yield* store.put(file("good"), inPieces(bytesOf(10), 10))
    const before = yield* listed("", 100)
    for (const name of strangeNames) {
      const error = errorOf(yield* Effect.exit(store.put(name, inPieces(bytesOf(10), 10))))
      assert.ok(error instanceof FileStoreError, JSON.stringify(name))
      assert.equal(yield* store.get(name), undefined, JSON.stringify(name))
      yield* store.remove(name)
    }
    assert.deepEqual(yield* listed("", 100), before)
  }),

  fileStoreCase("it can be asked whether it takes files, which leaves none", function*({ file, store }) {
    const before = yield* listed("", 100)
    yield* store.check
    assert.deepEqual(yield* listed("", 100), before)
    yield* store.put(file("after"), inPieces(bytesOf(10), 10))
  })
]
