/**
 * What users want of their conversations for themselves. Comes with the stores of this package; for a store of your own
 * provide it beside your `MessageStore`, and `preferencesContract` is the suite that it has to pass. Without it the chat
 * works, and whoever asks for one of these is told that there are none.
 */
import { Context, type Effect } from "effect"
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"

/** What is left out stays. */
export interface PreferenceChange {
  /** `undefined` ends it. */
  readonly mute?: { readonly until: number; readonly mentions: boolean } | undefined
  /** Archived until the next text or change of the group. */
  readonly archived?: boolean
  /** Until the user says `read` again. */
  readonly markedUnread?: true
}

export interface ChangedPreferences {
  /** A mute whose time has passed is still there, here and in lists: whoever tells of it leaves it out. */
  readonly preferences: ConversationPreferences
  /** Whether they were others before. */
  readonly changed: boolean
}

export interface UserSettings {
  readonly readPrivately: boolean
}

export class Preferences extends Context.Service<Preferences, {
  /** `undefined` where the user is not in the conversation; nothing is kept then. */
  change(
    user: UserId,
    conversation: ConversationId,
    change: PreferenceChange
  ): Effect.Effect<ChangedPreferences | undefined, StoreError>

  settings(user: UserId): Effect.Effect<UserSettings, StoreError>

  /**
   * While `readPrivately` holds, `read` moves of `commit` show nothing to others: `positions` and `peer_read` stay as they
   * were, and a move says so (`CursorResult`). After it the next move shows where the user stands. Returns whether it was
   * another before.
   */
  setSettings(user: UserId, settings: UserSettings): Effect.Effect<boolean, StoreError>
}>()("switchboard/services/storage/Preferences") {}
