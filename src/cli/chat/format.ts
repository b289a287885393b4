/** How things look in a terminal, a line each. Everything that others wrote goes through `harmless`. */
import type { LogEvent, PendingMessage, SentFile } from "../../client/types.ts"
import type { Attachment } from "../../domain/entries/Attachment.ts"
import { isMentioned } from "../../domain/entries/Mentions.ts"
import type { GroupChange } from "../../domain/Entry.ts"
import { system } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { sizeText } from "../../domain/sizeText.ts"
import { harmless } from "./text.ts"

/** Emphasis, where there are colours. */
export interface Style {
  readonly dim: (text: string) => string
  readonly bold: (text: string) => string
  readonly warn: (text: string) => string
  /** What somebody looked for. */
  readonly mark: (text: string) => string
}

const plain = (text: string): string => text
export const plainStyle: Style = {
  dim: plain,
  bold: plain,
  warn: plain,
  mark: (text) => `*${text}*`
}

const escape = (on: number, off: number) => (text: string): string => `\u001b[${on}m${text}\u001b[${off}m`
export const colourStyle: Style = {
  dim: escape(2, 22),
  bold: escape(1, 22),
  warn: escape(33, 39),
  mark: escape(7, 27)
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })

/** The server's operator is no user. */
export const named = (user: string): string => user === system ? "the operator" : harmless(user)

const list = (users: ReadonlyArray<string>): string => users.map(harmless).join(", ")

const because = ({ reason }: { readonly reason?: string }): string =>
  reason === undefined ? "" : `: ${harmless(reason)}`

const changed = (change: GroupChange): string => {
  switch (change.action) {
    case "created":
      return `created the group ${harmless(change.name)} with ${list(change.members.map(({ user }) => user))}`
    case "members_added":
      return `added ${list(change.members)}`
    case "members_removed":
      return `removed ${list(change.members)}${because(change)}`
    case "members_banned":
      return `banned ${list(change.members)}${because(change)}`
    case "members_unbanned":
      return `lets ${list(change.members)} in again`
    case "joined":
      return "came in by an invitation"
    case "described":
      return change.name === undefined
        ? "changed what the group says of itself"
        : `named the group ${harmless(change.name)}`
    case "role_set":
      return `made ${harmless(change.user)} ${change.role}`
    case "renamed":
      return `named the group ${harmless(change.name)}`
    case "left":
      return "left the group"
  }
}

const kinds: Readonly<Record<string, string>> = { image: "picture", video: "video", audio: "sound" }

/** What a file is, how large, and what it is called. */
const fileWords = ({ height, name = "a file", size, type = "", width }: SentFile): string => {
  const what = kinds[type.split("/")[0]!] ?? "file"
  const sides = width === undefined || height === undefined ? "" : ` ${width}×${height}`
  return `[${what}${sides}${size === undefined ? "" : `, ${sizeText(size)}`}] ${harmless(name)}`
}

/** A line for each file of a message, with where it is. */
export const fileLines = (
  message: object & { readonly attachments?: ReadonlyArray<Attachment> },
  urlOf: (file: Attachment) => string | undefined
): ReadonlyArray<string> =>
  message.attachments?.map((file) => {
    const url = urlOf(file)
    return `      ${fileWords(file)}${url === undefined ? "" : ` ${harmless(url)}`}`
  }) ?? []

/** What stands for an app's data where there is nothing else to show. */
const card = "[a card]"

/** What is said, or sent, as a part of a line. */
export const saidOf = (
  { attachments = [], data, text }: Pick<PendingMessage, "attachments" | "data" | "text">
): string =>
  [...(text === "" ? [] : [harmless(text)]), ...attachments.map(fileWords)].join(" ") ||
  (data === undefined ? "" : card)

/** What an entry says after its number. */
const said = (event: LogEvent, { bold, mark }: Style, me: string | undefined): string => {
  switch (event.type) {
    case "incoming_message": {
      const reply = event.reply_to === undefined ? "" : ` (to #${event.reply_to})`
      const edited = event.edited_at === undefined ? "" : " (edited)"
      const isCard = event.data !== undefined && event.text === "" && event.attachments === undefined
      const text = event.deleted === true ? "(deleted)" : isCard ? card : harmless(event.text)
      const you = me !== undefined && isMentioned(event, me) ? ` ${mark("@you")}` : ""
      return `${bold(harmless(event.sender))}${reply}:${you}${text === "" ? "" : ` ${text}`}${edited}`
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

/** `where` is given for what is not in the conversation that is open; `me` is shown where they are mentioned. */
export const entryLine = (
  event: LogEvent,
  style: Style,
  { me, where }: { readonly me?: string; readonly where?: string | undefined } = {}
): string =>
  `${style.dim(`${clock.format(event.at)} #${event.seq}`)} ${
    where === undefined ? "" : `${style.dim(`[${harmless(where)}]`)} `
  }${said(event, style, me)}`

export const pendingLine = (message: PendingMessage, where?: string): string =>
  `… ${where === undefined ? "" : `[${harmless(where)}] `}${saidOf(message)}`

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
  const text = last.hidden === true ? "(hidden)" : last.deleted === true ? "(deleted)" : saidOf({ text: "", ...last })
  const line = text.replaceAll(/\s+/g, " ").trim()
  const short = Array.from(line).length > longestWords ? `${Array.from(line).slice(0, longestWords).join("")}…` : line
  return group === undefined && last.sender !== me ? short : `${who}: ${short}`
}

/** With whom, how much is unread, and what was said last, when. */
export const summaryLine = (
  summary: ConversationSummary,
  { me, now, style }: { readonly me: string; readonly now: number; readonly style: Style }
): string => {
  const { group, last_at, mentions = 0, name, peer, unread } = summary
  const label = group === undefined ? harmless(peer ?? "?") : `#${harmless(name ?? group)}`
  const when = last_at === undefined || last_at === 0 ? "" : style.dim(`${moment(last_at, now)} `)
  const words = lastWords(summary, me)
  return `  ${when}${style.bold(label)}${
    unread === 0 ? "" : ` (${unread} unread${mentions === 0 ? "" : `, ${mentions} for you`})`
  }${words === "" ? "" : style.dim(`  ${words}`)}`
}
