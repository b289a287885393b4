/**
 * What `Reports` and the store beside it have to do, as a list of named effects, like `messageStoreContract`: run each
 * against a store of your own. Each case uses names of its own, so all of them can run on one store, one after the other.
 */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { UserId } from "../domain/Ids.ts"
import type { MessageStore, StoreError } from "../services/storage/MessageStore.ts"
import { type NewReport, Reports } from "../services/storage/Reports.ts"
import { commit, remove, text } from "./contract/commands.ts"
import { freshNames, type Names } from "./contract/ContractCase.ts"

export interface ReportsCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore | Reports>
}

interface ReportNames extends Names {
  readonly reports: Reports["Service"]
  readonly report: (reporter: UserId, author: UserId, seq: number, more?: Partial<NewReport>) => NewReport
}

const reportsCase = (
  name: string,
  body: (names: ReportNames) => Effect.fn.Return<void, StoreError, MessageStore | Reports>
): ReportsCase => ({
  name,
  effect: Effect.gen(function*() {
    const reports = yield* Reports
    const names = yield* freshNames
    yield* body({
      ...names,
      reports,
      report: (reporter, author, seq, more = {}) => ({
        conversation: names.conversation,
        seq,
        author,
        reporter,
        text: `text ${seq}`,
        saidAt: 1_000,
        at: 2_000,
        ...more
      })
    })
  })
})

export const reportsContract: ReadonlyArray<ReportsCase> = [
  reportsCase(
    "a message is reported once by each, and listed with what it said, the newest first",
    function*({ alice, bob, carol, conversation, report, reports, tea }) {
      const before = yield* reports.last
      const first = report(alice, bob, 1, { reason: "rude", text: "名前 \"quoted\"" })
      assert.equal(yield* reports.put(first), "kept")
      assert.equal(yield* reports.put({ ...first, reason: "other", text: "other" }), "known")
      assert.equal(yield* reports.put(report(carol, bob, 1)), "kept")
      assert.equal(yield* reports.put(report(carol, alice, 7, { conversation: tea })), "kept")
      const all = yield* reports.list({ conversation, limit: 10 })
      assert.deepEqual(all.map(({ reporter }) => reporter), [carol, alice])
      const { id, ...kept } = all[1]!
      assert.deepEqual(kept, first)
      assert.ok(id > before && id < all[0]!.id)
      assert.deepEqual((yield* reports.list({ author: alice, limit: 10 })).map(({ seq }) => seq), [7])
      assert.deepEqual(yield* reports.list({ conversation, limit: 1 }), [all[0]])
      assert.deepEqual(yield* reports.list({ conversation, before: all[0]!.id, limit: 5 }), [all[1]])
      const since = yield* reports.since(before, 10)
      assert.deepEqual(since.map(({ reporter, seq }) => [reporter, seq]), [[alice, 1], [carol, 1], [carol, 7]])
      assert.deepEqual(yield* reports.since(since[0]!.id, 1), [since[1]])
      assert.ok((yield* reports.last) >= since[2]!.id)
    }
  ),

  reportsCase(
    "an export has the reports that somebody made, and neither what they said nor those about them",
    function*({ alice, bob, conversation, report, reports, store, tea }) {
      yield* commit(text(alice, conversation, "1"))
      assert.equal((yield* store.exportUser(alice)).reports, undefined)
      yield* reports.put(report(alice, bob, 2, { reason: "rude", text: "secret" }))
      yield* reports.put(report(bob, alice, 1, { text: "mine" }))
      yield* reports.put(report(alice, bob, 1, { conversation: tea, at: 3_000 }))
      const stored = yield* store.exportUser(alice)
      assert.deepEqual(stored.reports, [
        { conversation, seq: 2, author: bob, reason: "rude", at: 2_000 },
        { conversation: tea, seq: 1, author: bob, at: 3_000 }
      ])
      assert.ok(!JSON.stringify(stored).includes("secret"))
      yield* store.eraseUser(bob)
      assert.equal((yield* store.exportUser(alice)).reports, undefined)
    }
  ),

  reportsCase("one that is closed is not open any more", function*({ alice, bob, conversation, report, reports }) {
    yield* reports.put(report(alice, bob, 1))
    yield* reports.put(report(alice, bob, 2))
    const [newest, oldest] = yield* reports.list({ conversation, limit: 10 })
    const closed = { ...oldest!, closedAt: 3_000 }
    assert.deepEqual(yield* reports.close(oldest!.id, 3_000), closed)
    assert.deepEqual(yield* reports.close(oldest!.id, 4_000), closed)
    assert.equal(yield* reports.close(Number.MAX_SAFE_INTEGER, 3_000), undefined)
    assert.deepEqual(yield* reports.list({ conversation, open: true, limit: 10 }), [newest])
    assert.deepEqual(yield* reports.list({ conversation, open: false, limit: 10 }), [closed])
    // Whoever reports it again is answered as before.
    assert.equal(yield* reports.put(report(alice, bob, 1)), "known")
  }),

  reportsCase(
    "a report outlives a delete, and neither an erasure of either nor the end of the message",
    function*({ alice, bob, carol, conversation, report, reports, store, user }) {
      const dave = user("dave")
      yield* commit(
        text(alice, conversation, "1"),
        text(bob, conversation, "2"),
        text(bob, conversation, "3", { at: 5_000 })
      )
      yield* commit(remove(bob, conversation, 2))
      yield* reports.put(report(alice, bob, 2))
      yield* reports.put(report(carol, dave, 3))
      yield* reports.put(report(dave, bob, 3))
      const told = Effect.map(
        reports.list({ conversation, limit: 10 }),
        (all) => all.map(({ reporter, seq, text }) => [reporter, seq, text])
      )
      assert.equal((yield* told).length, 3)
      yield* store.eraseUser(dave)
      assert.deepEqual(yield* told, [[alice, 2, "text 2"]])
      yield* store.trim({ keep: 3 })
      assert.equal((yield* told).length, 1)
      yield* store.trim({ keep: 2 })
      assert.deepEqual(yield* told, [])
    }
  )
]
