/** What the admin API does with what is said. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { countTargets, type Targeted } from "../../domain/ClientFrame.ts"
import { defined } from "../../domain/defined.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { MessageAdmin } from "../admin/MessageAdmin.ts"
import { SearchAdmin } from "../admin/SearchAdmin.ts"
import { Api } from "../api/Api.ts"
import { apiError, ofChatError, storeIsDown } from "../api/ApiError.ts"
import type { StoreError } from "../storage/MessageStore.ts"

const failing = (error: ChatError | StoreError) => error._tag === "StoreError" ? storeIsDown() : ofChatError(error)

const noSearch = () =>
  apiError(503, "The store of this server has no index of words; give its app a Search.", "not_supported")

const targetOf = (to: Targeted) => {
  if (countTargets(to) !== 1) return undefined
  const { conversation, group, recipient } = to
  if (recipient !== undefined) return { recipient }
  return group !== undefined ? { group } : conversation !== undefined ? { conversation } : undefined
}

export const MessageHandlers = HttpApiBuilder.group(
  Api,
  "messages",
  Effect.fn(function*(handlers) {
    const messages = yield* MessageAdmin
    const searches = yield* SearchAdmin
    return handlers.handleAll({
      send: Effect.fnUntraced(function*({ payload }) {
        const to = targetOf(payload)
        if (to === undefined) {
          return yield* apiError(400, "Give exactly one of recipient, group and conversation.", "invalid_target")
        }
        const { attachments, data, id, mentions, reply_to: replyTo, sender, text } = payload
        const said = messages.send({ sender, text, ...defined({ attachments, data, id, mentions, replyTo }), ...to })
        const { type: _, ...accepted } = yield* Effect.mapError(said, failing)
        return accepted
      }),
      history: Effect.fnUntraced(function*({ params: { conversation }, query }) {
        if (query.before !== undefined && query.after !== undefined) {
          return yield* apiError(400, "Give before or after, not both.")
        }
        return yield* Effect.mapError(messages.page({ conversation, ...query }), failing)
      }),
      search: ({ query }) =>
        searches.enabled ? Effect.mapError(searches.find(query), failing) : Effect.fail(noSearch()),
      remove: ({ params: { conversation, seq }, payload }) =>
        Effect.mapError(messages.remove(conversation, seq, payload ?? {}), failing)
    })
  })
)
