/** The admin API about people. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Conversations } from "../../domain/ClientFrame.ts"
import { ConversationId, Timestamp, UserId } from "../../domain/Ids.ts"
import { ListCursor } from "../../domain/ListCursor.ts"
import { Profile, ProfileFields } from "../../domain/Profile.ts"
import { ConversationSummary } from "../../domain/ServerFrame.ts"
import { BanTerms } from "./AdminBans.ts"
import { apiErrors } from "./ApiError.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { BooleanFromQuery, Limit, pageQuery } from "./paging.ts"

const described = (description: string) => OpenApi.annotations({ description })

const UserSummary = Schema.Struct({
  user: UserId,
  name: Schema.optionalKey(Schema.String),
  /** Whether there is a connection of theirs on any server. */
  online: Schema.Boolean,
  connections: Schema.Int,
  last_seen: Schema.optionalKey(Timestamp)
})

const UserRecord = Schema.Struct({
  ...UserSummary.fields,
  avatar: Schema.optionalKey(Schema.String),
  status: Schema.optionalKey(Schema.String),
  /** Who said so last: the user, an administrator, or the claims of a token. */
  source: Schema.optionalKey(Schema.Literals(["user", "admin", "claims"])),
  /** How many they are in now, and how many of these are groups. */
  conversations: Schema.Int,
  groups: Schema.Int,
  ban: Schema.optionalKey(Schema.Struct({ ...BanTerms.fields, at: Timestamp }))
})

const params = { user: UserId }

/**
 * `user` first, then each `conversation`, and after it an `entry` for everything of it that the user may see; then each
 * `file` that they have uploaded (its own type is `content_type`), and after it `file_content`, pieces of at most 48 KiB.
 */
export const ExportLine = Schema.StructWithRest(
  Schema.Struct({ type: Schema.Literals(["user", "conversation", "entry", "file", "file_content"]) }),
  [Schema.Record(Schema.String, Schema.Json)]
)

/** What all devices of a user together confirm may be a long line. */
const maxLine = "256 MiB"

const ListQuery = Schema.Struct({
  order: Conversations.fields.order,
  after: Schema.optionalKey(ConversationId),
  cursor: Schema.optionalKey(ListCursor),
  limit: Schema.optionalKey(Limit)
}).pipe(Schema.check(Schema.makeFilter(
  ({ after, cursor, order }: { readonly order?: "recent"; readonly after?: string; readonly cursor?: string }) =>
    order === undefined ? cursor === undefined : after === undefined,
  { expected: "after without an order, or a cursor with one" }
)))

export const AdminUsers = HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("listUsers", "/users", {
      query: { ...pageQuery(UserId), online: Schema.optionalKey(BooleanFromQuery) },
      success: Schema.Struct({ users: Schema.Array(UserSummary), has_more: Schema.Boolean }),
      error: apiErrors
    }).annotateMerge(described(
      "Everybody who is known or connected, by id. `online=true` has those with a connection on any server, `online=false` the others."
    )),
    HttpApiEndpoint.get("getUser", "/users/:user", { params, success: UserRecord, error: apiErrors }).annotateMerge(
      described(
        "One user, with how many conversations they are in and the ban that holds. 404 if nothing is known of them."
      )
    ),
    HttpApiEndpoint.delete("eraseUser", "/users/:user", {
      params,
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(described(
      "Erases a user as `switchboard erase` does and closes their connections (4503). Takes two seconds and more: it answers when every server has let go of them. A ban stays. 404 if there is nothing to erase."
    )),
    HttpApiEndpoint.get("exportUser", "/users/:user/export", {
      params,
      success: HttpApiSchema.StreamNdjson({ schema: ExportLine, maxElementBytes: maxLine }),
      error: apiErrors
    }).annotateMerge(described(
      "What `switchboard export` prints, a JSON object a line: `type` is `user`, then for each conversation `conversation` and an `entry` for each thing in it that the user may see, then for each file that they have uploaded `file`, whose own type is `content_type`, and piece by piece its `file_content`: `offset` and `base64`. An answer that breaks off was not complete."
    )),
    HttpApiEndpoint.get("listUserConversations", "/users/:user/conversations", {
      params,
      query: ListQuery,
      success: Schema.Struct({
        conversations: Schema.Array(ConversationSummary),
        has_more: Schema.Boolean,
        cursor: Schema.optionalKey(Schema.String)
      }),
      error: apiErrors
    }).annotateMerge(described(
      "What the frame `conversations` answers to this user on a device without a name: by id after `after`, or with `order=recent` the latest first, from `cursor` on."
    )),
    HttpApiEndpoint.put("putProfile", "/users/:user/profile", {
      params,
      payload: ProfileFields,
      success: Profile,
      error: apiErrors
    }).annotateMerge(described(
      "Sets how a user is shown; what is left out is taken away. The user need not be known yet."
    ))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
