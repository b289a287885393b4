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

const linksIn = (text: string): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  let from = 0
  for (const match of text.matchAll(candidate)) {
    const shown = trimmed(match[0])
    const href = hrefOf(shown)
    if (href === undefined) continue
    if (match.index > from) pieces.push({ kind: "text", text: text.slice(from, match.index) })
    pieces.push({ kind: "link", text: shown, href })
    from = match.index + shown.length
  }
  if (from < text.length) pieces.push({ kind: "text", text: text.slice(from) })
  return pieces
}

/** A word after the opening backquotes names the language, if the code begins on the next line. */
const fenced = /```(?:[A-Za-z0-9+#.-]*\n)?([^]*?)```\n?|`([^`\n]+)`/gu

export const piecesOf = (text: string): ReadonlyArray<Piece> => {
  if (!text.includes("`")) return linksIn(text)
  const pieces: Array<Piece> = []
  let from = 0
  for (const match of text.matchAll(fenced)) {
    const [all, block, code] = match
    if (code === undefined && (block ?? "").trim() === "") continue
    if (match.index > from) pieces.push(...linksIn(text.slice(from, match.index)))
    pieces.push(code === undefined ? { kind: "block", text: block!.replace(/\n$/, "") } : { kind: "code", text: code })
    from = match.index + all.length
  }
  if (from < text.length) pieces.push(...linksIn(text.slice(from)))
  return pieces
}
