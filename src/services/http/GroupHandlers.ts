/** What the admin API does with groups. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { defined } from "../../domain/defined.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { GroupAdmin } from "../admin/GroupAdmin.ts"
import { InviteAdmin } from "../admin/InviteAdmin.ts"
import { Api } from "../api/Api.ts"
import { apiError, ofChatError, storeIsDown } from "../api/ApiError.ts"
import { inviteFields } from "../group/invitations.ts"
import type { GroupState, StoreError } from "../storage/MessageStore.ts"

/** What the rules of groups do not allow is no question of rights here: the group is not as it would have to be. */
const failing = (error: ChatError | StoreError) =>
  error._tag === "StoreError"
    ? storeIsDown()
    : error.code === "forbidden"
    ? apiError(409, error.message)
    : ofChatError(error)

const infoOf = (
  { avatar, banned, conversation, description, group, headSeq, history, members, name }: GroupState
) => ({
  group,
  conversation,
  name,
  members: members.map(({ role, user }) => ({ user, role })),
  head_seq: headSeq,
  history,
  ...defined({
    description,
    avatar,
    banned: banned?.map(({ reason, user }) => reason === undefined ? { user } : { user, reason })
  })
})

const answered = Effect.mapBoth({ onFailure: failing, onSuccess: infoOf })

export const GroupHandlers = HttpApiBuilder.group(
  Api,
  "groups",
  Effect.fn(function*(handlers) {
    const groups = yield* GroupAdmin
    const invites = yield* InviteAdmin
    return handlers.handleAll({
      create: ({ payload }) => answered(groups.create(payload)),
      get: ({ params: { group } }) => answered(groups.get(group)),
      rename: ({ params: { group }, payload }) =>
        Object.keys(payload).length === 1 && payload.name !== undefined
          ? answered(groups.rename(group, payload.name))
          : answered(groups.describe(group, payload)),
      ban: ({ params: { group, user }, payload }) => answered(groups.ban(group, user, payload?.reason)),
      unban: ({ params: { group, user } }) => answered(groups.unban(group, user)),
      invites: ({ params: { group } }) =>
        Effect.mapBoth(invites.list(group), {
          onFailure: failing,
          onSuccess: (all) => ({ invites: all.map(inviteFields) })
        }),
      invite: ({ params: { group }, payload }) =>
        Effect.mapBoth(invites.create(group, payload ?? {}), { onFailure: failing, onSuccess: inviteFields }),
      revokeInvite: ({ params: { group, invite } }) => Effect.mapError(invites.revoke(group, invite), failing),
      remove: ({ params: { group } }) => Effect.mapError(groups.remove(group), failing),
      putMember: ({ params: { group, user }, payload }) => answered(groups.putMember(group, user, payload?.role)),
      removeMember: ({ params: { group, user } }) => answered(groups.removeMember(group, user))
    })
  })
)
