/** What the operator and the app look for: in everything that is kept, or in what one user may see. */
import { Context, Effect, Layer } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { system, type UserId } from "../../domain/Ids.ts"
import { inTurn } from "../kernel/Turns.ts"
import { type Hits, Searches, type Wanted } from "../search/Searches.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { knownBlocks } from "./knownBlocks.ts"
import { noSuchConversation } from "./noSuchConversation.ts"

export interface SearchAdminOptions extends Omit<Wanted, "query"> {
  /** As in the frame `search`; without it, everything that fits the rest. */
  readonly query?: string
  /** Finds what this user would find, and nothing that is kept from them. Without it everything is looked through. */
  readonly user?: UserId
}

const tooMany = () => Errors.overloaded("There are too many searches at the moment; search again later.", 1_000)

export class SearchAdmin extends Context.Service<SearchAdmin, {
  /** Whether the store has an index of words. */
  readonly enabled: boolean
  /** The newest first; the `cursor` of an answer asks for the next page of the same search. */
  find(options: SearchAdminOptions): Effect.Effect<Hits, ChatError | StoreError>
}>()("switchboard/services/admin/SearchAdmin") {
  static readonly layer = Layer.effect(
    SearchAdmin,
    Effect.gen(function*() {
      const searches = yield* Searches
      const store = yield* MessageStore

      const look = Effect.fnUntraced(function*({ query = "", user, ...wanted }: SearchAdminOptions) {
        const { conversation } = wanted
        if (conversation !== undefined) {
          const { headSeq } = yield* store.history({ conversation, before: Number.MAX_SAFE_INTEGER, limit: 1 })
          if (headSeq === 0) return yield* noSuchConversation()
        }
        if (user === undefined) return yield* searches.find({ query, ...wanted })
        const blocks = knownBlocks(yield* store.blocks(user))
        return yield* searches.find({ query, ...wanted }, { user, blocks })
      })

      return SearchAdmin.of({
        enabled: searches.enabled,
        // All that is asked so has the turns of one user.
        find: Effect.fn("SearchAdmin.find")(function*(options) {
          let answer: Effect.Effect<Hits, ChatError | StoreError> = Effect.fail(Errors.stopping())
          const asked = Effect.map(Effect.exit(look(options)), (exit) => void (answer = exit))
          return yield* (yield* inTurn(searches.turns, system as UserId, asked)) ? answer : tooMany()
        })
      })
    })
  )
}
