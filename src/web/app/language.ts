/// <reference types="vite/client" />
/** In which language the page speaks: the one that was chosen, else the first of the browser's that there is. */
import { speak, type Words, words } from "../words/index.ts"
import { readFrom } from "./shelf.ts"

/** A language is one file; all but English are loaded when they are spoken. */
const others = import.meta.glob<Words>(["../words/*.ts", "!../words/en.ts", "!../words/index.ts"], { import: "words" })

const english = words
const key = "switchboard.language"

const loaders: ReadonlyMap<string, () => Promise<Words>> = new Map([
  [english.locale, () => Promise.resolve(english)],
  ...Object.entries(others).map(([path, load]) => [/([^/]+)\.ts$/.exec(path)![1]!, load] as const)
])

export const languages: ReadonlyArray<string> = Array.from(loaders.keys())

/** What a language calls itself. */
export const nameOf = (language: string): string =>
  new Intl.DisplayNames(language, { type: "language" }).of(language) ?? language

/** The first of these that there is, also by what it is a variety of: `de` for `de-AT`. */
export const firstOf = (wanted: ReadonlyArray<unknown>): string => {
  const isThere = (language: string) => loaders.has(language)
  const found = wanted.flatMap((each) => typeof each === "string" ? [each, each.split("-", 1)[0]!] : []).find(isThere)
  return found ?? english.locale
}

const listeners = new Set<() => void>()

export const onLanguage = (listener: () => void): () => void => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What cannot be loaded, as without a network, is not spoken yet. */
const begin = async (language: string): Promise<void> => {
  const next = await loaders.get(language)!().catch(() => words)
  speak(next)
  document.documentElement.lang = next.locale
  listeners.forEach((each) => each())
}

export const speakFirst = (): Promise<void> => begin(firstOf([readFrom(localStorage, key), ...navigator.languages]))

export const chooseLanguage = (language: string): Promise<void> => {
  try {
    localStorage.setItem(key, JSON.stringify(language))
  } catch {
    // Without room it is spoken as long as the page is open.
  }
  return begin(firstOf([language]))
}
