/** What webhooks have not handed on: for whoever looks after the server. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ConversationId, Seq, Timestamp, UserId } from "../../domain/Ids.ts"
import { apiErrors } from "./ApiError.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { pageQuery } from "./paging.ts"

export const WebhookEventState = Schema.Literals(["waiting", "failed"])

export const WebhookEvent = Schema.Struct({
  /** For `after`, and to have it tried again. */
  id: Schema.String,
  type: Schema.Literals(["message.accepted", "group.changed", "message.unread"]),
  /** `waiting` is tried again by itself, `failed` only when somebody asks for it. */
  state: WebhookEventState,
  conversation: ConversationId,
  seq: Seq,
  /** For whom it is, where it is for one of several. */
  user: Schema.optionalKey(UserId),
  /** How often it was tried; what waits for its turn was not tried yet. */
  attempts: Schema.Int,
  /** Why the last try failed. */
  error: Schema.optionalKey(Schema.String),
  first_at: Schema.optionalKey(Timestamp),
  next_at: Schema.optionalKey(Timestamp)
})
export type WebhookEvent = typeof WebhookEvent.Type

export const WebhookEvents = Schema.Struct({ events: Schema.Array(WebhookEvent), has_more: Schema.Boolean })

export const AdminWebhookEvents = HttpApiGroup.make("webhookEvents")
  .add(
    HttpApiEndpoint.get("list", "/webhook-events", {
      query: { ...pageQuery(Schema.String), state: Schema.optionalKey(WebhookEventState) },
      success: WebhookEvents,
      error: apiErrors
    }).annotateMerge(OpenApi.annotations({
      description:
        "What the webhook has not taken: the next event of each conversation that waits, each that is tried again, and those that were given up after 24 hours."
    })),
    HttpApiEndpoint.post("retry", "/webhook-events/:id/retry", {
      params: { id: Schema.String },
      success: WebhookEvent,
      error: apiErrors
    }).annotateMerge(OpenApi.annotations({
      description: "Tries it again within seconds. A webhook that was stopped by a 410 begins again."
    }))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
