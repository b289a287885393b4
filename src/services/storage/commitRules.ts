/**
 * What a commit does, said once for all stores: which appends and moves are good, and which rows they change. The
 * store lends the rows (`UnitOfWork`) and makes the changes durable, all or none.
 */
import { isWithheld, redact } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { Role } from "../../domain/entries/Group.ts"
import { aboutOf, rulesOf } from "../../domain/entries/index.ts"
import * as Errors from "../../domain/Errors.ts"
import { isManager, refusalOf } from "../../domain/groupRules.ts"
import { type ConversationId, system, type UserId } from "../../domain/Ids.ts"
import { askedFiles, filesIn, resolveFiles } from "./fileRules.ts"
import { applyToGroup, avatarRefusal, inviteRefusal } from "./groupCommit.ts"
import { checkMentions } from "./mentionRules.ts"
import type { Append, AppendResult } from "./MessageStore.ts"
import {
  type ConversationRow,
  type EntryRow,
  entryRow,
  fingerprintOf,
  type MemberRow,
  sameContent,
  toEntry
} from "./Rows.ts"
import type { UnitOfWork } from "./UnitOfWork.ts"

const rejected = (error: Errors.ChatError) => ({ _tag: "Rejected" as const, error })

const noTarget = () => rejected(Errors.notFound("There is no such message; it may have been deleted."))
const noConversation = () => rejected(Errors.noConversation())

const newMember = (conversation: ConversationId, user: UserId, role: Role, joined: number): MemberRow => ({
  conversation,
  user_id: user,
  role,
  joined_seq: joined,
  left_seq: null,
  read_seq: joined - 1,
  shown_read_seq: null,
  delivered_seq: joined - 1
})

const conversationFor = (work: UnitOfWork, append: Append): ConversationRow | undefined => {
  const known = work.conversation(append.conversation)
  if (append.kind === "group" && append.conversation !== Conversation.group(append.group)) return undefined
  if (known !== undefined) return known
  const row = {
    id: append.conversation,
    head_seq: 0,
    first_seq: 1,
    vacant: 0 as const,
    history: null,
    version: 0,
    last_seq: 0,
    last_at: 0,
    head_epoch: null,
    head_offset: null
  }
  if (append.kind === "group") {
    const { change } = append
    if (change.action !== "created") return undefined
    return { ...row, kind: "group", name: change.name, history: change.history ?? null }
  }
  const parsed = Conversation.parse(append.conversation)
  return parsed?.kind === "direct" ? { ...row, kind: "direct", name: null } : undefined
}

/** Who is in already keeps their role and what they may see. */
const addMember = (work: UnitOfWork, row: MemberRow): void => {
  const known = work.member(row.conversation, row.user_id)
  if (known === undefined || known.left_seq !== null) work.putMember(row)
}

/** Where everything may be seen, the membership begins before the first entry; the cursors begin here all the same. */
const newcomer = (work: UnitOfWork, conversation: ConversationId, user: UserId, seq: number): MemberRow => {
  const member = newMember(conversation, user, "member", seq)
  return work.conversation(conversation)?.history === "all" ? { ...member, joined_seq: 1 } : member
}

const roleIn = (work: UnitOfWork, conversation: ConversationId, user: UserId): Role | undefined => {
  const member = work.member(conversation, user)
  return member?.left_seq === null ? member.role : undefined
}

/** Asked here too, not only by the GroupActor: this is the place in the log that counts. */
const checkMember = (work: UnitOfWork, row: ConversationRow, append: Append) => {
  if (row.kind !== "group" || row.head_seq === 0) return undefined
  const { sender } = append
  const joins = append.kind === "group" && append.change.action === "joined"
  const member = work.member(row.id, sender)
  if (!joins) {
    if (member === undefined && sender !== system) return noConversation()
    if (member !== undefined && member.left_seq !== null) return rejected(Errors.notInGroup())
  }
  if (append.kind !== "group") return undefined
  const roster = {
    ...work.roster(row.id),
    roleOf: (user: UserId) => roleIn(work, row.id, user),
    isBanned: (user: UserId) => work.groups.isBanned(row.id, user),
    bans: work.groups.bans(row.id)
  }
  const refusal = refusalOf(append.change, sender, roster, append.maxMembers ?? Number.POSITIVE_INFINITY) ??
    (joins ? inviteRefusal(work.groups, append) : undefined) ?? avatarRefusal(work.files, append)
  return refusal === undefined ? undefined : rejected(refusal)
}

const addDirectMembers = (work: UnitOfWork, id: ConversationId, seq: number): void => {
  const parsed = Conversation.parse(id)
  if (parsed?.kind !== "direct") return
  for (const user of parsed.users) addMember(work, newMember(id, user, "member", seq))
}

/** Whether somebody sees this text: not what was said before they came, nor what a block keeps from them. */
const sees = (work: UnitOfWork, user: UserId, row: EntryRow): boolean => {
  const from = work.member(row.conversation, user)?.joined_seq
  if (from === undefined || row.seq < from) return false
  if (row.sender === user) return true
  const blocks = work.blocks(user, row.sender)
  const shown = redact({ withholds: (said) => isWithheld(blocks, said) }, toEntry(row))
  return shown.kind === "text" && shown.deleted !== true
}

/** The error that a target causes, if any. What its sender does not see is not there. */
const checkTarget = (work: UnitOfWork, append: Append) => {
  const seq = aboutOf(append)
  if (seq === undefined) return undefined
  const target = work.entry(append.conversation, seq)
  if (target === undefined || target.kind !== "text" || target.flag === 1) return noTarget()
  if (append.sender === system) return undefined
  if (!sees(work, append.sender, target)) return noTarget()
  if ((append.kind !== "edit" && append.kind !== "delete") || target.sender === append.sender) return undefined
  // Whoever looks after a group may take out of it what others say, and changes nobody's words.
  const manages = Conversation.isGroup(append.conversation) &&
    isManager(roleIn(work, append.conversation, append.sender))
  return append.kind === "delete" && manages
    ? undefined
    : rejected(Errors.forbidden("Only its sender can change this message."))
}

/** A reaction that is as it is asked to be already is not another entry. */
const settledReaction = (work: UnitOfWork, append: Append): AppendResult | undefined => {
  if (append.kind !== "reaction") return undefined
  const last = work.reaction(append.conversation, append.target, append.sender, append.emoji)
  if (last === undefined) {
    return append.remove ? rejected(Errors.notFound("You have no such reaction there; nothing is removed.")) : undefined
  }
  if ((last.flag === 1) !== append.remove) return undefined
  return { _tag: "Accepted", seq: last.seq, messageId: last.message_id, at: last.at, duplicate: true }
}

const applyToTarget = (work: UnitOfWork, append: Append): void => {
  if (append.kind !== "edit" && append.kind !== "delete") return
  const target = work.entry(append.conversation, append.target)!
  const original = target.client_id === null ? target.original : fingerprintOf(target)
  if (append.kind === "edit") {
    const data = append.data ?? target.data
    work.changeEntry({ ...target, body: append.text, edited_at: append.at, original, data })
  } else {
    work.changeEntry({ ...target, body: null, attachments: null, mentions: null, data: null, flag: 1, original })
    for (const file of filesIn(target.attachments)) work.files.drop(file, target.conversation, target.seq)
    work.clearEdits(append.conversation, append.target)
  }
}

const applyToMembers = (work: UnitOfWork, append: Append, seq: number): void => {
  if (append.kind !== "group") return
  const { change, conversation, sender } = append
  applyToGroup(work, append)
  const end = (user: UserId) => {
    const member = work.member(conversation, user)
    if (member?.left_seq === null) work.putMember({ ...member, left_seq: seq })
  }
  switch (change.action) {
    case "created":
      for (const { role, user } of change.members) addMember(work, newMember(conversation, user, role, seq))
      return
    case "members_added":
      for (const user of change.members) addMember(work, newcomer(work, conversation, user, seq))
      return
    case "joined":
      return addMember(work, newcomer(work, conversation, sender, seq))
    case "members_removed":
    case "members_banned":
      return change.members.forEach(end)
    case "left":
      return end(sender)
    case "role_set": {
      const member = work.member(conversation, change.user)
      if (member?.left_seq === null) work.putMember({ ...member, role: change.role })
      return
    }
    case "described":
    case "renamed": {
      const row = work.conversation(conversation)
      if (row !== undefined && change.name !== undefined) work.putConversation({ ...row, name: change.name })
    }
  }
}

export const applyAppend = (work: UnitOfWork, append: Append): AppendResult => {
  const { at, clientId, conversation, messageId, sender } = append
  if (clientId !== undefined) {
    const first = work.entryOf(sender, clientId)
    if (first !== undefined) {
      return sameContent(first, append)
        ? { _tag: "Accepted", seq: first.seq, messageId: first.message_id, at: first.at, duplicate: true }
        : rejected(Errors.idConflict("This id was used for something else; give each message an id of its own."))
    }
  }
  if (append.kind === "group" && append.refusal !== undefined) return rejected(append.refusal)
  if (sender === system && append.kind !== "delete" && append.kind !== "group") return noConversation()
  const row = conversationFor(work, append)
  if (row === undefined) return noConversation()
  if (append.mayNotBegin !== undefined && row.kind === "direct" && row.head_seq === 0) {
    return rejected(append.mayNotBegin)
  }
  if (append.kind === "group" && append.change.action === "created" && row.head_seq > 0) {
    return rejected(Errors.idConflict("This group is there already; create one under another id."))
  }
  const answer = checkMember(work, row, append) ?? checkTarget(work, append) ??
    checkMentions(row, append, (user) => roleIn(work, row.id, user)) ?? settledReaction(work, append)
  if (answer !== undefined) return answer
  const files = resolveFiles(work.files, append)
  if (files?._tag === "Rejected") return files
  const seq = row.head_seq + 1
  const version = append.kind === "group" ? row.version + 1 : row.version
  const last = rulesOf(append.kind).isNews
    ? { last_seq: seq, last_at: Math.max(row.last_at, at) }
    : undefined
  work.putConversation({ ...row, head_seq: seq, vacant: 0, version, ...last })
  if (seq === 1 || row.vacant === 1) addDirectMembers(work, conversation, seq)
  applyToTarget(work, append)
  work.addEntry(entryRow(append, seq, files?.attachments))
  applyToMembers(work, append, seq)
  const accepted = row.kind === "group"
    ? { _tag: "Accepted" as const, seq, messageId, at, duplicate: false, version }
    : { _tag: "Accepted" as const, seq, messageId, at, duplicate: false }
  if (files === undefined) return accepted
  for (const { file } of askedFiles(append)) work.files.use(file, conversation, seq)
  return { ...accepted, attachments: files.attachments }
}
