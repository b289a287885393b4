/** The words of an entry as an index has them, and those that a search needs. */
import { hasLink } from "../../domain/search/links.ts"
import { wordsOf } from "../../domain/search/words.ts"
import type { EntryRow } from "./Rows.ts"
import type { SearchOptions } from "./Search.ts"
import { namesOf } from "./searchRules.ts"

/** Nobody can say these: words have no character of private use. */
const marks = { file: "\uE000file", link: "\uE000link" } as const

/** Those of its files' names too; some more than once. */
export const forEachIndexWord = (
  { attachments, body }: Pick<EntryRow, "attachments" | "body">,
  f: (word: string) => void
): void => {
  const text = body ?? ""
  for (const { word } of wordsOf(text)) f(word)
  if (hasLink(text)) f(marks.link)
  if (attachments === null) return
  f(marks.file)
  for (const name of namesOf(attachments)) for (const { word } of wordsOf(name)) f(word)
}

/** Each once. */
export const indexWordsOf = (row: Pick<EntryRow, "attachments" | "body">): ReadonlySet<string> => {
  const words = new Set<string>()
  forEachIndexWord(row, (word) => void words.add(word))
  return words
}

export interface Wanted {
  readonly word: string
  /** It is found by its beginning. */
  readonly prefix: boolean
}

/** What every text has that is found; the longest, which few have, first. */
export const wantedOf = ({ has, query }: SearchOptions): ReadonlyArray<Wanted> => {
  const wanted = new Map<string, Wanted>()
  for (const { exact, words } of query.terms) {
    for (const [index, word] of words.entries()) {
      const prefix = !exact && index === words.length - 1
      if (!prefix || !wanted.has(word)) wanted.set(word, { word, prefix })
    }
  }
  if (has !== undefined) wanted.set(marks[has], { word: marks[has], prefix: false })
  return Array.from(wanted.values()).sort((a, b) =>
    Number(a.prefix) - Number(b.prefix) || b.word.length - a.word.length
  )
}

export const isWanted = ({ prefix, word }: Wanted, said: string): boolean =>
  said === word || (prefix && said.startsWith(word))

const hasWord = ({ prefix, word }: Wanted, words: ReadonlySet<string>): boolean => {
  if (words.has(word)) return true
  if (prefix) { for (const each of words) if (each.startsWith(word)) return true }
  return false
}

export const hasAll = (wanted: ReadonlyArray<Wanted>, words: ReadonlySet<string>): boolean =>
  wanted.every((each) => hasWord(each, words))
