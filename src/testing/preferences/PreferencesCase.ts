/** A case of the contract of `Preferences`, and the names that it has for itself. */
import { Effect } from "effect"
import type { ConversationPreferences } from "../../domain/frames/Preferences.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import type { MessageStore, StoreError } from "../../services/storage/MessageStore.ts"
import { Preferences } from "../../services/storage/Preferences.ts"
import { phone } from "../contract/commands.ts"
import { freshNames, type Names } from "../contract/ContractCase.ts"

export interface PreferencesCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore | Preferences>
}

export interface PreferencesNames extends Names {
  readonly preferences: Preferences["Service"]
  /** As both lists of the user's conversations tell them. */
  readonly listed: (user: UserId, conversation: ConversationId) => Effect.Effect<ConversationPreferences, StoreError>
}

const told = (item: ConversationSummary | undefined): ConversationPreferences => ({
  ...(item?.muted_until === undefined ? undefined : { muted_until: item.muted_until }),
  ...(item?.mutes_mentions === undefined ? undefined : { mutes_mentions: item.mutes_mentions }),
  ...(item?.archived === undefined ? undefined : { archived: item.archived }),
  ...(item?.marked_unread === undefined ? undefined : { marked_unread: item.marked_unread })
})

export const preferencesCase = (
  name: string,
  body: (names: PreferencesNames) => Effect.fn.Return<void, StoreError, MessageStore | Preferences>
): PreferencesCase => ({
  name,
  effect: Effect.gen(function*() {
    const names = yield* freshNames
    const { store } = names
    const listed = Effect.fnUntraced(function*(user: UserId, conversation: ConversationId) {
      const [byId, byTime] = [
        yield* store.conversations({ user, device: phone, limit: 100 }),
        yield* store.recent({ user, device: phone, limit: 100 })
      ].map(({ items }) => told(items.find((item) => item.conversation === conversation)))
      if (JSON.stringify(byId) !== JSON.stringify(byTime)) {
        return yield* Effect.die(new Error(`The lists differ: ${JSON.stringify([byId, byTime])}`))
      }
      return byId!
    })
    yield* body({ ...names, preferences: yield* Preferences, listed })
  })
})
