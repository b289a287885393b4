/** A file that comes with a text. What is said of it by its sender, and what the server knows of it. */
import { Schema } from "effect"
import { FileId } from "../Ids.ts"

/** Files that one message may have. */
export const maxAttachments = 10

/** Longest thumbnail, in characters of base64. */
export const maxPreview = 2_048

const side = Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))))

const preview = Schema.optionalKey(
  Schema.String.pipe(Schema.check(
    Schema.isMaxLength(maxPreview),
    Schema.isPattern(
      /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^[A-Za-z0-9+/]{2}==$|^[A-Za-z0-9+/]{3}=$/u,
      {
        expected: "a small picture in base64"
      }
    )
  ))
)

/** What a client says: a file of its own, how large the picture is, and a thumbnail of it. The server decodes neither. */
export const NewAttachment = Schema.Struct({ file: FileId, width: side, height: side, preview })
export type NewAttachment = typeof NewAttachment.Type

export const NewAttachments = Schema.Array(NewAttachment).pipe(
  Schema.check(
    Schema.isBetweenLength(1, maxAttachments),
    Schema.makeFilter(
      (all: ReadonlyArray<{ readonly file: string }>) => new Set(all.map(({ file }) => file)).size === all.length,
      { expected: "each file once" }
    )
  )
)

/** As everybody sees it. `url` is a path, signed, good for a day for whoever has it; stored entries are without. */
export const Attachment = Schema.Struct({
  file: FileId,
  name: Schema.String,
  type: Schema.String,
  size: Schema.Int,
  width: side,
  height: side,
  preview: Schema.optionalKey(Schema.String),
  url: Schema.optionalKey(Schema.String)
})
export type Attachment = typeof Attachment.Type
export type Attachments = ReadonlyArray<Attachment>
