/** Emoji are many, and loaded when somebody looks for one. */
import { readFrom } from "../app/shelf.ts"
import { words } from "../words/index.ts"
import { type Emoji, emojiOf, tones } from "./list.ts"

let loaded: { readonly locale: string; readonly list: Promise<ReadonlyArray<Emoji>> } | undefined

const load = async (): Promise<ReadonlyArray<Emoji>> => {
  const [named, codes] = await Promise.all([words.emoji.load(), import("emojibase-data/en/shortcodes/github.json")])
  return emojiOf(named.default, codes.default)
}

/** In the page's language; what could not be loaded is tried again the next time. */
export const allEmoji = (): Promise<ReadonlyArray<Emoji>> => {
  if (loaded?.locale !== words.locale) {
    const list = load()
    loaded = { locale: words.locale, list }
    list.catch(() => {
      loaded = undefined
    })
  }
  return loaded.list
}

const key = "switchboard.emoji"
const mostRecent = 32

interface Kept {
  readonly recent: ReadonlyArray<string>
  readonly tone: string
}

const isText = (value: unknown): value is string => typeof value === "string"

export const kept = (): Kept => {
  const value = readFrom(localStorage, key)
  if (typeof value !== "object" || value === null) return { recent: [], tone: "" }
  const { recent, tone } = value as Record<string, unknown>
  return {
    recent: Array.isArray(recent) ? recent.filter(isText).slice(0, mostRecent) : [],
    tone: tones.find((each) => each === tone) ?? ""
  }
}

const keep = (next: Kept): void => {
  try {
    localStorage.setItem(key, JSON.stringify(next))
  } catch {
    // Without room it is forgotten.
  }
}

export const keepTone = (tone: string): void => keep({ ...kept(), tone })

export const used = (unicode: string): void => {
  const { recent, tone } = kept()
  keep({ tone, recent: [unicode, ...recent.filter((each) => each !== unicode)].slice(0, mostRecent) })
}
