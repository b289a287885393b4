/** What went wrong, in the words of the page: sentences of the server may speak of frames, which people have none of. */
const words: ReadonlyArray<readonly [RegExp, string]> = [
  [/ with set_role/, ""],
  [/^Use leave_group to leave/, "Use “Leave group” to leave"],
  [/; unsubscribe from some first/, "; some are shown as offline"]
]

export const inWords = (sentence: string): string =>
  words.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), sentence)

export const sentenceOf = (error: unknown): string => inWords(error instanceof Error ? error.message : String(error))
