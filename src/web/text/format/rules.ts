/**
 * What of Markdown is understood in a message, and where chat is not a document: lines stay where they were typed, a quote
 * or a list ends where its lines do, and stars between letters are stars.
 */
import MarkdownIt, { type MarkdownIt as Reader, type StateBlock, type StateInline } from "markdown-it"
import { configure } from "./links.ts"

/** So deep quotes and lists are; what goes deeper is text. */
const deepest = 8

type BlockRule = (state: StateBlock, startLine: number, endLine: number, silent: boolean) => boolean
type InlineRule = (state: StateInline, silent: boolean) => boolean

/** A rule of the library, to be asked by one of ours. */
const blockRule = (name: string): BlockRule => {
  const other = new MarkdownIt("zero")
  other.block.ruler.enableOnly(name)
  return other.block.ruler.getRules("")[0]!
}
const inlineRule = (name: string): InlineRule => {
  const other = new MarkdownIt("zero")
  other.inline.ruler.enableOnly(name)
  return other.inline.ruler.getRules("")[0]!
}

const lineOf = (state: StateBlock, line: number): string =>
  state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line])

/** All lines up to an empty one, with their spaces. */
const lines = (state: StateBlock, startLine: number, endLine: number): boolean => {
  const others = state.md.block.ruler.getRules("paragraph")
  const before = state.parentType
  state.parentType = "paragraph"
  let next = startLine + 1
  while (
    next < endLine && !state.isEmpty(next) && state.sCount[next]! >= state.blkIndent &&
    !others.some((rule) => rule(state, next, endLine, true))
  ) next++
  state.parentType = before
  state.line = next
  const token = state.push("inline", "", 0)
  token.content = state.getLines(startLine, next, state.blkIndent, false)
  token.map = [startLine, next]
  token.children = []
  return true
}

/** The library takes the line below a quote for its last one. */
const quoteEnds: BlockRule = (state, startLine, _endLine, silent) => silent && !lineOf(state, startLine).startsWith(">")

const quote = blockRule("blockquote")
const list = blockRule("list")
const fence = blockRule("fence")

const isListed = /^(?:[-*+]|\d{1,3}[.)])[ \t]+(?![-*+\s]*$)/

/** Code that never ends is text. */
const closedFence: BlockRule = (state, startLine, endLine, silent) => {
  const marker = /^`{3,}/.exec(lineOf(state, startLine))?.[0]
  if (marker === undefined) return false
  let next = startLine + 1
  while (next < endLine && !new RegExp(`^${marker}\`*\\s*$`).test(lineOf(state, next))) next++
  return next < endLine && fence(state, startLine, endLine, silent)
}

/** A backslash before a mark makes it a letter. Before an underscore it stays: ¯\_(ツ)_/¯ has an arm. */
const escape: InlineRule = (state, silent) => {
  if (state.src[state.pos] !== "\\") return false
  const next = state.src[state.pos + 1]
  if (next === undefined || !"*`~_".includes(next)) return false
  if (!silent) state.push("text_special", "", 0).content = next === "_" ? "\\_" : next
  state.pos += 2
  return true
}

const backticks = inlineRule("backticks")

/** Code in a line ends in it, and has something in it. */
const code: InlineRule = (state, silent) => {
  const { pos, src, tokens: { length } } = state
  if (!backticks(state, silent)) return false
  const all = src.slice(pos, state.pos)
  if (silent || state.tokens.length === length || !(all.includes("\n") || /^[`\s]*$/.test(all))) return true
  state.tokens.pop()
  state.tokens_meta.pop()
  const run = /^`+/.exec(src.slice(pos))![0]
  state.pending += run
  state.pos = pos + run.length
  return true
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{Script=Latin}\p{N}]/u.test(character)

export const reader = (): Reader => {
  const md = new MarkdownIt("zero", { linkify: true })
  configure(md.linkify)
  md.normalizeLink = (url) => url
  md.normalizeLinkText = (url) => url
  md.validateLink = (url) => /^https?:/i.test(url)
  const nested = (rule: BlockRule): BlockRule => (state, ...rest) => state.level < deepest && rule(state, ...rest)
  const alt = ["paragraph", "blockquote", "list"]
  md.block.ruler.at("fence", closedFence, { alt })
  md.block.ruler.at("blockquote", nested(quote), { alt })
  md.block.ruler.at(
    "list",
    nested((state, line, ...rest) => isListed.test(lineOf(state, line)) && list(state, line, ...rest)),
    { alt: ["paragraph", "blockquote"] }
  )
  md.block.ruler.at("paragraph", lines)
  md.block.ruler.before("fence", "quote_ends", quoteEnds, { alt: ["blockquote"] })
  md.block.ruler.enable(["fence", "blockquote", "list"])
  md.inline.ruler.at("escape", escape)
  md.inline.ruler.at("backticks", code)
  md.inline.ruler.enable(["linkify", "escape", "backticks", "strikethrough", "emphasis"])
  md.inline.ruler2.enable(["balance_pairs", "strikethrough", "emphasis", "fragments_join"])
  md.inline.State = class extends md.inline.State {
    override scanDelims(start: number, canSplitWord: boolean) {
      const marker = this.src[start]
      let end = start
      while (this.src[end] === marker) end++
      const between = isWord(this.src[start - 1]) && isWord(this.src[end])
      return super.scanDelims(start, canSplitWord && !between)
    }
  }
  return md
}
