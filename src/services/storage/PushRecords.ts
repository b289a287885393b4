/**
 * Where browsers are told of messages (Web Push), and whom there is to tell. Comes with the stores of this package; for a
 * store of your own provide it beside your `MessageStore`, and `pushRecordsContract` is the suite that it has to pass.
 * Without it the chat works, and there are no pushes.
 */
import { Context, type Effect } from "effect"
import { isMentioned } from "../../domain/entries/Mentions.ts"
import type { TextEntry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"

export interface PushRecord {
  readonly user: UserId
  /** Where its push service takes messages for it; whoever knows it may ask it to. */
  readonly endpoint: string
  /** The browser's keys, in base64url. */
  readonly p256dh: string
  readonly auth: string
}

/** How a member of a conversation stands who may be told of what is new there. */
export interface PushReader {
  readonly user: UserId
  /** The first entry that they may see. */
  readonly firstVisible: number
  /** How far any of their devices has confirmed. */
  readonly delivered: number
  /** Of a group. */
  readonly groupName?: string
  readonly mutedUntil?: number
  readonly mutesMentions?: true
}

/** Whether their mute keeps this text silent. A mention is not, unless they mute these too. */
export const isSilent = (
  { mutedUntil = 0, mutesMentions, user }: Pick<PushReader, "mutedUntil" | "mutesMentions" | "user">,
  text: TextEntry,
  now: number
): boolean => mutedUntil > now && (mutesMentions === true || !isMentioned(text, user))

export class PushRecords extends Context.Service<PushRecords, {
  /**
   * Keeps it as the newest of this user, whoever had the endpoint before. Past `max` of a user the oldest goes. Answers
   * with the user's endpoints, the oldest first.
   */
  put(record: PushRecord, options: { readonly max: number; readonly now: number }): Effect.Effect<
    ReadonlyArray<string>,
    StoreError
  >
  /** Of this user and nobody else. Answers with those that are left. */
  remove(user: UserId, endpoint: string): Effect.Effect<ReadonlyArray<string>, StoreError>
  /** All of these users, each user's oldest first. */
  of(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<PushRecord>, StoreError>
  /** Who has any, in rising order, after `after`. */
  users(options: { readonly after?: UserId; readonly limit: number }): Effect.Effect<ReadonlyArray<UserId>, StoreError>
  /** Those of `users` who are in the conversation now. In no order. */
  readers(conversation: ConversationId, users: ReadonlyArray<UserId>): Effect.Effect<
    ReadonlyArray<PushReader>,
    StoreError
  >
}>()("switchboard/services/storage/PushRecords") {}
