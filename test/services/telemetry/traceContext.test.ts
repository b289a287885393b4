import { assert, describe, it } from "@effect/vitest"
import { Tracer } from "effect"
import { readNote } from "../../../src/services/cluster/Note.ts"
import { readBody, writeBody } from "../../../src/services/storage/journalBody.ts"
import { noteOf, spanAt, traceparentOf, traceparentsIn } from "../../../src/services/telemetry/traceContext.ts"

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
const spanId = "00f067aa0ba902b7"
const traceparent = `00-${traceId}-${spanId}-01`

describe("trace context", () => {
  it("is W3C's, and comes back as it went", () => {
    assert.strictEqual(traceparentOf(Tracer.externalSpan({ traceId, spanId })), traceparent)
    const span = spanAt(traceparent)!
    assert.deepStrictEqual([span.traceId, span.spanId, span.sampled], [traceId, spanId, true])
  })

  it("of what is not sampled, or is none, there is nothing to follow", () => {
    for (
      const text of [
        "",
        "00",
        `00-${traceId}-${spanId}-00`,
        `00-${traceId}-${spanId}-02`,
        `01-${traceId}-${spanId}-01`,
        `00-${traceId.toUpperCase()}-${spanId}-01`,
        `00-${"0".repeat(32)}-${spanId}-01`,
        `00-${traceId}-${"0".repeat(16)}-01`,
        `${traceparent}-more`,
        ` ${traceparent}`
      ]
    ) {
      assert.isUndefined(spanAt(text), text)
    }
  })

  it("travels in a note of the commit, beside others", () => {
    const note = noteOf([["m1", traceparent], ["constructor", traceparent]])
    const there: ReadonlyArray<unknown> = JSON.parse(JSON.stringify([{ _tag: "Bans" }, note]))
    assert.deepStrictEqual(Array.from(traceparentsIn(there)!), [["m1", traceparent], ["constructor", traceparent]])
    const row = readBody({ epoch: 1, offset: 1 }, writeBody([], there))
    assert.strictEqual(traceparentsIn(row.notes)?.get("m1"), traceparent)
  })

  it("a server that does not know such notes passes over them", () => {
    assert.isUndefined(readNote(noteOf([["m1", traceparent]])))
  })

  it("whatever stands in a note, it is none or a trace", () => {
    const strange = [null, 1, "Traces", [], {}, { _tag: "Traces" }, { _tag: "Traces", of: [["m1"]] }, {
      _tag: "Traces",
      of: {}
    }]
    for (const note of strange) assert.isUndefined(traceparentsIn([note]))
    const many = Array.from({ length: 129 }, (_, i) => [`m${i}`, traceparent])
    assert.isUndefined(traceparentsIn([{ _tag: "Traces", of: many }]))
    assert.isUndefined(traceparentsIn([]))
  })

  it("of a large commit only some go along", () => {
    const note = noteOf(Array.from({ length: 1_024 }, (_, i) => [`m${i}`, traceparent] as const))
    assert.strictEqual(traceparentsIn([note])!.size, 128)
    assert.isBelow(JSON.stringify(note).length, 16_384)
  })
})
