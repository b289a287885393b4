/** An event as it is told: what it is called for ever, and its body. */
import { DateTime } from "effect"
import { createHash } from "node:crypto"
import { defined } from "../../domain/defined.ts"
import type { Entry, TextEntry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Ban } from "../storage/MessageStore.ts"
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

const withoutText = <E extends object>(entry: E): Omit<E, "text"> => {
  const { text: _, ...rest } = { text: undefined, ...entry }
  // What is left is all but the text.
  return rest as Omit<E, "text">
}

/** An entry of the log, as the log has it now. */
export const ofEntry = (conversation: ConversationId, entry: Entry, withText: boolean): WebhookMessage => {
  const type = entry.kind === "group" ? "group.changed" : "message.accepted"
  return messageOf(idOf(type, entry.message_id), type, entry.at, {
    conversation,
    ...(withText ? entry : withoutText(entry))
  })
}

/** A text that no device of this user has confirmed. Nobody is mentioned and nothing is muted in this version. */
export const ofUnread = (
  conversation: ConversationId,
  { at, message_id, sender, seq, text }: TextEntry,
  user: UserId,
  withText: boolean
): WebhookMessage =>
  messageOf(idOf("message.unread", message_id, user), "message.unread", at, {
    user,
    conversation,
    seq,
    sender,
    ...defined({ text: withText ? text : undefined }),
    mentioned: false,
    muted: false
  })

export const ofPresence = (user: UserId, isOnline: boolean, at: number, unique: string): WebhookMessage => {
  const type = isOnline ? "user.online" : "user.offline"
  return messageOf(idOf(type, user, unique), type, at, { user, at })
}

/** `number` is that of the erasure, in the order of all. */
export const ofErasure = (user: UserId, number: number, at: number): WebhookMessage =>
  messageOf(idOf("user.erased", user, String(number)), "user.erased", at, { user })

export const ofBan = ({ at, id, reason, until }: Ban): WebhookMessage =>
  messageOf(idOf("user.banned", id, String(at)), "user.banned", at, {
    user: id,
    at,
    ...defined({ until, reason })
  })
