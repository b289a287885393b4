/** The ids of new groups. */
import { createHash, randomUUID } from "node:crypto"
import type { ClientId, GroupId, UserId } from "../../domain/Ids.ts"

/**
 * A retry has to find the group that the first try made (P3), so the id follows from the sender and their own `id`; the
 * hash keeps both out of it. Without an `id` each try makes a group. None looks like a flag at a command line.
 */
export const newGroupId = (sender: UserId, id: ClientId | undefined): GroupId =>
  createHash("sha256").update(sender).update("\0").update(id ?? randomUUID()).digest("base64url").slice(0, 22)
    .replace(/^-/, "g") as GroupId
