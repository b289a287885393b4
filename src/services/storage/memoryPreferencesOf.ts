/** `Preferences` over the tables in memory. */
import { Effect } from "effect"
import type { MemoryTables } from "./MemoryTables.ts"
import { changePreferences, columnsOf, noPreferences, preferencesOf } from "./preferenceRules.ts"
import { Preferences } from "./Preferences.ts"

export const memoryPreferences = (tables: MemoryTables): Preferences["Service"] => {
  const { preferences } = tables
  return Preferences.of({
    change: (user, conversation, change) =>
      Effect.sync(() => {
        const log = tables.conversation(conversation)
        if (log === undefined || tables.member(conversation, user)?.left_seq !== null) return undefined
        const { changed, row } = changePreferences(preferences.of(user, conversation) ?? noPreferences, change, {
          headSeq: log.head_seq,
          lastSeq: log.last_seq
        })
        preferences.put(user, conversation, row)
        return { preferences: preferencesOf(columnsOf(row, log.last_seq)), changed }
      }),

    settings: (user) => Effect.sync(() => ({ readPrivately: preferences.readsPrivately(user) })),

    setSettings: (user, { readPrivately }) => Effect.sync(() => preferences.setPrivate(user, readPrivately))
  })
}
