/** Times as people write them. */
import { DateTime, Option, Schema, SchemaGetter } from "effect"

/** A date, with or without a time of day; UTC unless it says otherwise. In milliseconds since the epoch. */
export const Time = Schema.String.pipe(
  Schema.check(Schema.makeFilter((text) => Option.isSome(DateTime.make(text)), {
    expected: "a time such as 2027-01-31T12:00Z"
  })),
  Schema.decodeTo(Schema.Finite, {
    decode: SchemaGetter.transform((text: string) => DateTime.toEpochMillis(DateTime.makeUnsafe(text))),
    encode: SchemaGetter.transform((millis: number) => DateTime.formatIso(DateTime.makeUnsafe(millis)))
  })
)
