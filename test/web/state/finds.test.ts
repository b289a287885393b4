/** What is found as somebody types: the latest question counts, whichever answer comes last. */
import { assert, describe, it } from "@effect/vitest"
import type { SearchHit } from "../../../src/domain/ServerFrame.ts"
import { idleOf } from "../../../src/web/app/finds.ts"
import type { Wanted } from "../../../src/web/state/find.ts"
import { initial, type State } from "../../../src/web/state/model.ts"
import { type Action, reduce } from "../../../src/web/state/reducer.ts"

const play = (...actions: ReadonlyArray<Action>): State => actions.reduce(reduce, initial("alice"))
const finder = "search"
const find = (query: string): Action => ({ type: "find", finder, wanted: { query } })
const hit = (seq: number) =>
  // Ids of tests have no brands, and the reducer looks at none of the rest.
  ({ kind: "text", conversation: "dm:alice:bob", seq, text: "x", ranges: [] }) as unknown as SearchHit
const found = (number: number, seqs: ReadonlyArray<number>, cursor?: string): Action => ({
  type: "found",
  finder,
  number,
  hits: seqs.map(hit),
  cursor
})
const seqs = (state: State) => state.finds.search?.hits.map(({ seq }) => seq)

describe("search", () => {
  it("an answer to what is not asked any more comes to nothing", () => {
    const state = play(find("a"), find("ab"), found(1, [1, 2]))
    assert.deepStrictEqual([seqs(state), state.finds.search?.status], [[], "looking"])
    assert.deepStrictEqual(seqs(reduce(state, found(2, [3]))), [3])
    const failed: Action = { type: "findFailed", finder, number: 1, problem: "No." }
    assert.strictEqual(reduce(state, failed).finds.search?.status, "looking")
  })

  it("what was found stays until the next answer is there, which takes its place", () => {
    const asked = play(find("a"), found(1, [5, 4], "c1"), find("ab"))
    assert.deepStrictEqual([seqs(asked), asked.finds.search?.cursor], [[5, 4], undefined])
    assert.deepStrictEqual(seqs(reduce(asked, found(2, [3]))), [3])
  })

  it("goes on page by page, each hit once, and says when there is no more", () => {
    const first = play(find("a"), found(1, [5, 4], "c1"), { type: "findMore", finder })
    assert.deepStrictEqual([first.finds.search?.status, first.finds.search?.cursor], ["looking", "c1"])
    const all = reduce(first, found(1, [4, 3]))
    assert.deepStrictEqual([seqs(all), all.finds.search?.cursor, all.finds.search?.status], [
      [5, 4, 3],
      undefined,
      "there"
    ])
  })

  it("nothing is looked for without a word, and it says why", () => {
    const state = play(find("a"), found(1, [1]), { type: "find", finder, wanted: { query: "!" }, idle: "No word." })
    assert.deepStrictEqual(
      [seqs(state), state.finds.search?.status, state.finds.search?.problem],
      [[], "idle", "No word."]
    )
  })

  it("a failure is told and keeps what was found; the end forgets all", () => {
    const failed = play(find("a"), found(1, [1], "c"), { type: "findMore", finder }, {
      type: "findFailed",
      finder,
      number: 1,
      problem: "Later."
    })
    assert.deepStrictEqual([seqs(failed), failed.finds.search?.problem], [[1], "Later."])
    assert.deepStrictEqual(reduce(failed, { type: "findEnd", finder }).finds, {})
    assert.deepStrictEqual(play(found(1, [1]), { type: "findMore", finder: "gallery" }).finds, {})
  })
})

describe("what is worth a question", () => {
  const cases: ReadonlyArray<readonly [Wanted, RegExp | undefined]> = [
    [{ query: "" }, /Type a word/],
    [{ query: "  " }, /Type a word/],
    [{ query: "?!" }, /no word/],
    [{ query: "a" }, /two letters/],
    [{ query: "ab" }, undefined],
    [{ query: "船" }, undefined],
    [{ query: "", has: "file" }, undefined],
    [{ query: "", from: "2026-01-01" }, undefined],
    [{ query: "", sender: "bob" }, undefined],
    [{ query: "word", sender: "b b" }, /A name has/]
  ]
  it.each(cases)("%j", (wanted, problem) => {
    if (problem === undefined) assert.isUndefined(idleOf(wanted))
    else assert.match(idleOf(wanted) ?? "", problem)
  })
})
