/** A mute that has passed is kept and not told. */
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"

/** As it is at `now`, in milliseconds since the epoch. */
export const asOf = <P extends ConversationPreferences>(now: number, preferences: P): P => {
  if (preferences.muted_until === undefined || preferences.muted_until > now) return preferences
  const { muted_until: _, mutes_mentions: __, ...rest } = preferences
  // What is left out is optional.
  return rest as P
}
