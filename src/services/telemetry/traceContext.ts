/**
 * A trace on its way to other servers: as W3C's `traceparent`, in a note of the commit. A server that does not know such
 * notes passes over them, like over any note of another version.
 */
import { Option, Schema, Tracer } from "effect"

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

export const traceparentOf = ({ spanId, traceId }: Tracer.AnySpan): string =>
  `00-${traceId.padStart(32, "0")}-${spanId}-01`

/** `undefined` for what names no span that is sampled. */
export const spanAt = (traceparent: string): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = pattern.exec(traceparent) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const isNothing = /^0+$/.test(traceId) || /^0+$/.test(spanId)
  if (isNothing || (Number.parseInt(flags, 16) & 1) === 0) return undefined
  return Tracer.externalSpan({ traceId, spanId, sampled: true })
}

/** So many messages of one commit are followed to other servers. Overflow policy: the others' traces end on this one. */
const maxTraced = 128

/** Of each message, by its id. */
export type Traceparents = ReadonlyMap<string, string>

const TracesNote = Schema.TaggedStruct("Traces", {
  of: Schema.Array(Schema.Tuple([Schema.String, Schema.String])).check(Schema.isMaxLength(maxTraced))
})

const decode = Schema.decodeUnknownOption(TracesNote)

const isNote = (note: unknown): boolean =>
  typeof note === "object" && note !== null && "_tag" in note && note._tag === "Traces"

export const noteOf = (
  traced: Iterable<readonly [messageId: string, traceparent: string]>
): typeof TracesNote.Type => ({
  _tag: "Traces",
  of: Array.from(traced).slice(0, maxTraced)
})

/** Which of a commit's messages are traced, as its notes say; mostly none. */
export const traceparentsIn = (notes: ReadonlyArray<unknown>): Traceparents | undefined => {
  const found = notes.find(isNote)
  if (found === undefined) return undefined
  return Option.match(decode(found), { onNone: () => undefined, onSome: (note) => new Map(note.of) })
}
