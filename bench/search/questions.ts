/** What is asked for: words that everybody says and that hardly anybody says, and whatever else one looks for. */
import { numbersFrom, wordOf } from "../load/words.ts"

export interface Kind {
  readonly name: string
  readonly queries: ReadonlyArray<string>
}

const many = <A>(count: number, one: (random: () => number) => A): ReadonlyArray<A> => {
  const random = numbersFrom(count)
  return Array.from({ length: count }, () => one(random))
}

const rank = (random: () => number, from: number, to: number) => wordOf(from + Math.floor(random() * (to - from)))

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}]+/gu) ?? []

export const questions = (texts: ReadonlyArray<string>, count: number): ReadonlyArray<Kind> => {
  const anyText = (random: () => number, fits: (text: string) => boolean): string => {
    for (let tries = 0; tries < 10_000; tries++) {
      const text = texts[Math.floor(random() * texts.length)]!
      if (fits(text)) return text
    }
    return texts[0]!
  }
  const isHan = (text: string) => /\p{Script=Han}/u.test(text)
  const hasTwo = (text: string) => !isHan(text) && wordsOf(text).length > 4
  const part = (text: string, random: () => number, length: number) => {
    const characters = Array.from(text)
    const at = Math.floor(random() * Math.max(1, characters.length - length))
    return characters.slice(at, at + length).join("")
  }
  return [
    { name: "a common word", queries: many(count, (random) => rank(random, 0, 30)) },
    { name: "a word of one text in a hundred", queries: many(count, (random) => rank(random, 60, 200)) },
    { name: "a word of one text in a thousand", queries: many(count, (random) => rank(random, 600, 2_000)) },
    { name: "a rare word", queries: many(count, (random) => rank(random, 20_000, 50_000)) },
    { name: "a word that nobody has said", queries: many(count, (random) => `zz${rank(random, 100, 5_000)}`) },
    {
      name: "a common word and a rare one",
      queries: many(count, (random) => `${rank(random, 0, 30)} ${rank(random, 5_000, 50_000)}`)
    },
    { name: "two common words", queries: many(count, (random) => `${rank(random, 0, 30)} ${rank(random, 30, 100)}`) },
    {
      name: "a phrase that was said",
      queries: many(count, (random) => {
        const words = wordsOf(anyText(random, hasTwo))
        const at = Math.floor(random() * (words.length - 2))
        return `"${words.slice(at, at + 3).join(" ")}"`
      })
    },
    {
      name: "a phrase of common words",
      queries: many(count, (random) => `"${rank(random, 0, 30)} ${rank(random, 0, 30)} ${rank(random, 0, 30)}"`)
    },
    { name: "one letter", queries: many(count, (random) => "bcdfghlmnprstvwqxz"[Math.floor(random() * 18)]!) },
    { name: "three letters", queries: many(count, (random) => rank(random, 2_000, 50_000).slice(0, 3)) },
    {
      name: "two Chinese characters",
      queries: many(count, (random) => part(anyText(random, isHan), random, 2))
    },
    {
      name: "four Chinese characters",
      queries: many(count, (random) => part(anyText(random, isHan), random, 4))
    }
  ]
}
