/** Reports to the server's operator, and invitations into groups. */
import { Schema } from "effect"
import { id, target } from "../entries/fields.ts"
import { Reason } from "../entries/Group.ts"
import { ConversationId, GroupId, Invite, Seq, Timestamp } from "../Ids.ts"

/** Tells the operator, and in a group its owners and admins, of a message. */
export const Report = Schema.Struct({
  type: Schema.Literal("report"),
  id,
  ...target,
  seq: Seq,
  reason: Schema.optionalKey(Reason)
})
export type Report = typeof Report.Type

export const Reported = Schema.Struct({
  type: Schema.Literal("reported"),
  id,
  conversation: ConversationId,
  seq: Seq
})
export type Reported = typeof Reported.Type

/** To owners and admins of a group: somebody has reported a message in it. Who, only the operator is told. */
export const MessageReported = Schema.Struct({
  type: Schema.Literal("message_reported"),
  conversation: ConversationId,
  seq: Seq,
  reason: Schema.optionalKey(Schema.String),
  at: Timestamp
})
export type MessageReported = typeof MessageReported.Type

/** By owners and admins. Ends at `expires_at`, or when it was used so often. */
export const CreateInvite = Schema.Struct({
  type: Schema.Literal("create_invite"),
  id,
  group: GroupId,
  expires_at: Schema.optionalKey(Timestamp),
  uses: Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))))
})
export type CreateInvite = typeof CreateInvite.Type

export const RevokeInvite = Schema.Struct({ type: Schema.Literal("revoke_invite"), id, invite: Invite })
export type RevokeInvite = typeof RevokeInvite.Type

/** Asks owners' and admins' question: which invitations into the group are good now? */
export const InvitesRequest = Schema.Struct({ type: Schema.Literal("invites"), id, group: GroupId })
export type InvitesRequest = typeof InvitesRequest.Type

/** Lets oneself in. */
export const Join = Schema.Struct({ type: Schema.Literal("join"), id, invite: Invite })
export type Join = typeof Join.Type

const invitation = {
  invite: Invite,
  group: GroupId,
  expires_at: Schema.optionalKey(Timestamp),
  uses_left: Schema.optionalKey(Schema.Int)
}

/** The answer to `create_invite` and `revoke_invite`; of one that is revoked, `uses_left` is 0. */
export const InviteInfo = Schema.Struct({ type: Schema.Literal("invite"), id, ...invitation })
export type InviteInfo = typeof InviteInfo.Type

export const InviteList = Schema.Struct({
  type: Schema.Literal("invites"),
  id,
  group: GroupId,
  invites: Schema.Array(Schema.Struct(invitation))
})
export type InviteList = typeof InviteList.Type
