/** What was found, a line each: when, where and who, and of a long text what stands around the words. */
import type { SearchHit } from "../../domain/ServerFrame.ts"
import { named, type Style } from "./format.ts"
import { graphemes, harmless } from "./text.ts"

const when = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit"
})

/** UTF-16 units before the first word and from it on. */
const around = { before: 40, after: 120 }

/** The text from one offset to another, at the graphemes that begin there. */
const part = (text: string, from: number, to: number): string => {
  let at = 0
  let kept = ""
  for (const each of graphemes(text)) {
    if (at >= to) break
    if (at >= from) kept += each
    at += each.length
  }
  return kept
}

const excerpt = ({ ranges, text = "" }: SearchHit, { mark }: Style): string => {
  const first = ranges[0]?.[0] ?? 0
  const from = Math.max(0, first - around.before)
  const to = Math.min(text.length, first + around.after)
  let line = from === 0 ? "" : "…"
  let at = from
  for (const [start, end] of ranges) {
    if (start >= to) break
    line += harmless(part(text, at, start)) + mark(harmless(part(text, start, Math.min(end, to))))
    at = end
  }
  return line + harmless(part(text, at, to)) + (to < text.length ? "…" : "")
}

/** `where` is given where all conversations were looked through. */
export const hitLine = (hit: SearchHit, style: Style, where: string | undefined): string => {
  const { at, attachments = [], sender, seq } = hit
  const place = where === undefined ? "" : ` ${style.dim(`[${harmless(where)}]`)}`
  const files = attachments.map(({ name }) => ` (${harmless(name)})`).join("")
  return `  ${style.dim(`${when.format(at)} #${seq}`)}${place} ${style.bold(named(sender))}: ${
    excerpt(hit, style)
  }${files}`
}
