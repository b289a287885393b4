/**
 * The words of a text, as they are found: without case and accents, and of scripts without spaces each two neighbours. All
 * stores index these, and a text is found by a query if and only if `match` says so.
 */

/** A piece of a text that is looked for as one, where it stands in the text: UTF-16 offsets, the end not included. */
export interface Word {
  readonly word: string
  readonly from: number
  readonly to: number
}

/** Of these, words are not told apart by spaces. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3005\u3006\u30FC\uFF70]/u

/**
 * What is part of the character before it: marks on it, and the middle and the end of a Korean syllable, whose beginning is
 * a character of its own.
 */
const continued = /[\p{Script=Inherited}\u102E\u1160-\u11FF\uD7B0-\uD7FF\uFF9E\uFF9F]/u

const noLetters = /[^\p{L}\p{N}\p{M}]+/u
const letter = /[\p{L}\p{N}\p{M}]/u
const run = /[\p{L}\p{N}\p{M}]+/uy

/** Longer ones are found by their beginning. In characters. */
export const maxWord = 64

/**
 * Not of the word: accents, and what only makes it longer on paper. The marks that make another letter of one, as in the
 * scripts of Japan and India, are no accents.
 */
const accents =
  /[[[\p{Mn}&&[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Cyrillic}\p{Script=Arabic}]]--[\u{3099}\u{309A}]]\u{640}]/gv

const variants: { readonly [letter: string]: string } = { ß: "ss", ς: "σ", ı: "i" }
const variant = /[ßςı]/gu

/** Without case, accents and forms of presentation. */
export const fold = (s: string): string =>
  s.normalize("NFKD").replace(accents, "").toLowerCase().normalize("NFC").replace(variant, (each) => variants[each]!)

/** What is remembered of the characters below `size`, by their code: asked once for each. */
const remembered = <A>(size: number, of: (character: string) => A): (code: number) => A => {
  const known: Array<A | undefined> = Array.from({ length: size })
  return (code) => known[code] ??= of(String.fromCharCode(code))
}

/**
 * The alphabets of Europe and of the Near East. Of these each letter is folded for itself, because no two of them become
 * one: a twentieth of the time.
 */
const isOfAlphabet = (code: number): boolean => code < 0x900 || (code >= 0x1E00 && code < 0x2000)
const letterOf = remembered(0x2000, (character): string | "none" | "several" => {
  if (!letter.test(character)) return "none"
  const folded = fold(character)
  return noLetters.test(folded) ? "several" : folded
})
/** All that one number stands for. */
const foldOf = remembered(0x1_0000, fold)
const isUnspacedOf = remembered(0x1_0000, (character) => unspaced.test(character))
const isContinuedOf = remembered(0x1_0000, (character) => continued.test(character))

const cut = (word: string): string => word.length <= maxWord ? word : Array.from(word).slice(0, maxWord).join("")

interface Character {
  folded: string
  readonly isUnspaced: boolean
  readonly from: number
  readonly to: number
}

const isContinued = (character: string): boolean =>
  character.length === 2 ? continued.test(character) : isContinuedOf(character.charCodeAt(0))

/** A character with the marks that are on it. Some stand for two, which are in the same place then. */
const addCharacter = (folded: string, isUnspaced: boolean, from: number, to: number, all: Array<Character>): void => {
  const before = all.length
  if (isUnspaced && folded.length > 1) {
    for (const each of folded) {
      if (all.length > before && isContinued(each)) all[all.length - 1]!.folded += each
      else all.push({ folded: each, isUnspaced, from, to })
    }
  } else {
    all.push({ folded, isUnspaced, from, to })
  }
}

const charactersOf = (text: string, start: number): ReadonlyArray<Character> => {
  const all: Array<Character> = []
  for (let from = 0; from < text.length;) {
    const first = String.fromCodePoint(text.codePointAt(from)!)
    let to = from + first.length
    while (to < text.length) {
      const next = String.fromCodePoint(text.codePointAt(to)!)
      if (!isContinued(next)) break
      to += next.length
    }
    const isOne = to - from === 1
    addCharacter(
      isOne ? foldOf(first.charCodeAt(0)) : fold(text.slice(from, to)),
      first.length === 1 ? isUnspacedOf(first.charCodeAt(0)) : unspaced.test(first),
      start + from,
      start + to,
      all
    )
    from = to
  }
  return all
}

/** Some characters stand for several words, and some for none. */
const addWords = (folded: string, from: number, to: number, found: Array<Word>): void => {
  for (const word of noLetters.test(folded) ? folded.split(noLetters) : [folded]) {
    if (word !== "") found.push({ word: cut(word), from, to })
  }
}

/** Of one run of letters: what is written with spaces is a word, of the rest each two neighbours, and the last alone. */
const wordsOfMixed = (text: string, start: number, found: Array<Word>): void => {
  const characters = charactersOf(text, start)
  let spacedFrom = start
  const addSpaced = (to: number) => {
    if (spacedFrom < to) addWords(fold(text.slice(spacedFrom - start, to - start)), spacedFrom, to, found)
  }
  for (const [index, { folded, from, isUnspaced, to }] of characters.entries()) {
    if (!isUnspaced) continue
    addSpaced(from)
    spacedFrom = to
    const next = characters[index + 1]
    if (next?.isUnspaced === true) addWords(folded + next.folded, from, next.to, found)
    else addWords(folded, from, to, found)
  }
  addSpaced(start + text.length)
}

/** The run of letters that begins here, if one does; answers where it ends. */
const wordsOfRun = (text: string, from: number, found: Array<Word>): number => {
  run.lastIndex = from
  const piece = run.exec(text)?.[0]
  if (piece === undefined) return from + 1
  if (unspaced.test(piece)) {
    wordsOfMixed(piece, from, found)
  } else {
    addWords(fold(piece), from, from + piece.length, found)
  }
  return from + piece.length
}

const isAsciiLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90)

/** Quotation marks, dashes and such: none of them is in a word. */
const isPunctuation = (code: number): boolean => code >= 0x2000 && code < 0x2070

/** In the order in which they stand. */
export const wordsOf = (text: string): ReadonlyArray<Word> => {
  const found: Array<Word> = []
  for (let from = 0; from < text.length;) {
    let at = from
    let code = text.charCodeAt(at)
    let isLower = true
    for (; isAsciiLetter(code); code = text.charCodeAt(++at)) isLower &&= code >= 97 || code < 65
    // A piece of a string costs less than letters that are put together.
    let word = text.slice(from, at)
    if (!isLower) word = word.toLowerCase()
    let isPlain = true
    for (; isOfAlphabet(code); code = text.charCodeAt(++at)) {
      const folded = letterOf(code)
      isPlain = folded !== "several"
      if (folded === "none" || !isPlain) break
      word += folded
    }
    // Past the end it is NaN.
    if (!isPlain || (code >= 0x900 && !isOfAlphabet(code) && !isPunctuation(code))) {
      from = wordsOfRun(text, from, found)
    } else {
      if (word !== "") found.push({ word: cut(word), from, to: at })
      from = at + 1
    }
  }
  return found
}
