/** Invitations into groups, as their owners and admins ask for them. */
import { Clock, Effect } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import { isManager, noInvite } from "../../domain/groupRules.ts"
import type { GroupId, UserId } from "../../domain/Ids.ts"
import { createInvite, inviteFields, invitesOf } from "../group/invitations.ts"
import type { Handlers } from "../session/Handlers.ts"
import { MessageStore } from "../storage/MessageStore.ts"

const onlyManagers = () => Errors.forbidden("Only owners and admins of the group may invite; ask one of them.")

type Frames = "create_invite" | "revoke_invite" | "invites"

export const inviting: Effect.Effect<Handlers<Frames>, never, MessageStore> = Effect.gen(function*() {
  const store = yield* MessageStore
  const invites = yield* invitesOf

  /** Asked each time: roles change. */
  const mayManage = Effect.fnUntraced(function*(group: GroupId, user: UserId) {
    const conversation = Conversation.group(group)
    const membership = yield* store.membership(conversation, user)
    if (membership === undefined) {
      return yield* (yield* store.wasMember(conversation, user)) ? Errors.notInGroup() : Errors.noConversation()
    }
    if (!isManager(membership.role)) return yield* onlyManagers()
  })

  return {
    create_invite: Effect.fnUntraced(function*({ group, ...terms }, { user }) {
      yield* mayManage(group, user)
      const created = yield* createInvite(yield* invites, group, terms, yield* Clock.currentTimeMillis)
      return { type: "invite" as const, ...inviteFields(created) }
    }),

    revoke_invite: Effect.fnUntraced(function*({ invite }, { user }) {
      const found = yield* (yield* invites).get(invite)
      // To strangers each is as good as none.
      if (found === undefined) return yield* noInvite()
      const membership = yield* store.membership(Conversation.group(found.group), user)
      if (membership === undefined) return yield* noInvite()
      if (!isManager(membership.role)) return yield* onlyManagers()
      yield* (yield* invites).revoke(invite)
      return { type: "invite" as const, ...inviteFields({ ...found, usesLeft: 0 }) }
    }),

    invites: Effect.fnUntraced(function*({ group }, { user }) {
      yield* mayManage(group, user)
      const all = yield* (yield* invites).list(group, yield* Clock.currentTimeMillis)
      return { type: "invites" as const, group, invites: all.map(inviteFields) }
    })
  }
})
