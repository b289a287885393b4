/** What the admin API does with messages that users have reported. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ConversationId, Sender, Seq, Timestamp, UserId } from "../../domain/Ids.ts"
import { apiErrors } from "./ApiError.ts"
import { described } from "./described.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { pageQuery, SeqFromQuery } from "./paging.ts"

const Report = Schema.Struct({
  id: Seq,
  conversation: ConversationId,
  seq: Seq,
  /** Who said it. */
  author: Sender,
  reporter: UserId,
  reason: Schema.optionalKey(Schema.String),
  /** What it said then, at most 4,096 characters of it. */
  text: Schema.String,
  said_at: Timestamp,
  at: Timestamp,
  /** When somebody closed it. */
  closed_at: Schema.optionalKey(Timestamp)
})

export const AdminReports = HttpApiGroup.make("reports")
  .add(
    HttpApiEndpoint.get("list", "/reports", {
      query: {
        ...pageQuery(SeqFromQuery),
        state: Schema.optionalKey(Schema.Literals(["open", "closed"])),
        conversation: Schema.optionalKey(ConversationId),
        user: Schema.optionalKey(UserId)
      },
      success: Schema.Struct({ reports: Schema.Array(Report), has_more: Schema.Boolean }),
      error: apiErrors
    }).annotateMerge(described(
      "List reports",
      "The newest first; `after` is the `id` of the last one. `user` is whose message it is. A report has the text as it was then, also when it was deleted since; it goes with an erasure of either user and with the message when retention removes that."
    )),
    HttpApiEndpoint.post("close", "/reports/:report/close", {
      params: { report: SeqFromQuery },
      success: Report,
      error: apiErrors
    }).annotateMerge(described(
      "Close a report",
      "Somebody has seen to it. Again changes nothing. The last 10,000 that are closed are kept, and there are at most 10,000 open ones."
    ))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
  .annotateMerge(OpenApi.annotations({ description: "Messages that users have reported, for administrators." }))
