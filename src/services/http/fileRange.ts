/** Which part of a file is asked for (RFC 9110, 13 and 14). Pure. */

export type Part =
  | { readonly _tag: "Whole" }
  /** It is there already. */
  | { readonly _tag: "NotModified" }
  /** From one byte to another, both included. */
  | { readonly _tag: "Range"; readonly from: number; readonly to: number }
  /** The file is not that long. */
  | { readonly _tag: "Unsatisfiable" }

type Headers = Readonly<Record<string, string | undefined>>

interface Version {
  readonly etag: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

const whole: Part = { _tag: "Whole" }

/** Dates of HTTP are whole seconds. */
const secondsOf = (millis: number): number => Math.floor(millis / 1_000)

const isSame = (date: string, at: number): boolean => secondsOf(Date.parse(date)) === secondsOf(at)

const isNotModified = (headers: Headers, { at, etag }: Version): boolean => {
  const tags = headers["if-none-match"]
  if (tags !== undefined) {
    return tags.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag)
  }
  const since = headers["if-modified-since"]
  return since !== undefined && secondsOf(Date.parse(since)) >= secondsOf(at)
}

/** Of another version than the client has a part of, all is sent. */
const isOfThis = (ifRange: string | undefined, { at, etag }: Version): boolean =>
  ifRange === undefined || ifRange.trim() === etag || (!ifRange.includes("\"") && isSame(ifRange, at))

const rangeOf = (range: string, size: number): Part => {
  // Of several ranges all is sent: nobody who shows files asks for them.
  const [, first, last] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(range) ?? []
  if (first === undefined || last === undefined || (first === "" && last === "")) return whole
  if (first === "") {
    const length = Number(last)
    if (length === 0) return { _tag: "Unsatisfiable" }
    return { _tag: "Range", from: Math.max(0, size - length), to: size - 1 }
  }
  const from = Number(first)
  const to = last === "" ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== "" && Number(last) < from) return whole
  return from >= size ? { _tag: "Unsatisfiable" } : { _tag: "Range", from, to }
}

export const partOf = (headers: Headers, size: number, version: Version): Part => {
  if (isNotModified(headers, version)) return { _tag: "NotModified" }
  const { range } = headers
  // Of a file without bytes there is no part.
  return range === undefined || size === 0 || !isOfThis(headers["if-range"], version) ? whole : rangeOf(range, size)
}
