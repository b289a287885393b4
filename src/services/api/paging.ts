/** How lists are asked for and answered: `after` the last of the page before, at most `limit`, and whether there is more. */
import { Schema } from "effect"

export const maxPage = 100
export const usualPage = 50

/** A number in a query, and nothing else that JavaScript takes for one. */
const intFromQuery = (expected: string) =>
  Schema.String.pipe(
    Schema.check(Schema.isPattern(/^\d{1,15}$/u, { expected })),
    Schema.decodeTo(Schema.FiniteFromString),
    Schema.check(Schema.isInt({ expected }))
  )

const fromOneTo = `a whole number from 1 to ${maxPage}`

/** From 1 to 100; anything else is 400. */
export const Limit = intFromQuery(fromOneTo).pipe(
  Schema.check(Schema.isBetween({ minimum: 1, maximum: maxPage }, { expected: fromOneTo }))
)

/** A place in a log. */
export const SeqFromQuery = intFromQuery("a whole number from 0 on")

/** Milliseconds since the epoch. */
export const TimeFromQuery = intFromQuery("a time in milliseconds since the epoch")

export const BooleanFromQuery = Schema.Literals(["true", "false"]).transform([true, false])

/** The query of a list whose members are told apart by `After`. */
export const pageQuery = <After extends Schema.Top>(After: After) => ({
  after: Schema.optionalKey(After),
  limit: Schema.optionalKey(Limit)
})
