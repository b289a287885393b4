/** What keys do to a text while it is written. */

/** What takes the place of a part of the text, and what is selected then. */
export interface Change {
  readonly from: number
  readonly to: number
  readonly insert: string
  readonly select: readonly [from: number, to: number]
}

const marks: Readonly<Record<string, string>> = { b: "**", i: "_", e: "`" }

/** Puts the selection between marks, or takes them away. */
export const wrapped = (text: string, from: number, to: number, key: string): Change | undefined => {
  const mark = marks[key]
  if (mark === undefined) return undefined
  const { length } = mark
  const inner = text.slice(from, to)
  if (text.slice(from - length, from) === mark && text.slice(to, to + length) === mark) {
    return { from: from - length, to: to + length, insert: inner, select: [from - length, to - length] }
  }
  if (inner.length >= 2 * length && inner.startsWith(mark) && inner.endsWith(mark)) {
    return { from, to, insert: inner.slice(length, -length), select: [from, to - 2 * length] }
  }
  return { from, to, insert: `${mark}${inner}${mark}`, select: [from + length, to + length] }
}

/** Whether a block of code has been begun before this place and not ended. */
export const isInCode = (text: string, at: number): boolean =>
  (text.slice(0, at).match(/^```|```(?=\s|$)/gm)?.length ?? 0) % 2 === 1

/** The name of an emoji that is being written before this place, without its colon. */
export const emojiAt = (text: string, at: number): { readonly from: number; readonly query: string } | undefined => {
  const match = /(?:^|[\s(])(:[\p{L}\p{N}+][\p{L}\p{N}_+-]{1,30})$/u.exec(text.slice(Math.max(0, at - 40), at))
  return match === null || isInCode(text, at) ? undefined : { from: at - match[1]!.length, query: match[1]!.slice(1) }
}
