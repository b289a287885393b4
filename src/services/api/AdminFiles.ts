/** The admin API about files. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { ConversationId, FileId, Seq, Timestamp, UserId } from "../../domain/Ids.ts"
import { apiErrors } from "./ApiError.ts"
import { described } from "./described.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { pageQuery } from "./paging.ts"

const State = Schema.Literals(["uploading", "held", "ready", "removing"])

const FileInfo = Schema.Struct({
  file: FileId,
  /** Whose it is. */
  user: UserId,
  name: Schema.String,
  type: Schema.String,
  /** In bytes; of one that is `uploading`, the room that is taken for it. */
  size: Schema.Int,
  sha256: Schema.optionalKey(Schema.String),
  /** `held` waits for a release, and `removing` is gone for everybody but the sweep. */
  state: State,
  /** When its upload began. */
  at: Timestamp,
  /** Whether a message has ever named it. */
  used: Schema.Boolean
})

const FileDetails = Schema.Struct({
  ...FileInfo.fields,
  /** Messages that name it, at most 100. */
  uses: Schema.Array(Schema.Struct({ conversation: ConversationId, seq: Seq })),
  /** Whose picture it is: `profile:<user>` or `group:<id>`. */
  shown_by: Schema.optionalKey(Schema.Array(Schema.String))
})

const params = { file: FileId }

export const AdminFiles = HttpApiGroup.make("adminFiles")
  .add(
    HttpApiEndpoint.get("list", "/files", {
      query: { ...pageQuery(FileId), user: Schema.optionalKey(UserId), state: Schema.optionalKey(State) },
      success: Schema.Struct({ files: Schema.Array(FileInfo), has_more: Schema.Boolean }),
      error: apiErrors
    }).annotateMerge(described("List files", "By id, which is about the order in which they came.")),
    HttpApiEndpoint.get("get", "/files/:file", { params, success: FileDetails, error: apiErrors }).annotateMerge(
      described("Read what is known of a file", "With the messages that name it. 404 if there is none.")
    ),
    HttpApiEndpoint.post("release", "/files/:file/release", {
      params,
      success: FileInfo,
      error: apiErrors
    }).annotateMerge(described(
      "Let a held file pass",
      "From now on its owner can send it. 409 if it is not held."
    )),
    HttpApiEndpoint.delete("remove", "/files/:file", {
      params,
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(described(
      "Remove a file",
      "At once, whoever names it: messages keep its name and size, its links are 404. 404 if there is none."
    ))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
  .annotateMerge(OpenApi.annotations({ description: "Files, for administrators." }))
