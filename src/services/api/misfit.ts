/** What does not fit in a request, in a sentence for whoever made it. */
import { type Schema, SchemaIssue } from "effect"

const places: { readonly [kind: string]: string } = {
  Params: "path",
  Query: "query",
  Headers: "headers",
  Payload: "body"
}

/** As schemas call them. */
const types: { readonly [type: string]: string } = {
  string: "a string",
  number: "a number",
  boolean: "true or false",
  object: "an object",
  // Of a body that may be left out.
  "null | object": "an object",
  array: "a list"
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const expectedOf = (message: string): string | undefined => {
  const expected = /^Expected (.+)$/s.exec(message)?.[1]
  if (expected === undefined) return undefined
  return Object.hasOwn(types, expected) ? types[expected] : expected.replaceAll(" | ", " or ")
}

const nameOf = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>): string =>
  path.map((each) => typeof each === "object" ? each.key : each)
    .map((key, index) => typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`)
    .join("")
    .slice(0, 100)

const sentence = (place: string, name: string, message: string): string => {
  if (message === "Expected a valid JSON body") return "The body is not JSON"
  const what = name === "" ? `The ${place}` : `\`${name}\` in the ${place}`
  if (message === "Missing key") return `${what} is missing`
  const expected = expectedOf(message)
  if (expected === undefined) return `${what} does not fit: ${message}`
  // Of a whole it is said which of its parts belong together.
  const verb = name === "" && expected !== types["object"] ? "have" : "be"
  return `${what} should ${verb} ${expected}`
}

/** Names the first thing that is wrong, and never what was sent. */
export const misfit = (kind: string, { issue }: Schema.SchemaError): string => {
  const place = places[kind] ?? "request"
  const [first] = format(issue).issues
  return `${sentence(place, nameOf(first?.path ?? []), first?.message ?? "")}.`
}
