/** All emoji with their names in the page's language, and how they are found. */

export interface Emoji {
  readonly unicode: string
  readonly label: string
  readonly group: number
  /** How it is called between colons, the usual name first. */
  readonly codes: ReadonlyArray<string>
  /** All words that it is found by. */
  readonly words: ReadonlyArray<string>
}

/** As the library has them; a build of the page leaves out the rest. */
export interface Named {
  readonly unicode: string
  readonly label: string
  readonly tags?: ReadonlyArray<string>
  readonly group?: number
}

export type Codes = Readonly<Record<string, string | ReadonlyArray<string>>>

/** The groups in their order, by their number in the library; 2 are parts of others. */
export const groups = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const
export type Group = (typeof groups)[number]

const isOne = /^\p{RGI_Emoji}$/v

/** As it is written everywhere else: the library adds to some that they are no letters, which they never are. */
const usual = (unicode: string): string => {
  const bare = unicode.replaceAll("\uFE0F", "")
  return !isOne.test(unicode) && isOne.test(bare) ? bare : unicode
}

const hexOf = (unicode: string): string =>
  Array.from(unicode, (character) => character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")).join("-")

/** As it is compared: small, and without what stands above letters. */
export const folded = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase()

const wordsIn = (text: string): ReadonlyArray<string> =>
  folded(text).split(/[^\p{L}\p{N}+]+/u).filter((word) => word !== "")

export const emojiOf = (named: ReadonlyArray<Named>, codes: Codes): ReadonlyArray<Emoji> =>
  named.flatMap(({ group, label, tags = [], unicode }) => {
    if (group === undefined || !groups.some((each) => each === group)) return []
    const hex = hexOf(unicode)
    const own = [codes[hex] ?? codes[hex.replaceAll(/-FE0F\b/g, "")] ?? []].flat()
    return [{ unicode: usual(unicode), label, group, codes: own, words: [label, ...tags, ...own].flatMap(wordsIn) }]
  })

/** How well it fits: its own name before what it is like, and 0 where it does not. */
const rankOf = ({ codes, label, words }: Emoji, wanted: ReadonlyArray<string>, all: string): number => {
  if (codes.includes(all)) return 5
  if (!wanted.every((each) => words.some((word) => word.startsWith(each)))) return 0
  if (codes.some((code) => code.startsWith(all))) return 4
  const name = folded(label)
  return name === all ? 4 : name.startsWith(all) ? 3 : wordsIn(name).some((word) => word.startsWith(wanted[0]!)) ? 2 : 1
}

export const find = (list: ReadonlyArray<Emoji>, query: string, most: number): ReadonlyArray<Emoji> => {
  const all = folded(query.trim())
  const wanted = wordsIn(all)
  if (wanted.length === 0) return []
  return list.map((emoji) => ({ emoji, rank: rankOf(emoji, wanted, all) })).filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank).slice(0, most).map(({ emoji }) => emoji)
}

/** None, and the five tones of skin. */
export const tones = ["", "\u{1F3FB}", "\u{1F3FC}", "\u{1F3FD}", "\u{1F3FE}", "\u{1F3FF}"] as const

const outer = /\p{Emoji_Modifier_Base}\uFE0F?/u

/** In this tone, where it comes in tones. */
export const toned = (unicode: string, tone: string): string => {
  if (tone === "" || !outer.test(unicode)) return unicode
  const [whole, first] = [
    unicode.replaceAll(new RegExp(outer, "gu"), (base) => base.replace("\uFE0F", "") + tone),
    // Of two people who hold hands the hands have none.
    unicode.split("\u200D").map((part) =>
      part.startsWith("🤝") ? part : part.replace(outer, (base) => base.replace("\uFE0F", "") + tone)
    )
      .join("\u200D")
  ]
  return [whole, first].find((each) => isOne.test(each)) ?? unicode
}
