/** Which files a commit may name, and what it does to them, said once for all stores. */
import type { Attachment, NewAttachment } from "../../domain/entries/Attachment.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ConversationId, FileId } from "../../domain/Ids.ts"
import type { FileRecord } from "./FileRecords.ts"
import type { Append } from "./MessageStore.ts"

/** What a commit asks of files and says of them. */
export interface CommitFiles {
  readonly get: (file: FileId) => Pick<FileRecord, "file" | "owner" | "name" | "type" | "size" | "state"> | undefined
  /** This entry names it from now on. */
  readonly use: (file: FileId, conversation: ConversationId, seq: number) => void
  /** This entry named it, and does not any more. */
  readonly drop: (file: FileId, conversation: ConversationId, seq: number) => void
}

const rejected = (error: Errors.ChatError) => ({ _tag: "Rejected" as const, error })

const notYours = () => rejected(Errors.notFound("There is no such file of yours; upload it first."))
const notYet = () => rejected(Errors.forbidden("The file is being checked; send it when it has passed."))

const none: ReadonlyArray<NewAttachment> = []

/** What a text asks for, as far as it is a text. Asked once per message: where there is nothing, nothing is made. */
export const askedFiles = (append: Append): ReadonlyArray<NewAttachment> =>
  append.kind === "text" && append.attachments !== undefined ? append.attachments : none

/** In one order of the fields, so that two of the same are the same text. */
const kept = ({ height, preview, width }: NewAttachment, { file, name, size, type }: Omit<Attachment, "url">) => ({
  file,
  name,
  type,
  size,
  ...(width === undefined ? undefined : { width }),
  ...(height === undefined ? undefined : { height }),
  ...(preview === undefined ? undefined : { preview })
})

/** The files of a new text as its entry keeps them; or why it may not have them. Nothing where it has none. */
export const resolveFiles = (files: CommitFiles, append: Append) => {
  const asked = askedFiles(append)
  if (asked.length === 0) return undefined
  const found: Array<Attachment> = []
  for (const each of asked) {
    const file = files.get(each.file)
    // Nobody learns of files of others, not even that they are there.
    if (file === undefined || file.owner !== append.sender) return notYours()
    if (file.state === "held") return notYet()
    if (file.state !== "ready") return notYours()
    found.push(kept(each, file))
  }
  return { _tag: "Resolved" as const, attachments: JSON.stringify(found) }
}

export const filesIn = (attachments: string | null): ReadonlyArray<FileId> =>
  attachments === null ? [] : (JSON.parse(attachments) as ReadonlyArray<Attachment>).map(({ file }) => file)

/** What is the same of a text whenever it is sent: which files, and what their sender said of them. `""` without any. */
export const askedIn = (attachments: ReadonlyArray<NewAttachment>): string =>
  attachments.length === 0 ? "" : JSON.stringify(
    attachments.map(({ file, height, preview, width }) => [file, width ?? null, height ?? null, preview ?? null])
  )
