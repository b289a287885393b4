/** A text that was found, cut to where it has what was looked for. */

export interface Part {
  readonly text: string
  readonly marked: boolean
}

type Range = readonly [from: number, to: number]

/** What stands before the first mark, and how long a cut text is. */
const before = 48
const longest = 240

/** Not between the two halves of a character. */
const whole = (text: string, at: number): number =>
  at > 0 && at < text.length && /[\uDC00-\uDFFF]/.test(text[at]!) && /[\uD800-\uDBFF]/.test(text[at - 1]!) ? at - 1 : at

/** Ranges are a server's word: what is not within the text, or not behind the one before it, is passed over. */
export const partsOf = (text: string, ranges: ReadonlyArray<Range>): ReadonlyArray<Part> => {
  const first = ranges[0]?.[0] ?? 0
  const from = first > before * 2 ? whole(text, first - before) : 0
  const to = text.length - from > longest ? whole(text, from + longest) : text.length
  const parts: Array<Part> = []
  const add = (start: number, end: number, marked: boolean) => {
    if (end > start) parts.push({ text: text.slice(start, end).replaceAll(/\s+/g, " "), marked })
  }
  let at = from
  for (const range of ranges) {
    const [start, end] = [whole(text, range[0]), Math.min(to, whole(text, range[1]))]
    if (start < at || end <= start) continue
    add(at, start, false)
    add(start, end, true)
    at = end
  }
  add(at, to, false)
  if (from > 0) parts.unshift({ text: "…", marked: false })
  if (to < text.length) parts.push({ text: "…", marked: false })
  return parts
}
