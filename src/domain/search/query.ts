/** What somebody looks for, and whether a text has it. There are no operators: what is no word and no quote is space. */
import { type Word, wordsOf } from "./words.ts"

/**
 * Words that stand one after the other. The last of them is found by its beginning, too, unless it was `exact`, as in
 * quotes.
 */
export interface Term {
  readonly words: ReadonlyArray<string>
  readonly exact: boolean
}

/** All of them have to be found. */
export interface Query {
  readonly terms: ReadonlyArray<Term>
}

/** Longest query, in UTF-16 units. */
export const maxQuery = 1_000
/** Words of a query; those past them are not looked for. */
export const maxQueryWords = 20

/** Where something was found: UTF-16 offsets, the end not included. */
export type Range = readonly [from: number, to: number]

/** The last character of a script without spaces is in the pair before it, and where it is looked for, it may have others. */
const withoutRest = (words: ReadonlyArray<Word>): ReadonlyArray<Word> =>
  words.length > 1 && words.at(-2)!.to === words.at(-1)!.to ? words.slice(0, -1) : words

/** Neighbours that overlap, as of a script without spaces, are one term, and so is what is in quotes. */
const termsOf = (text: string, exact: boolean): ReadonlyArray<Term> => {
  const terms: Array<Array<Word>> = []
  for (const word of wordsOf(text)) {
    const last = terms.at(-1)
    if (last !== undefined && (exact || word.from < last.at(-1)!.to)) last.push(word)
    else terms.push([word])
  }
  return terms.map((words) => ({ words: withoutRest(words).map(({ word }) => word), exact }))
}

export const parseQuery = (text: string): Query => {
  const terms = text.split("\"").flatMap((part, index) => termsOf(part, index % 2 === 1))
  let left = maxQueryWords
  const bounded: Array<Term> = []
  for (const { exact, words } of terms) {
    if (left === 0) break
    bounded.push({ words: words.slice(0, left), exact })
    left -= Math.min(left, words.length)
  }
  return { terms: bounded }
}

/** Where the words of the term stand. */
const rangesOf = (term: Term, words: ReadonlyArray<Word>): ReadonlyArray<Range> => {
  const found: Array<Range> = []
  for (let at = 0; at + term.words.length <= words.length; at++) {
    if (standsAt(term, words, at)) found.push([words[at]!.from, words[at + term.words.length - 1]!.to])
  }
  return found
}

/**
 * Where the text has the terms, in rising order and apart from each other; `undefined` where one of them is missing. A term
 * may be in a file's name instead, of those that come with the text.
 */
export const match = (
  { terms }: Query,
  text: string,
  names: ReadonlyArray<string> = []
): ReadonlyArray<Range> | undefined => {
  const words = wordsOf(text)
  const others = names.map(wordsOf)
  const found: Array<Range> = []
  for (const term of terms) {
    const ranges = rangesOf(term, words)
    if (ranges.length === 0 && !others.some((name) => rangesOf(term, name).length > 0)) return undefined
    for (const range of ranges) found.push(range)
  }
  return merged(found.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]))
}

const standsAt = ({ exact, words }: Term, text: ReadonlyArray<{ readonly word: string }>, at: number): boolean =>
  words.every((word, index) => {
    const there = text[at + index]!.word
    return there === word || (index === words.length - 1 && !exact && there.startsWith(word))
  })

const merged = (ranges: ReadonlyArray<Range>): ReadonlyArray<Range> => {
  const apart: Array<Range> = []
  for (const [from, to] of ranges) {
    const last = apart.at(-1)
    if (last !== undefined && from < last[1]) apart[apart.length - 1] = [last[0], Math.max(last[1], to)]
    else apart.push([from, to])
  }
  return apart
}
