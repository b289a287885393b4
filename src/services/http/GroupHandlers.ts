/** What the admin API does with groups. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { ChatError } from "../../domain/Errors.ts"
import { GroupAdmin } from "../admin/GroupAdmin.ts"
import { Api } from "../api/Api.ts"
import { apiError, ofChatError, storeIsDown } from "../api/ApiError.ts"
import type { GroupState, StoreError } from "../storage/MessageStore.ts"

/** What the rules of groups do not allow is no question of rights here: the group is not as it would have to be. */
const failing = (error: ChatError | StoreError) =>
  error._tag === "StoreError"
    ? storeIsDown()
    : error.code === "forbidden"
    ? apiError(409, error.message)
    : ofChatError(error)

const infoOf = ({ conversation, group, headSeq, history, members, name }: GroupState) => ({
  group,
  conversation,
  name,
  members: members.map(({ role, user }) => ({ user, role })),
  head_seq: headSeq,
  history
})

const answered = Effect.mapBoth({ onFailure: failing, onSuccess: infoOf })

export const GroupHandlers = HttpApiBuilder.group(
  Api,
  "groups",
  Effect.fn(function*(handlers) {
    const groups = yield* GroupAdmin
    return handlers.handleAll({
      create: ({ payload }) => answered(groups.create(payload)),
      get: ({ params: { group } }) => answered(groups.get(group)),
      rename: ({ params: { group }, payload: { name } }) => answered(groups.rename(group, name)),
      remove: ({ params: { group } }) => Effect.mapError(groups.remove(group), failing),
      putMember: ({ params: { group, user }, payload }) => answered(groups.putMember(group, user, payload?.role)),
      removeMember: ({ params: { group, user } }) => answered(groups.removeMember(group, user))
    })
  })
)
