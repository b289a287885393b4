/** The word that somebody is out of a group: it does not wait for what came before it, and nothing of the group follows. */
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"

export const isFarewell = (frame: ServerFrame, user: string): boolean => {
  if (frame.type !== "group_changed") return false
  const { by, change } = frame
  if (change.action === "left") return by === user
  const isOut = change.action === "members_removed" || change.action === "members_banned"
  return isOut && (change.members as ReadonlyArray<string>).includes(user)
}
