/** What becomes of a cursor that wants to move, said once for all stores. */
import * as Errors from "../../domain/Errors.ts"
import type { CursorMove, CursorResult } from "./MessageStore.ts"
import { shownRead } from "./preferenceRules.ts"
import type { UnitOfWork } from "./UnitOfWork.ts"

const rejected = (error: Errors.ChatError) => ({ _tag: "Rejected" as const, error })

export const applyMove = (work: UnitOfWork, move: CursorMove): CursorResult => {
  const { conversation, upTo, user } = move
  const row = work.conversation(conversation)
  const member = work.member(conversation, user)
  if (row === undefined || member === undefined || member.left_seq !== null) return rejected(Errors.noConversation())
  if (upTo > row.head_seq) {
    return rejected(Errors.invalidFrame(`"up_to" is beyond the last message, which is ${row.head_seq}; correct it.`))
  }
  const delivered = Math.max(member.delivered_seq, upTo)
  const read = move.kind === "read" ? Math.max(member.read_seq, upTo) : member.read_seq
  if (move.kind === "received") work.moveDevice(user, move.device, conversation, upTo)
  const unmarked = move.kind === "read" && work.readers.isMarkedUnread(user, conversation)
  if (unmarked) work.readers.unmark(user, conversation)
  const before = shownRead(member)
  // Once they read openly again, the next move shows where they are.
  const hidden = read === member.read_seq
    ? member.shown_read_seq
    : work.readers.readsPrivately(user)
    ? before
    : null
  const moved = delivered !== member.delivered_seq || read !== member.read_seq
  if (moved) work.moveCursors({ ...member, delivered_seq: delivered, read_seq: read, shown_read_seq: hidden })
  const shown = hidden ?? read
  const isOwn = (moved || unmarked) && delivered === member.delivered_seq && shown === before
  return {
    _tag: "Moved",
    moved: moved || unmarked,
    delivered,
    read,
    ...(shown === read ? undefined : { shown }),
    ...(isOwn ? { isOwn } : undefined),
    ...(row.vacant === 1 ? { alone: true as const } : undefined)
  }
}
