/** What commits read and change of a group beside its members, said once for all stores. */
import { defined } from "../../domain/defined.ts"
import type { GroupChange } from "../../domain/entries/Group.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { noInvite } from "../../domain/groupRules.ts"
import { type ConversationId, type FileId, type Invite, system, type UserId } from "../../domain/Ids.ts"
import type { CommitFiles } from "./fileRules.ts"
import type { StoredGroupBan } from "./GroupState.ts"
import type { Append } from "./MessageStore.ts"
import { pictureRefusal, pictureSeq } from "./pictures.ts"

export interface DetailsRow {
  readonly conversation: ConversationId
  readonly description: string | null
  readonly avatar: FileId | null
}

export interface BanRow {
  readonly conversation: ConversationId
  readonly user_id: UserId
  readonly reason: string | null
  readonly at: number
}

export interface InviteRow {
  readonly invite: Invite
  readonly conversation: ConversationId
  readonly created_at: number
  readonly expires_at: number | null
  /** 0 once it is revoked, too. */
  readonly uses_left: number | null
}

/** The rows of groups that a batch may touch, as they are at this point of the batch. */
export interface CommitGroups {
  readonly details: (conversation: ConversationId) => DetailsRow | undefined
  readonly putDetails: (row: DetailsRow) => void
  readonly isBanned: (conversation: ConversationId, user: UserId) => boolean
  readonly bans: (conversation: ConversationId) => number
  readonly ban: (row: BanRow) => void
  readonly unban: (conversation: ConversationId, user: UserId) => void
  readonly invite: (invite: Invite) => InviteRow | undefined
  /** It has let somebody in. */
  readonly spend: (invite: Invite) => void
}

export const banOf = (user: UserId, reason: string | null, left: number | null): StoredGroupBan => ({
  user,
  ...defined({ reason: reason ?? undefined, left: left ?? undefined })
})

type Changing = Extract<Append, { readonly kind: "group" }>

export const isGood = ({ expires_at, uses_left }: InviteRow, at: number): boolean =>
  (expires_at === null || at < expires_at) && (uses_left === null || uses_left > 0)

/** Whether the invitation lets somebody into this group at this time. */
export const inviteRefusal = (groups: CommitGroups, { at, conversation, invite }: Changing): ChatError | undefined => {
  const row = invite === undefined ? undefined : groups.invite(invite)
  return row !== undefined && row.conversation === conversation && isGood(row, at) ? undefined : noInvite()
}

/** A picture is a file of whoever sets it; the operator may take anybody's. */
export const avatarRefusal = (files: CommitFiles, { change, sender }: Changing): ChatError | undefined => {
  if (change.action !== "described" || change.avatar === undefined || change.avatar === "") return undefined
  const file = files.get(change.avatar as FileId)
  return pictureRefusal(file, sender === system && file !== undefined ? file.owner : sender)
}

/** Its frame has been checked, so what is given is a `T`. */
const given = <T extends string>(before: T | null, next: string | undefined): T | null =>
  next === undefined ? before : next === "" ? null : next as T

const describe = (
  { files, groups }: { readonly files: CommitFiles; readonly groups: CommitGroups },
  conversation: ConversationId,
  { avatar, description }: Extract<GroupChange, { readonly action: "described" }>
): void => {
  if (avatar === undefined && description === undefined) return
  const before = groups.details(conversation) ?? { conversation, description: null, avatar: null }
  const after = {
    conversation,
    description: given(before.description, description),
    avatar: given<FileId>(before.avatar, avatar)
  }
  if (after.avatar !== before.avatar) {
    if (before.avatar !== null) files.drop(before.avatar, conversation, pictureSeq)
    if (after.avatar !== null) files.use(after.avatar, conversation, pictureSeq)
  }
  groups.putDetails(after)
}

/** What a change does to the group beside its members. */
export const applyToGroup = (
  work: { readonly files: CommitFiles; readonly groups: CommitGroups },
  { at, change, conversation, invite }: Changing
): void => {
  switch (change.action) {
    case "described":
      return describe(work, conversation, change)
    case "members_banned":
      for (const user of change.members) {
        work.groups.ban({ conversation, user_id: user, reason: change.reason ?? null, at })
      }
      return
    case "members_unbanned":
      for (const user of change.members) work.groups.unban(conversation, user)
      return
    case "joined":
      if (invite !== undefined) work.groups.spend(invite)
  }
}
