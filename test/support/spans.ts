import type { Entry } from "../../src/domain/Entry.ts"
import type { UserId } from "../../src/domain/Ids.ts"

/** The spans of the log in which a user was a member, from the log itself; the last entry of each is the one that ended it. */
export const spansOf = (
  entries: ReadonlyArray<Entry>,
  user: UserId
): ReadonlyArray<readonly [from: number, to: number]> => {
  const spans: Array<[number, number]> = []
  let from: number | undefined
  for (const entry of entries) {
    if (entry.kind !== "group") continue
    const { change, seq } = entry
    const joins = (change.action === "created" && change.members.some((member) => member.user === user)) ||
      (change.action === "members_added" && change.members.includes(user)) ||
      (change.action === "joined" && entry.sender === user)
    const isOut = change.action === "members_removed" || change.action === "members_banned"
    const ends = (isOut && change.members.includes(user)) ||
      (change.action === "left" && entry.sender === user)
    if (joins) from ??= seq
    if (ends && from !== undefined) {
      spans.push([from, seq])
      from = undefined
    }
  }
  if (from !== undefined) spans.push([from, Number.POSITIVE_INFINITY])
  return spans
}
