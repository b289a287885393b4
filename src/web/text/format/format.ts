/** Reads the marks of a text: bold, italic, struck, code, quotes, lists and links. What is no mark stays as it was typed. */
import type { Token } from "markdown-it"
import { type Block, type Inline, unformatted } from "./blocks.ts"
import { linkOf, linksIn } from "./links.ts"
import { reader } from "./rules.ts"

const md = reader()

/** Marks within marks; of more the inner ones are text. */
const deepest = 8

/** Of a text that is longer nobody reads the marks. */
const longest = 64 * 1024

const kinds = { strong: "bold", em: "italic", s: "struck" } as const

/** Tokens from `at` to the end of what was opened before it, and where that is. */
const inlineFrom = (tokens: ReadonlyArray<Token>, at: number, depth: number): readonly [Array<Inline>, number] => {
  const parts: Array<Inline> = []
  let text = ""
  const flush = () => {
    if (text !== "") parts.push(...linksIn(text, md.linkify))
    text = ""
  }
  let index = at
  for (; index < tokens.length; index++) {
    const token = tokens[index]!
    if (token.type === "code_inline") {
      flush()
      parts.push({ kind: "code", text: token.content })
    } else if (token.type === "link_open") {
      const typed = tokens[index + 1]!.content
      const link = linkOf(typed, "http:")
      if (link === undefined) text += typed
      else {
        flush()
        parts.push(link)
      }
      index += 2
    } else if (token.nesting === 1) {
      const [inner, end] = inlineFrom(tokens, index + 1, depth + 1)
      index = end
      flush()
      if (depth < deepest) parts.push({ kind: kinds[token.tag as keyof typeof kinds], parts: inner })
      else {
        const mark = { kind: "text", text: token.markup } as const
        parts.push(mark, ...inner, mark)
      }
    } else if (token.nesting === -1) break
    else text += token.content
  }
  flush()
  return [parts, index]
}

/** A list has items while it is read. */
type Item = { readonly kind: "item"; readonly blocks: ReadonlyArray<Block> }

interface Placed {
  readonly block: Block | Item
  readonly from: number
  readonly to: number
}

/** Lines that follow each other are one block, with the empty ones between them; so are those around other blocks. */
const joined = (placed: ReadonlyArray<Placed>, from: number, to: number): ReadonlyArray<Block> => {
  const blocks: Array<Block> = []
  const add = (parts: ReadonlyArray<Inline>) => {
    const last = blocks.at(-1)
    if (last?.kind === "lines") blocks[blocks.length - 1] = { kind: "lines", parts: [...last.parts, ...parts] }
    else if (parts.length > 0) blocks.push({ kind: "lines", parts })
  }
  const breaks = (count: number): ReadonlyArray<Inline> => count > 0 ? [{ kind: "text", text: "\n".repeat(count) }] : []
  let at = from
  let before: Placed["block"]["kind"] | undefined
  for (const { block, from, to } of placed) {
    const empty = from - at
    if (block.kind === "item") continue
    const isLines = block.kind === "lines"
    // Other blocks begin and end lines by themselves, and have room around them.
    if (before === undefined) add(breaks(empty))
    else if (before === "lines" && isLines) add(breaks(empty + 1))
    else if (empty > 1) add(breaks(empty - 1 + (isLines || before === "lines" ? 1 : 0)))
    if (isLines) add(block.parts)
    else blocks.push(block)
    before = block.kind
    at = to
  }
  add(breaks(to - at))
  return blocks
}

const endOf = (placed: ReadonlyArray<Placed>, otherwise: number): number => placed.at(-1)?.to ?? otherwise

const blocksFrom = (tokens: ReadonlyArray<Token>, at: number): readonly [ReadonlyArray<Placed>, number] => {
  const placed: Array<Placed> = []
  let index = at
  for (; index < tokens.length; index++) {
    const token = tokens[index]!
    const [from, to] = token.map ?? [0, 0]
    if (token.nesting === -1) break
    if (token.type === "inline") {
      const [parts] = inlineFrom(token.children ?? [], 0, 0)
      placed.push({ block: { kind: "lines", parts }, from, to })
    } else if (token.type === "fence") {
      placed.push({ block: codeOf(token.content, token.info), from, to })
    } else {
      const [inner, end] = blocksFrom(tokens, index + 1)
      index = end
      const last = endOf(inner, from + 1)
      if (token.type === "blockquote_open") {
        placed.push({ block: { kind: "quote", blocks: joined(inner, from, last) }, from, to: last })
      } else if (token.type === "list_item_open") {
        placed.push({ block: { kind: "item", blocks: joined(inner, inner[0]?.from ?? from, last) }, from, to: last })
      } else {
        const items = inner.flatMap(({ block }) => block.kind === "item" ? [block.blocks] : [])
        const start = Number(token.attrGet("start") ?? 1)
        const numbered = token.type === "ordered_list_open" ? { start } : undefined
        placed.push({ block: { kind: "list", ...numbered, items }, from, to: last })
      }
    }
  }
  return [placed, index]
}

/** One word beside the backquotes is the code's language; more than that is what somebody typed, and stays. */
const codeOf = (content: string, info: string): Block => {
  const language = info.trim()
  const code = content.replace(/\n$/, "")
  if (language === "") return { kind: "code", text: code }
  return /^[\w+#.-]+$/.test(language)
    ? { kind: "code", text: code, language }
    : { kind: "code", text: `${info}\n${code}` }
}

const blocksIn = (text: string): ReadonlyArray<Block> => {
  if (text.trim() === "") return unformatted(text)
  const [placed] = blocksFrom(md.parse(text, {}), 0)
  return joined(placed, 0, text.split("\n").length)
}

/** Code between three backquotes, also in the middle of a line; a word after the first of them names its language. */
const fenced = /```(?:([A-Za-z0-9+#.-]*)\n)?([^]*?)```\n?/gu

/** In a quote or a list it is for the rules of those. */
const isWithin = (text: string, at: number): boolean =>
  /^\s*(?:>|[-*+] |\d+[.)] | )/.test(text.slice(text.lastIndexOf("\n", at - 1) + 1, at))

export const format = (text: string): ReadonlyArray<Block> => {
  if (text.length > longest) return unformatted(text)
  const blocks: Array<Block> = []
  let from = 0
  for (const { 0: all, 1: language = "", 2: code = "", index } of text.matchAll(fenced)) {
    if (index < from || code.trim() === "" || isWithin(text, index)) continue
    blocks.push(...blocksIn(text.slice(from, index).replace(/\n$/, "")), codeOf(code, language))
    from = index + all.length
  }
  return [...blocks, ...blocksIn(text.slice(from))]
}
