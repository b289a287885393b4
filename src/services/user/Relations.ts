/** The commands of a client that are about other people: whom it watches, and whom it blocks. */
import { Effect } from "effect"
import type {
  Block,
  BlockedUsersRequest,
  SubscribePresence,
  Unblock,
  UnsubscribePresence
} from "../../domain/ClientFrame.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ClientId } from "../../domain/Ids.ts"
import { ask } from "../kernel/Mailbox.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Router } from "../server/Router.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { UserRef } from "./UserRef.ts"

export type RelationsFrame = SubscribePresence | UnsubscribePresence | Block | Unblock | BlockedUsersRequest

export interface RelationsServices {
  readonly presence: Presence["Service"]
  readonly router: Router["Service"]
}

const blockedUsers = (id: ClientId | undefined, { blocks }: UserRef): EncodedFrame =>
  new EncodedFrame({
    type: "blocked_users",
    ...(id === undefined ? undefined : { id }),
    users: blocks.names()
  })

const setBlock = Effect.fnUntraced(function*(
  { id, type, user }: Block | Unblock,
  ref: UserRef,
  { presence, router }: RelationsServices
) {
  if (user === ref.user) return yield* Errors.invalidTarget("You cannot block yourself; name somebody else.")
  const { blocks } = ref
  const on = type === "block"
  const tell = ask<void, Errors.ChatError>((done) =>
    router.tellUnsafe({ _tag: "Blocked", by: ref.user, user, on, done, settled: blocks.telling() })
  )
  // Where the store may have done it all the same, others are not to go on without it either (P4, P8).
  yield* blocks.set(user, on, Effect.forkDetach(Effect.ignore(tell)))
  // As they are with this change, whatever another device changes meanwhile.
  const answer = blockedUsers(id, ref)
  presence.recheckPair(ref.user, user)
  // It is accepted when no server of several can be without it (P8).
  yield* tell
  ref.answer(answer)
})

const handle = (frame: RelationsFrame, ref: UserRef, services: RelationsServices) => {
  switch (frame.type) {
    case "subscribe_presence":
      return services.presence.subscribe(ref, frame.users)
    case "unsubscribe_presence":
      return Effect.sync(() => services.presence.unsubscribe(ref, frame.users))
    case "block":
    case "unblock":
      return setBlock(frame, ref, services)
    case "blocked_users":
      return Effect.map(ref.blocks.refresh(), () => ref.answer(blockedUsers(frame.id, ref)))
  }
}

/** Never fails: what goes wrong is an `error` frame. */
export const relations = (frame: RelationsFrame, ref: UserRef, services: RelationsServices): Effect.Effect<void> =>
  handle(frame, ref, services).pipe(
    Effect.catchTags({
      ChatError: (error) => Effect.sync(() => ref.rejected(frame.id, error)),
      StoreError: () => Effect.sync(() => ref.rejected(frame.id, Errors.storeSilent()))
    })
  )
