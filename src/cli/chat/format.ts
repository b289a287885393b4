/** How things look in a terminal, a line each. Everything that others wrote goes through `harmless`. */
import type { LogEvent, PendingMessage } from "../../client/types.ts"
import type { GroupChange } from "../../domain/Entry.ts"
import { system } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { harmless } from "./text.ts"

/** Emphasis, where there are colours. */
export interface Style {
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
  readonly warn: (text: string) => string
}

const plain = (text: string): string => text
export const plainStyle: Style = { dim: plain, bold: plain, warn: plain }

const escape = (on: number, off: number) => (text: string): string => `\u001b[${on}m${text}\u001b[${off}m`
export const colourStyle: Style = { dim: escape(2, 22), bold: escape(1, 22), warn: escape(33, 39) }

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })

/** The server's operator is no user. */
const named = (user: string): string => user === system ? "the operator" : harmless(user)

const list = (users: ReadonlyArray<string>): string => users.map(harmless).join(", ")

const changed = (change: GroupChange): string => {
  switch (change.action) {
    case "created":
      return `created the group ${harmless(change.name)} with ${list(change.members.map(({ user }) => user))}`
    case "members_added":
      return `added ${list(change.members)}`
    case "members_removed":
      return `removed ${list(change.members)}`
    case "role_set":
      return `made ${harmless(change.user)} ${change.role}`
    case "renamed":
      return `named the group ${harmless(change.name)}`
    case "left":
      return "left the group"
  }
}

/** What an entry says after its number. */
const said = (event: LogEvent, { bold }: Style): string => {
  switch (event.type) {
    case "incoming_message": {
      const reply = event.reply_to === undefined ? "" : ` (to #${event.reply_to})`
      const edited = event.edited_at === undefined ? "" : " (edited)"
      const text = event.deleted === true ? "(deleted)" : harmless(event.text)
      return `${bold(harmless(event.sender))}${reply}: ${text}${edited}`
    }
    case "message_edited":
      return `${harmless(event.sender)} changed #${event.target}${
        event.text === undefined ? "" : `: ${harmless(event.text)}`
      }`
    case "message_deleted":
      return `${named(event.sender)} deleted #${event.target}`
    case "reaction":
      return `${harmless(event.sender)} ${event.remove === true ? "took back" : "reacted"} ${harmless(event.emoji)} ${
        event.remove === true ? "from" : "to"
      } #${event.target}`
    case "group_changed":
      return `${named(event.by)} ${changed(event.change)}`
  }
}

/** `where` is given for what is not in the conversation that is open. */
export const entryLine = (event: LogEvent, style: Style, where?: string): string =>
  `${style.dim(`${clock.format(event.at)} #${event.seq}`)} ${
    where === undefined ? "" : `${style.dim(`[${harmless(where)}]`)} `
  }${said(event, style)}`

export const pendingLine = ({ text }: PendingMessage, where?: string): string =>
  `… ${where === undefined ? "" : `[${harmless(where)}] `}${harmless(text)}`

const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric" })

/** The time today, else the day. */
const moment = (at: number, now: number): string => {
  const date = day.format(at)
  return date === day.format(now) ? clock.format(at) : date
}

const longestWords = 60

const lastWords = ({ group, last_message: last }: ConversationSummary, me: string): string => {
  if (last === undefined) return ""
  const who = last.sender === me ? "you" : named(last.sender)
  if (last.kind === "group") return `${who} ${changed(last.change)}`
  const text = last.hidden === true ? "(hidden)" : last.deleted === true ? "(deleted)" : harmless(last.text ?? "")
  const line = text.replaceAll(/\s+/g, " ").trim()
  const short = Array.from(line).length > longestWords ? `${Array.from(line).slice(0, longestWords).join("")}…` : line
  return group === undefined && last.sender !== me ? short : `${who}: ${short}`
}

/** With whom, how much is unread, and what was said last, when. */
export const summaryLine = (
  summary: ConversationSummary,
  { me, now, style }: { readonly me: string; readonly now: number; readonly style: Style }
): string => {
  const { group, last_at, name, peer, unread } = summary
  const label = group === undefined ? harmless(peer ?? "?") : `#${harmless(name ?? group)}`
  const when = last_at === undefined || last_at === 0 ? "" : style.dim(`${moment(last_at, now)} `)
  const words = lastWords(summary, me)
  return `  ${when}${style.bold(label)}${unread === 0 ? "" : ` (${unread} unread)`}${
    words === "" ? "" : style.dim(`  ${words}`)
  }`
}
