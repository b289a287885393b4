/** Files, for clients: how they go up, and what their links answer. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "effect/http-api"
import { DeviceId, FileId } from "../../domain/Ids.ts"
import { fileErrors } from "./ApiError.ts"
import { described } from "./described.ts"
import { FittingRequest, FromPages } from "./middlewares.ts"

export const UploadedFile = Schema.Struct({
  /** For `attachments` of a message. */
  file: FileId,
  name: Schema.String,
  type: Schema.String,
  /** In bytes. */
  size: Schema.Int,
  /** In hex. */
  sha256: Schema.String,
  /** It is being checked: no message can name it yet. */
  held: Schema.optionalKey(Schema.Literal(true))
})

export const Files = HttpApiGroup.make("files", { topLevel: true })
  .add(
    HttpApiEndpoint.post("upload", "/v1/files", {
      query: {
        name: Schema.optionalKey(Schema.String),
        ticket: Schema.optionalKey(Schema.String),
        device: Schema.optionalKey(DeviceId)
      },
      payload: HttpApiSchema.StreamUint8Array({ contentType: "application/octet-stream" }),
      success: UploadedFile.pipe(HttpApiSchema.status(201)),
      error: fileErrors
    }).annotateMerge(described(
      "Upload a file",
      "The body is the file as it is, of any `Content-Type`, which is kept as its type; `name` is what it is called. Show who you are as you would to `/ws`, or with a `ticket`. A file that no message names is removed after 24 hours."
    )),
    HttpApiEndpoint.get("download", "/v1/files/:file/:name", {
      params: { file: Schema.String, name: Schema.String },
      query: { expires: Schema.optionalKey(Schema.String), signature: Schema.optionalKey(Schema.String) },
      success: HttpApiSchema.StreamUint8Array({ contentType: "application/octet-stream" }),
      error: fileErrors
    }).annotateMerge(described(
      "Download a file",
      "The `url` of an attachment, good for a day for whoever has it; history has a new one. One `Range` is answered with a part. Pictures, sound, films and PDF have their own type, all else is a download."
    ))
  )
  .middleware(FittingRequest)
  .middleware(FromPages)
