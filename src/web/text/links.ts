/** Text in pieces: code between backquotes, links, and the rest. Only http and https are ever links. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  /** A line or more by itself, between three backquotes. */
  | { readonly kind: "block"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }

const candidate = /https?:\/\/[^\s<>"“”]+/giu
const closing: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" }

/** Punctuation that ends the sentence and not the address; a bracket only if it was not opened inside. */
const trimmed = (text: string): string => {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let end = text.length
  for (; end > 0; end--) {
    const last = text[end - 1]!
    const opening = closing[last]
    const closed = counts.get(last) ?? 0
    const loose = opening !== undefined && closed > (counts.get(opening) ?? 0)
    if (!loose && !/[.,;:!?'’…*_]/u.test(last)) break
    counts.set(last, closed - 1)
  }
  return text.slice(0, end)
}

const hrefOf = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { href, hostname, protocol } = new URL(text)
  return hostname !== "" && (protocol === "http:" || protocol === "https:") ? href : undefined
}

/** What `pieceOf` makes of the matches, with how many characters it took, and what `rest` makes of all between. */
const split = (
  text: string,
  pattern: RegExp,
  pieceOf: (match: RegExpExecArray) => readonly [Piece, number] | undefined,
  rest: (text: string) => ReadonlyArray<Piece>
): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  let from = 0
  for (const match of text.matchAll(pattern)) {
    const found = pieceOf(match)
    if (found === undefined) continue
    const [piece, length] = found
    pieces.push(...rest(text.slice(from, match.index)), piece)
    from = match.index + length
  }
  return [...pieces, ...rest(text.slice(from))]
}

const textIn = (text: string): ReadonlyArray<Piece> => text === "" ? [] : [{ kind: "text", text }]

const linksIn = (text: string): ReadonlyArray<Piece> =>
  split(text, candidate, ([candidate]) => {
    const text = trimmed(candidate)
    const href = hrefOf(text)
    return href === undefined ? undefined : [{ kind: "link", text, href }, text.length]
  }, textIn)

/** A word after the opening backquotes names the language, if the code begins on the next line. */
const fenced = /```(?:[A-Za-z0-9+#.-]*\n)?([^]*?)```\n?|`([^`\n]+)`/gu

export const piecesOf = (text: string): ReadonlyArray<Piece> =>
  split(text, fenced, ([all, block = "", code]) => {
    if (code !== undefined) return [{ kind: "code", text: code }, all.length]
    return block.trim() === "" ? undefined : [{ kind: "block", text: block.replace(/\n$/, "") }, all.length]
  }, linksIn)
