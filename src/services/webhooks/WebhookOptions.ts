/** What is told, to whom, and with which secrets. */
import type { Redacted } from "effect"

/** Every event that there is. */
export const webhookEventTypes = [
  "message.accepted",
  "message.unread",
  "message.reported",
  "group.changed",
  "user.online",
  "user.offline",
  "user.erased",
  "user.banned"
] as const
export type WebhookEventType = (typeof webhookEventTypes)[number]

export const isWebhookEventType = (name: string): name is WebhookEventType =>
  webhookEventTypes.some((type) => type === name)

export interface WebhookOptions {
  /** `http:` or `https:`. It may have credentials in it, which are never logged. */
  readonly url: Redacted.Redacted<URL>
  /** `whsec_…`; every event is signed with each of them, so that one can be replaced by the next. */
  readonly secrets: ReadonlyArray<Redacted.Redacted<string>>
  /** All of them where it is left out. */
  readonly events?: ReadonlyArray<WebhookEventType>
  /** Whether texts are told; true by default. */
  readonly withText?: boolean
  /** How long a text may be unconfirmed before `message.unread` is told of it; 10 seconds by default. */
  readonly unreadMillis?: number
}

export const usualUnreadMillis = 10_000
