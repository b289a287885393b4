/** What is known of files, and the room that they take. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import { lastOf } from "../contract/lastOf.ts"
import { fileCase, type FileRecordsCase, sha256Of } from "./FileCase.ts"

export const recordCases: ReadonlyArray<FileRecordsCase> = [
  fileCase("a file is uploading, and then all there", function*({ alice, file, files, newFile }) {
    assert.equal(yield* files.get(file("a")), undefined)
    assert.equal(yield* files.begin(newFile(alice, "a", { size: 100 }), 0), true)
    const begun = { file: file("a"), owner: alice, name: "a.png", type: "image/png", at: 1_000, used: false }
    assert.deepEqual(yield* files.get(file("a")), { ...begun, size: 100, state: "uploading" })
    const what = { size: 40, sha256: sha256Of("a"), state: "ready" as const }
    assert.equal(yield* files.finish(file("a"), what), true)
    assert.deepEqual(yield* files.get(file("a")), { ...begun, ...what })
    assert.equal(yield* files.finish(file("a"), { ...what, size: 1 }), false)
    assert.deepEqual(yield* files.get(file("a")), { ...begun, ...what })
    assert.equal(yield* files.finish(file("b"), what), false)
  }),

  fileCase("a file that is held is nothing else before it is released", function*({ alice, files, upload }) {
    const held = yield* upload(alice, "a", { state: "held" })
    assert.equal((yield* files.get(held))?.state, "held")
    assert.deepEqual([yield* files.release(held), yield* files.release(held)], [true, false])
    assert.equal((yield* files.get(held))?.state, "ready")
    const uploading = yield* upload(alice, "b", { state: "uploading" })
    assert.equal(yield* files.release(uploading), false)
    yield* files.discard(uploading)
    assert.deepEqual([
      yield* files.release(uploading),
      yield* files.finish(uploading, {
        size: 1,
        sha256: "",
        state: "ready"
      })
    ], [false, false])
    assert.equal((yield* files.get(uploading))?.state, "removing")
  }),

  fileCase(
    "room is taken up to the last byte, and given back",
    function*({ alice, bob, file, files, newFile, upload }) {
      const begin = (name: string, size: number, most: number, owner = alice) =>
        files.begin(newFile(owner, name, { size }), most)
      assert.deepEqual(yield* files.usage(alice), { files: 0, bytes: 0 })
      assert.deepEqual([
        yield* begin("a", 101, 100),
        yield* begin("a", 60, 100),
        yield* begin("b", 41, 100),
        yield* begin("b", 40, 100),
        yield* begin("c", 1, 100),
        yield* begin("d", 0, 100),
        yield* begin("e", 100, 100, bob)
      ], [false, true, false, true, false, true, true])
      assert.equal(yield* files.get(file("c")), undefined)
      assert.deepEqual(yield* files.usage(alice), { files: 3, bytes: 100 })
      yield* files.finish(file("b"), { size: 15, sha256: "", state: "held" })
      assert.deepEqual(yield* files.usage(alice), { files: 3, bytes: 75 })
      yield* files.discard(file("a"))
      yield* files.discard(file("a"))
      assert.deepEqual(yield* files.usage(alice), { files: 2, bytes: 15 })
      yield* files.forget([file("a")])
      assert.deepEqual([yield* begin("c", 86, 100), yield* begin("c", 85, 100)], [false, true])
      // Whoever may have any number may be over a bound that comes later.
      yield* upload(alice, "f", { size: 5_000_000_000 })
      assert.deepEqual(yield* files.usage(alice), { files: 4, bytes: 5_000_000_100 })
      assert.equal(yield* begin("g", 0, 100), false)
    }
  ),

  fileCase("uploads at the same time have the room once", function*({ alice, files, newFile }) {
    const begun = yield* Effect.forEach(
      Array.range(1, 10),
      (i) => files.begin(newFile(alice, `a${i}`, { size: 30 }), 100),
      { concurrency: "unbounded" }
    )
    assert.equal(begun.filter((is) => is).length, 3)
    assert.deepEqual(yield* files.usage(alice), { files: 3, bytes: 90 })
  }),

  fileCase(
    "they are listed page by page, in the order of the bytes of their names",
    function*({ alice, bob, file, files, upload }) {
      const states = ["ready", "held", "uploading", "ready"] as const
      const names = ["B", "a", "a-", "a_", "b", "c", "d"].toSorted()
      for (const [i, name] of names.toReversed().entries()) yield* upload(alice, name, { state: states[i % 4]! })
      yield* upload(bob, "ab")
      yield* files.discard(file("d"))
      const listed = Effect.fnUntraced(function*(limit: number, options: Partial<Parameters<typeof files.list>[0]>) {
        const found: Array<string> = []
        let after = file("")
        while (true) {
          const page = yield* files.list({ ...options, after, limit })
          assert.ok(page.length <= limit)
          for (const record of page) {
            assert.deepEqual(record, yield* files.get(record.file))
            if (!record.file.startsWith(file(""))) return found
            found.push(record.file.slice(file("").length))
          }
          if (page.length < limit) return found
          after = lastOf(page, found.length).file
        }
      })
      for (const limit of [1, 2, 7, 100]) {
        assert.deepEqual(yield* listed(limit, { owner: alice }), names)
        assert.deepEqual(yield* listed(limit, {}), [...names, "ab"].toSorted())
        for (const options of [{}, { owner: alice }]) {
          assert.deepEqual(yield* listed(limit, { ...options, state: "held" }), ["a", "c"])
          assert.deepEqual(yield* listed(limit, { ...options, state: "removing" }), ["d"])
        }
        assert.deepEqual(yield* listed(limit, { owner: alice, state: "ready" }), ["a-", "a_"])
        assert.deepEqual(yield* listed(limit, { owner: bob, state: "held" }), [])
      }
      // From the beginning, too.
      assert.deepEqual((yield* files.list({ owner: bob, limit: 10 })).map((record) => record.file), [file("ab")])
    }
  ),

  fileCase("what is being removed is known until it is forgotten", function*({ alice, file, files, upload }) {
    const [a, b] = [yield* upload(alice, "a"), yield* upload(alice, "b")]
    assert.deepEqual([yield* files.discard(a), yield* files.discard(file("c"))], [true, false])
    const known = Effect.map(files.known([b, file("c"), a]), (found) => found.toSorted())
    assert.deepEqual(yield* known, [a, b])
    yield* files.forget([a, b, file("c")])
    assert.deepEqual(yield* known, [b])
    assert.deepEqual([yield* files.get(a), (yield* files.get(b))?.state], [undefined, "ready"])
    assert.deepEqual([yield* files.known([]), yield* files.forget([])], [[], undefined])
  }),

  fileCase("uploads that have not ended and files that nobody has named are unneeded after their time", function*({
    alice,
    files,
    unneeded,
    upload
  }) {
    const [early, late] = [yield* upload(alice, "a", { at: 100 }), yield* upload(alice, "b", { at: 200 })]
    const held = yield* upload(alice, "c", { at: 100, state: "held" })
    const uploading = yield* upload(alice, "d", { at: 100, state: "uploading" })
    assert.deepEqual(yield* unneeded(), [])
    assert.deepEqual(yield* unneeded({ uploadsBefore: 100, unusedBefore: 100 }), [])
    assert.deepEqual(yield* unneeded({ uploadsBefore: 101 }), [uploading])
    // Told again until it is forgotten.
    assert.deepEqual(yield* unneeded({ unusedBefore: 200 }), [early, held, uploading])
    assert.deepEqual(yield* files.usage(alice), { files: 1, bytes: 10 })
    yield* files.forget([early, held, uploading])
    assert.deepEqual(yield* unneeded({ uploadsBefore: 200, unusedBefore: 200 }), [])
    assert.deepEqual(yield* unneeded({ unusedBefore: 201 }), [late])
    yield* files.forget([late])
  }),

  fileCase("not more are answered than were asked for", function*({ alice, files, upload }) {
    for (const i of Array.range(1, 5)) yield* upload(alice, `a${i}`, { at: 1 })
    const gone = new Set<string>()
    while (true) {
      const page = yield* files.unneeded({ uploadsBefore: 2, unusedBefore: 2, limit: 2 })
      assert.ok(page.length <= 2)
      if (page.length === 0) break
      for (const file of page) {
        assert.ok(!gone.has(file), "what is forgotten is not answered again")
        gone.add(file)
      }
      yield* files.forget(page)
    }
    assert.ok(gone.size >= 5)
    assert.deepEqual(yield* files.list({ owner: alice, limit: 10 }), [])
  })
]
