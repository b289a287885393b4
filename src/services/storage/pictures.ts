/**
 * Files that are shown beside messages, as the picture of a user or of a group. Such a use stands among those of the file
 * where a message stands, under the name of whoever shows it, at a place that no entry has; so whatever keeps the files of
 * messages keeps these as well, and whoever sweeps knows when one is not shown any more.
 */
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import type { FileRecord } from "./FileRecords.ts"

/** Entries begin at 1. */
export const pictureSeq = 0

/** A profile is no conversation; its name stands in the place of one, and is none's. */
export const profileHolder = (user: UserId): ConversationId => `profile:${user}` as ConversationId

export const groupHolder = (group: GroupId): ConversationId => Conversation.group(group)

/** What browsers show as a picture. */
export const pictureTypes: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/avif"
])

type Found = Pick<FileRecord, "owner" | "state" | "type">

/** Whether it can be shown to others. */
export const isShownPicture = (file: Omit<Found, "owner"> | undefined): boolean =>
  file?.state === "ready" && pictureTypes.has(file.type)

/** Why this file may not become a picture that `user` sets; nothing where it may. Nobody learns of files of others. */
export const pictureRefusal = (file: Found | undefined, user: UserId): Errors.ChatError | undefined => {
  if (file === undefined || file.owner !== user) {
    return Errors.notFound("There is no such file of yours; upload it first.")
  }
  if (file.state === "held") return Errors.forbidden("The file is being checked; take it when it has passed.")
  if (file.state !== "ready") return Errors.notFound("There is no such file of yours; upload it first.")
  return pictureTypes.has(file.type)
    ? undefined
    : Errors.forbidden("A picture is a PNG, JPEG, GIF, WebP or AVIF file; take another.")
}
