/** Requests made of a document: right, almost right and wrong ones; the same for a seed and what the server answered. */
import { mutate, type random } from "../fuzz/mutate.ts"
import type { JsonSchema, Operation } from "./document.ts"

type Random = ReturnType<typeof random>

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer | undefined
  /** Whether the document has such a request: its method, all that it says of parameters, and its body. */
  readonly isDescribed: boolean
}

/** People whom nothing may happen to: nothing that is asked names them. */
export const spared = "honest"

/** Of one operation: parameters that belong together, and a body, with which it can be carried out. */
export interface Thing {
  readonly parameters?: Readonly<Record<string, string>>
  readonly body?: object
}

/** What answers have named, so that requests find something, and what was made for an operation. */
export class Known {
  readonly #values = new Map<string, Array<string | number>>()
  readonly #things = new Map<string, Thing>()

  has(operation: string, thing: Thing): void {
    this.#things.set(operation, thing)
  }

  /** Now and then, where there is one. */
  thing(operation: string, pick: Random): Thing {
    return pick(2) === 0 ? this.#things.get(operation) ?? {} : {}
  }

  learn(value: unknown, name = ""): void {
    if (Array.isArray(value)) value.forEach((each) => this.learn(each, name))
    else if (typeof value === "object" && value !== null) {
      if (Object.values(value).some((each) => String(each).includes(spared))) return
      for (const [key, each] of Object.entries(value)) this.learn(each, key)
    } else if (typeof value === "string" || typeof value === "number") {
      const values = this.#values.get(name) ?? []
      values.push(value)
      this.#values.set(name, values.slice(-40))
    }
  }

  some(name: string, pick: Random): string | number | undefined {
    const values = this.#values.get(name)
    return values?.[pick(values.length)]
  }
}

const words = [
  "alice",
  "bob",
  "carol",
  "tea",
  "cats",
  "1",
  "2",
  "0",
  "17",
  "true",
  "false",
  "dm:alice:bob",
  "group:tea",
  "log",
  "token:x",
  "4102444800000",
  "https://example.com/a",
  "hello there",
  "üñ 👍",
  "a".repeat(64)
] // dprint-ignore

const oddWords = [
  "", " ", "..", "%", "%00", "%ff", "a/b", "a\\b", "\0", "\r\nX: y", "__proto__", "constructor", "NaN", "-1", "1e999",
  "9007199254740993", "\u202e", "👍".repeat(300), "x".repeat(4_000), "' OR 1=1 --", "${x}", "null", "[]", "@system"
] // dprint-ignore

const oddValues: ReadonlyArray<unknown> = [
  null, true, -1, 0, 1.5, 1e308, Number("9007199254740993"), "", "\0", "\ud800", "x".repeat(70_000), [], {}, [[]],
  { __proto__: null }, "alice", 4_102_444_800_000
] // dprint-ignore

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)

const noJson = [nested(5_000), "{\"a\":".repeat(5_000), "{", "NaN", "'a'", "{\"a\":1,}"]

const types = [
  "text/plain",
  "text/json",
  "multipart/form-data; boundary=x",
  "application/x-ndjson",
  "json",
  "application/x-www-form-urlencoded",
  "application/problem+json",
  "*/*"
] // dprint-ignore

const otherMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]

export interface Generating {
  readonly pick: Random
  readonly known: Known
  readonly fits: (schema: JsonSchema, value: unknown) => boolean
}

const one = <A>(all: ReadonlyArray<A>, pick: Random): A => all[pick(all.length)]!

const stringOf = (schema: JsonSchema, name: string, { fits, known, pick }: Generating): string => {
  for (let tries = 0; tries < 40; tries++) {
    const found = pick(2) === 0 ? known.some(name, pick) : one(words, pick)
    if (found !== undefined && fits(schema, String(found))) return String(found)
  }
  return "a".repeat(schema.minLength ?? 1)
}

const numberOf = ({ maximum = 1e6, minimum = 0 }: JsonSchema, name: string, { known, pick }: Generating): number => {
  const found = known.some(name, pick)
  if (typeof found === "number" && pick(2) === 0) return found
  return pick(4) === 0 ? maximum : Math.min(maximum, Math.max(minimum, 0) + pick(20))
}

/** One that fits, as far as one can be found by trying. */
export const valueOf = (schema: JsonSchema, name: string, making: Generating): unknown => {
  const { pick } = making
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return one(schema.enum, pick)
  const either = schema.anyOf ?? schema.oneOf
  if (either !== undefined) return valueOf(one(either, pick), name, making)
  switch (schema.type) {
    case "string":
      return stringOf(schema, name, making)
    case "integer":
    case "number":
      return numberOf(schema, name, making)
    case "boolean":
      return pick(2) === 0
    case "null":
      return null
    case "array": {
      const { items = {}, maxItems = 3, minItems = 0 } = schema
      return Array.from(
        { length: Math.min(maxItems, minItems + pick(3)) },
        () => valueOf(items, name.replace(/s$/, ""), making)
      )
    }
    default:
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
          schema.required?.includes(key) === true || pick(2) === 0 ? [[key, valueOf(property, key, making)]] : []
        )
      )
  }
}

/** Something in it is not as it should be. */
const bent = (value: unknown, pick: Random): unknown => {
  if (typeof value !== "object" || value === null || pick(6) === 0) return one(oddValues, pick)
  if (Array.isArray(value)) return value.length === 0 ? [one(oddValues, pick)] : value.with(0, bent(value[0], pick))
  const entries = Object.entries(value)
  const at = pick(entries.length + 1)
  if (at === entries.length) return { ...value, [one(oddWords, pick)]: one(oddValues, pick) }
  const [key, inner] = entries[at]!
  return pick(4) === 0
    ? Object.fromEntries(entries.filter((_, i) => i !== at))
    : Object.assign({}, value, { [key]: bent(inner, pick) })
}

/** Fields that nobody knows are ignored by the server, though the document has them not. */
export const open = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema, (key, value: unknown) => key === "additionalProperties" ? undefined : value))

interface Body {
  readonly bytes: Buffer | undefined
  readonly isRight: boolean
}

const bodyOf = (schema: JsonSchema | undefined, isJson: boolean, making: Generating, made?: object): Body => {
  const { fits, pick } = making
  if (schema === undefined) return { bytes: pick(10) === 0 ? Buffer.from("{}") : undefined, isRight: true }
  if (!isJson) return { bytes: Buffer.alloc(pick(2) * pick(2_000), "file "), isRight: true }
  const right = made ?? valueOf(schema, "", making)
  const dice = pick(11)
  if (dice === 0) return { bytes: Buffer.from(one(noJson, pick)), isRight: false }
  // What may be null may be left out.
  if (dice === 10) return { bytes: Buffer.alloc(0), isRight: fits(schema, null) }
  const value = dice < 4 ? bent(right, pick) : right
  const bytes = Buffer.from(JSON.stringify(value))
  if (dice !== 4) return { bytes, isRight: fits(open(schema), value) }
  const changed = mutate(bytes, pick, [bytes])
  try {
    return { bytes: changed, isRight: fits(open(schema), changed.length === 0 ? null : JSON.parse(changed.toString())) }
  } catch {
    return { bytes: changed, isRight: false }
  }
}

interface Credentials {
  readonly right: Record<string, string>
  readonly wrong: ReadonlyArray<Record<string, string>>
}

/** `%2F` and the like are as they are; what is no URL at all is of other tests. */
const inUrl = (word: string) => word.startsWith("%") ? word : encodeURIComponent(word.toWellFormed())

/** As whoever reads a path has it; what cannot be read fits nothing. */
const heard = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const parametersOf = (
  { described: { parameters = [] }, path }: Operation,
  making: Generating,
  made: Thing["parameters"]
) => {
  const { fits, pick } = making
  let isRight = true
  let filled = path
  const query: Array<string> = []
  for (const { in: place, name, required, schema } of parameters) {
    if (!required && made?.[name] === undefined && pick(2) === 0) continue
    // A path without a name is another path.
    const odd = pick(8) === 0 ? one(oddWords, pick) : undefined
    const isOdd = odd !== undefined && (place === "query" || !["", ".."].includes(odd))
    const value = isOdd ? odd : made?.[name] ?? String(valueOf(schema, name, making))
    const text = inUrl(value)
    // In a query it is taken as it stands.
    if (!fits(schema, place === "path" ? heard(text) : value)) isRight = false
    if (place === "path") filled = filled.replace(`{${name}}`, () => text)
    else query.push(`${name}=${text}`)
  }
  if (pick(20) === 0) query.push(`${inUrl(one(oddWords, pick))}=${inUrl(one(oddWords, pick))}`)
  return { isRight, path: query.length === 0 ? filled : `${filled}?${query.join("&")}` }
}

export const requestOf = (operation: Operation, credentials: Credentials, making: Generating): Asked => {
  const { known, pick } = making
  const thing = known.thing(operation.name, pick)
  const { isRight, path } = parametersOf(operation, making, thing.parameters)
  const [type, content] = Object.entries(operation.described.requestBody?.content ?? {})[0] ?? []
  const isJson = type === "application/json"
  const body = bodyOf(content?.schema, isJson, making, thing.body)
  const isClosed = operation.described.security.length > 0
  const isAnother = pick(20) === 0
  const method = isAnother ? one(otherMethods, pick) : operation.method
  const isTyped = pick(12) !== 0
  const isShown = pick(10) !== 0
  const sent = isTyped ? type : one([undefined, ...types], pick)
  return {
    method,
    path,
    body: method === "HEAD" || method === "TRACE" ? undefined : body.bytes,
    headers: {
      ...(isShown ? credentials.right : one(credentials.wrong, pick)),
      ...(body.bytes === undefined || sent === undefined ? {} : { "content-type": sent })
    },
    // Without a type a body is taken for what it should be.
    isDescribed: isRight && body.isRight && method === operation.method && (isShown || !isClosed) &&
      (isTyped || sent === undefined || !isJson)
  }
}
