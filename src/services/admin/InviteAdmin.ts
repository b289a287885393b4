/** Invitations into groups, as the operator makes and revokes them. */
import { Clock, Context, Effect, Layer } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import { noInvite } from "../../domain/groupRules.ts"
import type { GroupId, Invite } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { createInvite, invitesOf, type Terms } from "../group/invitations.ts"
import type { StoredInvite } from "../storage/Invites.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { GroupAdmin } from "./GroupAdmin.ts"

type Done<A> = Effect.Effect<A, ChatError | StoreError>

export class InviteAdmin extends Context.Service<InviteAdmin, {
  /** Those that are good now. */
  list(group: GroupId): Done<ReadonlyArray<StoredInvite>>
  create(group: GroupId, terms: Terms): Done<StoredInvite>
  /** `not_found` where the group has none of that name. */
  revoke(group: GroupId, invite: Invite): Done<void>
}>()("switchboard/services/admin/InviteAdmin") {
  static readonly layer = Layer.effect(
    InviteAdmin,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const groups = yield* GroupAdmin
      const invites = yield* invitesOf
      return InviteAdmin.of({
        list: Effect.fn("InviteAdmin.list")(function*(group) {
          yield* groups.get(group)
          return yield* (yield* invites).list(group, yield* Clock.currentTimeMillis)
        }),
        create: Effect.fn("InviteAdmin.create")(function*(group, terms) {
          yield* groups.get(group)
          const created = yield* createInvite(yield* invites, group, terms, yield* Clock.currentTimeMillis)
          yield* audit.record("Admin.invite_created", { group })
          return created
        }),
        revoke: Effect.fn("InviteAdmin.revoke")(function*(group, invite) {
          const found = yield* (yield* invites).get(invite)
          if (found?.group !== group) return yield* noInvite()
          yield* (yield* invites).revoke(invite)
          yield* audit.record("Admin.invite_revoked", { group })
        })
      })
    })
  )
}
