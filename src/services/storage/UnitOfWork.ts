/** What a store lends to the rules of a commit. */
import type { BlockSpan } from "../../domain/blockSpans.ts"
import type { Roster } from "../../domain/groupRules.ts"
import type { ClientId, ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import type { CommitFiles } from "./fileRules.ts"
import type { CommitGroups } from "./groupCommit.ts"
import type { CommitReaders } from "./preferenceRules.ts"
import type { ConversationRow, EntryRow, MemberRow } from "./Rows.ts"

/** The rows that a batch may touch, as they are at this point of the batch. */
export interface UnitOfWork {
  readonly files: CommitFiles
  readonly groups: CommitGroups
  readonly conversation: (id: ConversationId) => ConversationRow | undefined
  readonly putConversation: (row: ConversationRow) => void
  readonly entry: (conversation: ConversationId, seq: number) => EntryRow | undefined
  readonly entryOf: (sender: UserId, clientId: ClientId) => EntryRow | undefined
  readonly addEntry: (row: EntryRow) => void
  readonly changeEntry: (row: EntryRow) => void
  /** The edits of a deleted text lose their texts. */
  readonly clearEdits: (conversation: ConversationId, target: number) => void
  readonly member: (conversation: ConversationId, user: UserId) => MemberRow | undefined
  readonly putMember: (row: MemberRow) => void
  /** Only the cursors have moved. Others may change the rest of the row at the same time. */
  readonly moveCursors: (row: MemberRow) => void
  /** How many are in a group now, and how many of them own it. */
  readonly roster: (conversation: ConversationId) => Pick<Roster, "size" | "owners">
  /** The last entry in which `user` gave or took back this reaction. */
  readonly reaction: (conversation: ConversationId, target: number, user: UserId, emoji: string) => EntryRow | undefined
  /** When `user` had `other` blocked. */
  readonly blocks: (user: UserId, other: UserId) => ReadonlyArray<BlockSpan>
  readonly readers: CommitReaders
  readonly moveDevice: (user: UserId, device: DeviceId, conversation: ConversationId, upTo: number) => void
}
