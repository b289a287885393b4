/** What is put is there, all of it and every part, and goes when it is removed. */
import { Effect, Stream } from "effect"
import assert from "node:assert/strict"
import {
  bytesOf,
  type FileStoreCase,
  fileStoreCase,
  inPieces,
  isSame,
  listed,
  read,
  sha256Of
} from "./FileStoreCase.ts"

export const keepingCases: ReadonlyArray<FileStoreCase> = [
  fileStoreCase("what is put comes back byte for byte, of any size and in any pieces", function*({ file, store }) {
    const sizes = [[0, 1], [1, 1], [5_000, 1], [65_536, 65_536], [300_001, 7_919], [1_500_000, 1_000_000]] as const
    for (const [size, piece] of sizes) {
      const bytes = bytesOf(size)
      for (const said of [undefined, size]) {
        const name = file(`${size}-${said === undefined ? "unsaid" : "said"}`)
        const options = said === undefined ? undefined : { size: said }
        const stored = yield* store.put(name, inPieces(bytes, piece), options)
        assert.deepEqual(stored, { size, sha256: sha256Of(bytes) })
        const back = yield* read(name)
        assert.equal(back?.size, size)
        assert.equal(sha256Of(back!.bytes), sha256Of(bytes), `${size} bytes`)
      }
    }
  }),

  fileStoreCase("a part of it is the part that was asked for, and says how large all of it is", function*(names) {
    const { file, store } = names
    const size = 400_000
    const bytes = bytesOf(size)
    yield* store.put(file("whole"), inPieces(bytes, 30_011))
    const ranges = [[0, 0], [0, 99], [1, 65_536], [65_535, 65_536], [131_071, 262_145], [399_999, 399_999]] as const
    for (const [from, to] of [...ranges, [0, size - 1] as const]) {
      const part = yield* read(file("whole"), { from, to })
      assert.equal(part?.size, size)
      assert.equal(sha256Of(part!.bytes), sha256Of(bytes.subarray(from, to + 1)), `${from} to ${to}`)
    }
    const beyond = yield* read(file("whole"), { from: size - 10, to: size + 10 })
    assert.equal(beyond?.size, size)
    assert.ok(isSame(beyond, bytes.subarray(size - 10)), "there is nothing behind the end")
    assert.ok(isSame(yield* read(file("whole"), { from: size, to: size + 10 }), new Uint8Array()))
    yield* store.put(file("empty"), Stream.empty)
    assert.deepEqual(yield* read(file("empty"), { from: 0, to: 9 }), { size: 0, bytes: new Uint8Array() })
  }),

  fileStoreCase("what is not there is not there, and is removed already", function*({ file, store }) {
    assert.equal(yield* store.get(file("none")), undefined)
    assert.equal(yield* store.get(file("none"), { from: 0, to: 1 }), undefined)
    yield* store.remove(file("none"))
    yield* store.put(file("one"), inPieces(bytesOf(10), 10))
    yield* store.put(file("other"), inPieces(bytesOf(10), 10))
    yield* store.remove(file("one"))
    assert.equal(yield* store.get(file("one")), undefined)
    yield* store.remove(file("one"))
    assert.equal((yield* read(file("other")))?.size, 10)
    assert.deepEqual(yield* listed(file("")), [file("other")])
  }),

  fileStoreCase("whoever reads it when it is removed reads on", function*({ file, store }) {
    const bytes = bytesOf(2_000_000)
    yield* store.put(file("read"), inPieces(bytes, 65_536))
    const part = yield* store.get(file("read"))
    let removed = false
    const chunks = yield* Stream.runCollect(Stream.mapEffect(part!.content, (chunk) =>
      Effect.suspend(() => {
        if (removed) return Effect.succeed(chunk)
        removed = true
        return Effect.as(store.remove(file("read")), chunk)
      })))
    assert.equal(sha256Of(Buffer.concat(chunks)), sha256Of(bytes))
    assert.equal(yield* store.get(file("read")), undefined)
  }),

  fileStoreCase("a reader that leaves in the middle leaves nothing behind that others would miss", function*(names) {
    const { file, store } = names
    const bytes = bytesOf(1_000_000)
    yield* store.put(file("left"), inPieces(bytes, 65_536))
    for (let i = 0; i < 100; i++) {
      const part = yield* store.get(file("left"))
      yield* Stream.runDrain(Stream.take(part!.content, 1))
    }
    assert.equal((yield* read(file("left")))?.bytes.byteLength, bytes.byteLength)
  }),

  fileStoreCase("all that is there is listed, in order, page by page, with its size", function*({ file, store }) {
    const names = ["b", "a", "_", "A", "0", "ab", "a-", "aa", "a0", "B"].map(file)
    for (const [i, name] of names.entries()) yield* store.put(name, inPieces(bytesOf(i), 10))
    assert.deepEqual(yield* listed(file("")), names.toSorted())
    const [first, second, third] = names.toSorted()
    const { files, hasMore } = yield* store.list({ after: first!, limit: 2 })
    assert.deepEqual(files.map(({ file, size }) => [file, size]), [
      [second, names.indexOf(second!)],
      [third, names.indexOf(third!)]
    ])
    assert.equal(hasMore, true)
    for (const { at } of files) assert.ok(Number.isSafeInteger(at) && at >= 0, `${at}`)
  }),

  fileStoreCase("many at once are each what they are", function*({ file, store }) {
    const all = Array.from({ length: 24 }, (_, i) => ({ name: file(`n${i}`), bytes: bytesOf(i * 20_011, i + 1) }))
    const stored = yield* Effect.forEach(all, ({ bytes, name }) => store.put(name, inPieces(bytes, 9_973)), {
      concurrency: "unbounded"
    })
    assert.deepEqual(stored.map(({ sha256 }) => sha256), all.map(({ bytes }) => sha256Of(bytes)))
    const back = yield* Effect.forEach(all, ({ name }) => read(name), { concurrency: "unbounded" })
    assert.deepEqual(back.map((part) => sha256Of(part!.bytes)), all.map(({ bytes }) => sha256Of(bytes)))
    yield* Effect.forEach(all, ({ name }) => store.remove(name), { concurrency: "unbounded" })
    assert.deepEqual(yield* listed(file("")), [])
  })
]
