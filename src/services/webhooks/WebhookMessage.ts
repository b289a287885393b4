/** An event as it is told: what it is called for ever, and its body. */
import { DateTime } from "effect"
import { createHash } from "node:crypto"
import { defined } from "../../domain/defined.ts"
import { isMentioned } from "../../domain/entries/Mentions.ts"
import type { Entry, TextEntry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Ban } from "../storage/MessageStore.ts"
import type { StoredReport } from "../storage/Reports.ts"
import type { WebhookEventType } from "./WebhookOptions.ts"

export interface WebhookMessage {
  /** The same each time that this event is told, so that a receiver knows what it has. */
  readonly id: string
  readonly type: WebhookEventType
  readonly body: string
}

const idOf = (...parts: ReadonlyArray<string>): string =>
  `evt_${createHash("sha256").update(parts.join("\0")).digest("base64url").slice(0, 32)}`

/** `at` in milliseconds since the epoch. */
const isoOf = (at: number): string => DateTime.formatIso(DateTime.makeUnsafe(at))

const messageOf = (id: string, type: WebhookEventType, at: number, data: object): WebhookMessage => ({
  id,
  type,
  body: JSON.stringify({ type, timestamp: isoOf(at), data })
})

type Content = "text" | "attachments" | "data"

/** All but the text, its files, whose names may say as much, and the app's data. */
const withoutText = <E extends object>(entry: E): Omit<E, Content> => {
  const { attachments: _, data: __, text: ___, ...rest } = {
    text: undefined,
    attachments: undefined,
    data: undefined,
    ...entry
  }
  // The compiler does not see that these are all but the three.
  return rest as Omit<E, Content>
}

/** An entry of the log, as the log has it now. */
export const ofEntry = (conversation: ConversationId, entry: Entry, withText: boolean): WebhookMessage => {
  const type = entry.kind === "group" ? "group.changed" : "message.accepted"
  return messageOf(idOf(type, entry.message_id), type, entry.at, {
    conversation,
    ...(withText ? entry : withoutText(entry))
  })
}

/** A text that no device of this user has confirmed. It is `muted` where they want to hear nothing of it. */
export const ofUnread = (
  conversation: ConversationId,
  entry: TextEntry,
  { user, muted }: { readonly user: UserId; readonly muted: boolean },
  withText: boolean
): WebhookMessage => {
  const { at, attachments, data, message_id, sender, seq, text } = entry
  return messageOf(idOf("message.unread", message_id, user), "message.unread", at, {
    user,
    conversation,
    seq,
    sender,
    ...defined(withText ? { text, attachments, data } : {}),
    mentioned: isMentioned(entry, user),
    muted
  })
}

export const ofPresence = (user: UserId, isOnline: boolean, at: number, unique: string): WebhookMessage => {
  const type = isOnline ? "user.online" : "user.offline"
  return messageOf(idOf(type, user, unique), type, at, { user, at })
}

/** `number` is that of the erasure, in the order of all. */
export const ofErasure = (user: UserId, number: number, at: number): WebhookMessage =>
  messageOf(idOf("user.erased", user, String(number)), "user.erased", at, { user })

/** Somebody has reported a message: what it said then. */
export const ofReport = (
  { at, author, conversation, id, reason, reporter, seq, text }: StoredReport,
  withText: boolean
): WebhookMessage =>
  messageOf(idOf("message.reported", String(id)), "message.reported", at, {
    report: id,
    conversation,
    seq,
    author,
    reporter,
    ...defined({ reason, text: withText ? text : undefined })
  })

export const ofBan = ({ at, id, reason, until }: Ban): WebhookMessage =>
  messageOf(idOf("user.banned", id, String(at)), "user.banned", at, {
    user: id,
    at,
    ...defined({ until, reason })
  })
