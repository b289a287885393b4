/** Somebody comes into a group by an invitation: it is looked up in their line, and the group's actor does the rest. */
import { Effect } from "effect"
import type { Join } from "../../domain/ClientFrame.ts"
import * as Errors from "../../domain/Errors.ts"
import type { GroupId } from "../../domain/Ids.ts"
import type { GroupMessage, GroupRequester } from "../group/GroupMessage.ts"
import type { Joins } from "../group/Joins.ts"
import type { Handled } from "../kernel/Mailbox.ts"
import type { UserRef } from "./UserRef.ts"

export const joining = (
  { id, invite }: Join,
  ref: UserRef,
  joins: Joins["Service"],
  tellGroup: (group: GroupId, message: GroupMessage) => Handled
): Effect.Effect<void> => {
  const guest = { user: ref.user, address: ref.origin.address }
  const change = (group: GroupId, requester: GroupRequester): Handled =>
    tellGroup(group, {
      _tag: "Change",
      sender: ref.user,
      command: { type: "join_group", id, group, invite },
      requester
    })
  const asker = (rejected: GroupRequester["rejected"]): GroupRequester => ({
    accepted: (frame) => ref.accepted(frame),
    rejected,
    settled: () => ref.settled(),
    flush: () => ref.flush(),
    session: ref.session,
    answer: (frame) => ref.answer(frame)
  })
  return joins.open(invite, guest).pipe(
    Effect.flatMap((group) =>
      change(
        group,
        asker((id, error) => {
          // It was good a moment ago, and others have used it up.
          if (error.code === "not_found") joins.wrong(guest)
          ref.rejected(id, error)
        })
      ) ?? Effect.void
    ),
    Effect.catchTags({
      ChatError: (error) => Effect.sync(() => ref.rejected(id, error)),
      StoreError: () => Effect.sync(() => ref.rejected(id, Errors.storeSilent()))
    })
  )
}
