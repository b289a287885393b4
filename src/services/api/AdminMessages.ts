/** What the admin API does with what is said. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Search } from "../../domain/ClientFrame.ts"
import { NewAttachments } from "../../domain/entries/Attachment.ts"
import { StorableText } from "../../domain/entries/fields.ts"
import { Mentions } from "../../domain/entries/Mentions.ts"
import { MessageData } from "../../domain/entries/MessageData.ts"
import { hasContent } from "../../domain/entries/Text.ts"
import { ClientId, ConversationId, GroupId, Seq, UserId } from "../../domain/Ids.ts"
import { HistoryPage, MessageAccepted, SearchResult } from "../../domain/ServerFrame.ts"
import { isStorable } from "../../domain/Text.ts"
import { apiErrors } from "./ApiError.ts"
import { described } from "./described.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { bodyIsOptional, optionalBody } from "./optionalBody.ts"
import { Limit, SeqFromQuery, TimeFromQuery } from "./paging.ts"

const NewMessage = Schema.Struct({
  /** Need not have been here; in a group they have to be a member. */
  sender: UserId,
  /** Exactly one of the three. */
  recipient: Schema.optionalKey(UserId),
  group: Schema.optionalKey(GroupId),
  conversation: Schema.optionalKey(ConversationId),
  /** May be empty where there are files or data. */
  text: StorableText,
  /** Files that the sender has uploaded. */
  attachments: Schema.optionalKey(NewAttachments),
  mentions: Schema.optionalKey(Mentions),
  data: Schema.optionalKey(MessageData),
  /** Makes a retry safe: the same id of the same sender with the same content is one message. */
  id: Schema.optionalKey(ClientId),
  /** The `seq` of the message that this one answers. */
  reply_to: Schema.optionalKey(Seq)
}).pipe(Schema.check(hasContent))

const { type: _, ...accepted } = MessageAccepted.fields
const { id: __, type: ___, ...page } = HistoryPage.fields
const { cursor, hits } = SearchResult.fields

const Reason = Schema.String.pipe(
  Schema.check(
    Schema.isMaxLength(200),
    Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" })
  )
)

const from = (least: 0 | 1) =>
  SeqFromQuery.pipe(Schema.check(Schema.isBetween({ minimum: least, maximum: Number.MAX_SAFE_INTEGER })))

export const AdminMessages = HttpApiGroup.make("messages")
  .add(
    HttpApiEndpoint.post("send", "/messages", {
      payload: NewMessage,
      success: Schema.Struct(accepted),
      error: apiErrors
    }).annotateMerge(
      described(
        "Say something in anybody's name",
        "Answered once it is kept, with its place. The same `id` again gives the same answer with `duplicate: true`. `mentions` are members of the conversation, or `[\"@all\"]` of a group by its owner or an admin; `data` is a JSON object of the app's own. The rates and quotas of users do not count it. Whoever has the sender blocked does not see it, as if the sender had said it."
      )
    ),
    HttpApiEndpoint.get("history", "/conversations/:conversation/messages", {
      params: { conversation: ConversationId },
      query: {
        before: Schema.optionalKey(from(1)),
        after: Schema.optionalKey(from(0)),
        limit: Schema.optionalKey(Limit)
      },
      success: Schema.Struct(page),
      error: apiErrors
    }).annotateMerge(
      described(
        "Read a conversation",
        "A page just `before` or just `after` a place; without either, the newest messages. It has everything that is kept, whoever may see it; what is deleted has no text. The id is percent-encoded: `dm%3Aalice%3Abob`."
      )
    ),
    HttpApiEndpoint.get("search", "/search", {
      query: {
        query: Schema.optionalKey(Search.fields.query),
        conversation: Schema.optionalKey(ConversationId),
        user: Schema.optionalKey(UserId),
        sender: Schema.optionalKey(UserId),
        before_at: Schema.optionalKey(TimeFromQuery),
        after_at: Schema.optionalKey(TimeFromQuery),
        has: Search.fields.has,
        cursor: Search.fields.cursor,
        limit: Schema.optionalKey(Limit)
      },
      success: Schema.Struct({ hits, cursor }),
      error: apiErrors
    }).annotateMerge(
      described(
        "Look for words",
        "Texts that have all words of `query`, the newest first, as the frame `search` finds them: of the whole server, of one `conversation`, or with `user` in what that user may see. Without words everything of a `sender`, of a time, or that `has` a `file` or a `link`. `limit` is 20 by default; a page may have few, or none, and a `cursor` for the next one."
      )
    ),
    HttpApiEndpoint.delete("remove", "/conversations/:conversation/messages/:seq", {
      params: { conversation: ConversationId, seq: from(1) },
      payload: optionalBody(Schema.Struct({ reason: Schema.optionalKey(Reason) })),
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(bodyIsOptional).annotateMerge(
      described(
        "Delete a message",
        "Its text is gone, and members are told with `message_deleted`, whose `sender` is `@system`. Again is 204, too; what is no text, or not kept any more, is 404. The `reason` goes into the server's log and to nobody else."
      )
    )
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
  .annotateMerge(OpenApi.annotations({ description: "What is said, for administrators." }))
