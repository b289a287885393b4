/** The words of a text, and those that are looked for, as Postgres takes them. */
import type { EntryRow } from "./Rows.ts"
import type { SearchOptions } from "./Search.ts"
import { indexWordsOf, wantedOf } from "./searchWords.ts"

/** In bytes. A row has a megabyte at most, so of a text with more words only the first ones are found. */
const maxWords = 1_000_000

/** Some letters are taken apart into others and a space. */
const isPlain = /^[a-z0-9]+$/u

const quoted = (word: string): string =>
  isPlain.test(word) ? word : `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`

/** As a `tsvector`. */
export const indexed = (row: EntryRow): string => {
  let all = ""
  let bytes = 0
  for (const word of indexWordsOf(row)) {
    bytes += isPlain.test(word) ? word.length : word.length * 3
    if (bytes > maxWords) break
    all += `${quoted(word)} `
  }
  return all
}

/** As a `tsquery` for each word that is looked for; a text has to have them all. */
export const partsOf = (options: SearchOptions): ReadonlyArray<string> =>
  wantedOf(options).map(({ prefix, word }) => `${quoted(word)}${prefix ? ":*" : ""}`)
