/** What servers share beside the journal itself. */
import { Effect, Redacted } from "effect"
import assert from "node:assert/strict"
import { type JournalCase, journalCase } from "./JournalCase.ts"

export const sharedCases: ReadonlyArray<JournalCase> = [
  journalCase("orders grow, and no two are the same", function*({ journal }) {
    const first = yield* journal.nextOrder
    const some = yield* Effect.all(Array.from({ length: 8 }, () => journal.nextOrder), { concurrency: "unbounded" })
    assert.equal(new Set(some).size, 8)
    assert.ok(some.every((order) => order > first))
    assert.ok((yield* journal.nextOrder) > Math.max(...some))
  }),

  journalCase("the key is 32 bytes, the same whenever and by whomever it is asked for", function*({ journal }) {
    const keys = yield* Effect.all(Array.from({ length: 4 }, () => journal.key), { concurrency: "unbounded" })
    const hex = keys.map((key) => Buffer.from(Redacted.value(key)).toString("hex"))
    assert.match(hex[0]!, /^[0-9a-f]{64}$/)
    assert.deepEqual(new Set(hex).size, 1)
  }),

  journalCase("P8 a ticket is good once, whoever asks, and not when it has expired", function*({ alice, journal }) {
    const hash = (name: string) => `${name} ${alice}`
    yield* journal.putTicket(hash("a"), "{\"user\":\"alice\"}", 2_000)
    yield* journal.putTicket(hash("b"), "b", 2_000)
    yield* journal.putTicket(hash("c"), "c", 2_000)
    assert.equal(yield* journal.takeTicket(hash("a"), 1_999), "{\"user\":\"alice\"}")
    assert.equal(yield* journal.takeTicket(hash("a"), 1_999), undefined)
    assert.equal(yield* journal.takeTicket(hash("b"), 2_000), undefined)
    assert.equal(yield* journal.takeTicket(hash("none"), 0), undefined)
    const both = yield* Effect.all(Array.from({ length: 4 }, () => journal.takeTicket(hash("c"), 1_000)), {
      concurrency: "unbounded"
    })
    assert.deepEqual(both.filter((body) => body !== undefined), ["c"])
  })
]
