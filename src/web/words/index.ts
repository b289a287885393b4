/** The words of the language in which the page is shown, known once it has been asked for. */
import { en, type Words } from "./en.ts"

export type { Actor, Words } from "./en.ts"

/** Read where it is shown, not when a module is loaded. */
export let words: Words = en

export const speak = (next: Words): void => {
  words = next
}

/** The browser's own variety of the language that is spoken, as it says how days and numbers are written. */
export const locale = (): string => {
  const own = new Intl.DateTimeFormat().resolvedOptions().locale
  return own.split("-", 1)[0] === words.locale ? own : words.locale
}

/** What is made once for each language. */
export const perLocale = <A>(make: (locale: string) => A): () => A => {
  let made: { readonly words: Words; readonly value: A } | undefined
  return () => {
    if (made?.words !== words) made = { words, value: make(locale()) }
    return made.value
  }
}

const conjunction = perLocale((locale) => new Intl.ListFormat(locale, { type: "conjunction" }))

/** “bob, carol and dave” */
export const listed = (names: ReadonlyArray<string>): string => conjunction().format(names)
