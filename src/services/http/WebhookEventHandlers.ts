/** What webhooks have not handed on, over HTTP. */
import { Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { defined } from "../../domain/defined.ts"
import { Api } from "../api/Api.ts"
import { apiError, storeIsDown } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"
import { makeAsking } from "../storage/asking.ts"
import { bounded, boundedSubscriptions } from "../storage/bounded.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { Subscriptions } from "../storage/Subscriptions.ts"
import { idOf, keyOf, makeWebhookEvents, type PendingEvent } from "../webhooks/WebhookEvents.ts"

const shown = ({ attempts, conversation, error, firstAt, name, nextAt, seq, state, type, user }: PendingEvent) => ({
  id: idOf({ name, conversation, seq, ...defined({ user }) }),
  type,
  state,
  conversation,
  seq,
  attempts,
  ...defined({ user, error: error === "" ? undefined : error, first_at: firstAt, next_at: nextAt })
})

const unknown = () => apiError(404, "There is no such event that waits or has failed; it may have been taken.")

export const WebhookEventHandlers = HttpApiBuilder.group(
  Api,
  "webhookEvents",
  Effect.fn(function*(handlers) {
    const found = yield* Effect.serviceOption(Subscriptions)
    const store = yield* MessageStore
    const asking = yield* makeAsking
    const events = Option.map(
      found,
      (subscriptions) => makeWebhookEvents(boundedSubscriptions(asking, subscriptions), bounded(asking, store))
    )
    return handlers.handleAll({
      list: Effect.fnUntraced(function*({ query: { after, limit = usualPage, state } }) {
        const from = after === undefined ? undefined : keyOf(after)
        if (after !== undefined && from === undefined) {
          return yield* apiError(400, "after is no id of an event; take the last one of the page before.")
        }
        if (Option.isNone(events)) return { events: [], has_more: false }
        const page = yield* Effect.mapError(
          events.value.list({ limit, ...defined({ after: from, state }) }),
          storeIsDown
        )
        return { events: page.events.map(shown), has_more: page.hasMore }
      }),
      retry: Effect.fnUntraced(function*({ params: { id } }) {
        const key = keyOf(id)
        if (key === undefined || Option.isNone(events)) return yield* unknown()
        const event = yield* Effect.mapError(events.value.retry(key), storeIsDown)
        return event === undefined ? yield* unknown() : shown(event)
      })
    })
  })
)
