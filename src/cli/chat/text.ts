/** What others wrote, made harmless for a terminal, and how wide it is there. */

/** Overrides of the direction of writing reorder what comes after them, also outside of the message. */
const bidi = /[\u202a-\u202e\u2066-\u2069]/gu
const newline = /\r\n|[\n\r\u2028\u2029\u0085]/gu
const control = /\p{Cc}/gu

/** The picture of a control character; what has none is replaced. */
const picture = (c: string): string => {
  const code = c.codePointAt(0)!
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd"
}

/** One line that cannot move the cursor, change colours, rename the window or hide what follows. */
export const harmless = (text: string): string =>
  text.replaceAll(newline, " ⏎ ").replaceAll("\t", " ").replaceAll(control, picture).replaceAll(bidi, "\ufffd")

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** What a person calls characters: an emoji family is one. */
export const graphemes = (text: string): Array<string> => Array.from(segmenter.segment(text), ({ segment }) => segment)

const wide =
  /^(?:\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|.\ufe0f|[\uff01-\uff60\u3000-\u303f])/u
const empty = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** Columns that one grapheme takes; terminals differ, this is what most do. */
const columnsOf = (grapheme: string): number => empty.test(grapheme) ? 0 : wide.test(grapheme) ? 2 : 1

export const width = (text: string): number => graphemes(text).reduce((sum, each) => sum + columnsOf(each), 0)

/** As much of the beginning as fits into so many columns. */
export const truncate = (text: string, columns: number): string => {
  if (width(text) <= columns) return text
  let result = ""
  let used = 0
  for (const each of graphemes(text)) {
    used += columnsOf(each)
    if (used > columns - 1) break
    result += each
  }
  return `${result}…`
}

/** As much of the end as fits. */
export const truncateStart = (list: ReadonlyArray<string>, columns: number): string => {
  let result = ""
  let used = 0
  for (let i = list.length - 1; i >= 0; i--) {
    used += columnsOf(list[i]!)
    if (used > columns) break
    result = list[i]! + result
  }
  return result
}
