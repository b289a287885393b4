/**
 * The store of everything that must outlive a connection, as the rest of the server sees it. Bring your own by
 * providing this service; `messageStoreContract` is the suite that an implementation has to pass.
 */
import { Context, type Effect, Schema } from "effect"
import type { BlockSpan } from "../../domain/blockSpans.ts"
import type { Member } from "../../domain/entries/Group.ts"
import type { Entry } from "../../domain/entries/index.ts"
import type { ConversationId, DeviceId, GroupId, UserId } from "../../domain/Ids.ts"
import type { Place } from "../../domain/ListCursor.ts"
import type { ConversationSummary, Durability } from "../../domain/ServerFrame.ts"
import type { Append, AppendResult, CursorMove, CursorResult } from "./Append.ts"
import type { GroupHead, GroupState } from "./GroupState.ts"
import type { BehindPage, Page } from "./Pages.ts"
import type { Stamp } from "./Position.ts"
import type { Ban, Erasure, LastSeen, MemberPosition, UserExport } from "./UserData.ts"

export type { Append, AppendResult, CursorMove, CursorResult } from "./Append.ts"
export type { GroupHead, GroupMember, GroupState } from "./GroupState.ts"
export type { Behind, BehindPage, Page } from "./Pages.ts"
export type { Ban, Erasure, LastSeen, MemberPosition, StoredMembership, UserExport } from "./UserData.ts"
import type { TrimOptions } from "./trimming.ts"

/**
 * The store could not do its work. Nothing of the failed call was kept.
 * `kind` tells what helps: `unavailable` waits for the store, `overloaded` tries again soon, `corrupt` needs a person.
 */
export class StoreError extends Schema.TaggedError<StoreError>()("StoreError", {
  kind: Schema.Literals(["unavailable", "overloaded", "corrupt"]),
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}

export interface Membership {
  readonly role: Member["role"]
  /** The first `seq` that this member may see. */
  readonly firstVisible: number
}

export class MessageStore extends Context.Service<MessageStore, {
  readonly durability: Durability

  /** Whether it keeps `mentions` and `data`, and counts unread mentions in lists; without it, it is asked for neither. */
  readonly keepsWords?: true

  /**
   * Commits all appends and cursor moves of a batch as one transaction, and answers each in order. An append that
   * breaks a rule is rejected alone; if the effect fails, nothing of the batch was kept. Sequence numbers are
   * contiguous from 1 in each conversation (P2). Rules:
   * - same sender and `clientId`, same content: the first one's place, `duplicate: true`; other content:
   *   `id_conflict` (P3); both also within one batch, for a text that was edited or deleted since, and for a sender who
   *   left the group since; for a week also for what `trim` removed, as far as the store outlives the process;
   * - an append that may not begin a conversation and would is rejected with what it says;
   * - an append with a `refusal` that is not such a retry is rejected with it;
   * - `edit`, `delete`: the target is a text entry that exists and is not deleted (`not_found`), of the same sender
   *   (`forbidden`); owners and admins of a group delete others' texts, too; a `reaction`'s or a reply's target exists and is not deleted (`not_found`);
   * - a target that its sender may not see, because they came later or had its author blocked, does not exist;
   * - a reaction that is there already is the first one's place, `duplicate: true`, and so is a removal of one that is
   *   removed; a removal of one that never was is `not_found`;
   * - `@system`, the operator, is in no conversation: it deletes any text, changes groups that somebody is in as an owner
   *   would, so that an owner stays, and everything else of it is `not_found`;
   * - edits change the target's text, and data if they have any; deletes remove both, and mentions, also from its edits;
   * - mentions are of present members (`invalid_target`), or `@all` of a group by its owners and admins (`forbidden`);
   * - to a group only its present members append: others are `not_found`, those who left are `not_a_member`; and they
   *   change only what their role allows at that place of the log (`groupRules.ts`);
   * - a group's `joined` needs an `invite` that is good, uses it once, and keeps those out whom the group has banned;
   * - a direct conversation and its members begin with the first append; a group begins with the change `created`,
   *   and later changes are applied to its members in log order; other appends to a group that was never created
   *   are `not_found`;
   * - of a user's named devices the last 100 that confirmed something are known, unless the store was told otherwise;
   * - a cursor beyond the head is `invalid_frame`, a user who is no member is `not_found`; going back is ignored.
   *
   * The server gives up a commit after 10 seconds and does not interrupt it at once: it waits for its end before it
   * makes another, but not for longer than 30 seconds once `check` succeeds again. Whatever is kept later is delivered
   * when the effect ends.
   *
   * A store with a `Journal` writes, where there is a fresh entry or a note, one row of it at the stamp's position in the
   * same transaction, and fails where that is taken or its epoch is not there any more; others take no notice of a stamp.
   */
  commit(
    appends: ReadonlyArray<Append>,
    moves: ReadonlyArray<CursorMove>,
    stamp?: Stamp
  ): Effect.Effect<
    { readonly appends: ReadonlyArray<AppendResult>; readonly moves: ReadonlyArray<CursorResult> },
    StoreError
  >

  /**
   * Entries in rising `seq`, contiguous: the `limit` ones just before `before`, or just after `after`. A deleted
   * text has no text. An unknown conversation is an empty page. Only entries from `from` on are visible.
   */
  history(options: {
    readonly conversation: ConversationId
    readonly limit: number
    readonly before?: number
    readonly after?: number
    readonly from?: number
  }): Effect.Effect<Page, StoreError>

  /**
   * The user's conversations in rising order of id, after `after`. `unread` counts texts by others that are not deleted
   * and were not said while the user had their sender blocked, up to 1,000 and among the newest 10,000 entries.
   * Where there is much to count, a page has fewer than `limit` and says that there are more.
   */
  conversations(options: {
    readonly user: UserId
    readonly device: DeviceId
    readonly after?: ConversationId
    readonly limit: number
  }): Effect.Effect<{ readonly items: ReadonlyArray<ConversationSummary>; readonly hasMore: boolean }, StoreError>

  /**
   * The user's conversations, the last spoken in first, before `before`; of those at the same time in falling order of id.
   * `last_message` is the last text or change of a group that the user may see, blocks aside, and `last_at` its time;
   * reactions, edits and deletes move nothing up. Nothing is missed or told twice that does not move between two pages.
   */
  recent(options: {
    readonly user: UserId
    readonly device: DeviceId
    readonly before?: Place
    readonly limit: number
  }): Effect.Effect<{ readonly items: ReadonlyArray<ConversationSummary>; readonly hasMore: boolean }, StoreError>

  /**
   * The conversations in which this device is behind the head, in rising order of id, after `after`. What the user
   * may not see is left out; a device that was never here is behind by everything its user may see.
   * One call looks at a bounded number of conversations: a page may be empty and have a `next`.
   */
  behind(options: {
    readonly user: UserId
    readonly device: DeviceId
    readonly after?: ConversationId
    readonly limit: number
  }): Effect.Effect<BehindPage, StoreError>

  /**
   * The user's present membership; `undefined` for strangers, unknown conversations, those who left, and whoever has an
   * erased name in a direct conversation until something is said in it again.
   */
  membership(conversation: ConversationId, user: UserId): Effect.Effect<Membership | undefined, StoreError>

  /** A group with its present members, as a `GroupActor` begins with it. */
  group(group: GroupId): Effect.Effect<GroupState | undefined, StoreError>

  /** What changes of a group, without its members. */
  groupHead(group: GroupId): Effect.Effect<GroupHead | undefined, StoreError>

  /** Whether the user was in this group once and is not any more. */
  wasMember(conversation: ConversationId, user: UserId): Effect.Effect<boolean, StoreError>

  /**
   * Where each present member stands, sorted by name, as `reader` may know it: of those with whom there is a block, in
   * either direction, only how far they were when it began, and in a group nothing.
   */
  positions(conversation: ConversationId, reader: UserId): Effect.Effect<ReadonlyArray<MemberPosition>, StoreError>

  /**
   * Begins or ends a block at `at`; one that is there already, or none, stays as it is. Answers with the spans of this
   * name, in rising order of time. How many are kept, and what becomes of the others, is the rule of `blockSpans`: 16 of
   * a name, then those with the shortest pause between them become one; and 4,000 of a user, then those that ended
   * longest ago are forgotten.
   */
  setBlock(
    user: UserId,
    blocked: UserId,
    on: boolean,
    at: number
  ): Effect.Effect<ReadonlyArray<BlockSpan>, StoreError>

  /** All blocks of the user, also those that are over, in rising order of name and time. */
  blocks(user: UserId): Effect.Effect<ReadonlyArray<BlockSpan>, StoreError>

  /**
   * Those of `others`, the user not among them, who may see something of the user and the other way round: they share a
   * conversation, and neither blocks the other. In no order. Works in bounded steps.
   */
  visibleTo(user: UserId, others: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<UserId>, StoreError>

  /** Those of `others` whom the user blocks, or who block the user. In no order. */
  blockedEitherWay(user: UserId, others: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<UserId>, StoreError>

  /** Notes when users were here last; what is earlier than what is known changes nothing. */
  putLastSeen(seen: ReadonlyArray<LastSeen>): Effect.Effect<void, StoreError>

  /**
   * The latest time that an entry bears, or the beginning or end of a block; `now` where none is later than that. Asked
   * once when a server starts, so that the times it gives never go back.
   */
  latest(now: number): Effect.Effect<number, StoreError>

  /** When these users were here last, as far as it is known. */
  lastSeen(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlyArray<LastSeen>, StoreError>

  /** Keeps a ban, in place of an earlier one of the same subject. */
  putBan(ban: Ban): Effect.Effect<void, StoreError>

  /** Returns whether there was one. */
  removeBan(subject: Pick<Ban, "kind" | "id">): Effect.Effect<boolean, StoreError>

  /** All bans, also those that have run out. */
  readonly bans: Effect.Effect<ReadonlyArray<Ban>, StoreError>

  /** Whether the store answers at this moment; readiness asks this. */
  readonly check: Effect.Effect<void, StoreError>

  /**
   * Removes entries older than `before` (milliseconds since the epoch) and, in each conversation, all but the last
   * `keep` entries. A conversation's `first_seq` moves with it; its head and its members stay.
   * Forgets named devices that were not used since `devicesBefore`, as far as the store outlives the process.
   * Works in bounded steps, so that it never holds up a commit for long. Returns how many entries went. A bound that is
   * no whole number, a negative `keep` or a time that has not passed is refused.
   */
  trim(options: TrimOptions): Effect.Effect<number, StoreError>

  /** What is stored about a user, without entries; those are read by `ownEntries`, and what others said by `history`. */
  exportUser(user: UserId): Effect.Effect<UserExport, StoreError>

  /**
   * The first `limit` entries after `after` that the user made, also before they left and came again, in rising `seq`;
   * nothing of an erased user who had the name before.
   */
  ownEntries(options: {
    readonly user: UserId
    readonly conversation: ConversationId
    readonly after: number
    readonly limit: number
  }): Effect.Effect<ReadonlyArray<Entry>, StoreError>

  /**
   * Removes a user: their texts become deleted and their reactions taken back (places stay), their client ids, cursors,
   * blocks and memberships go. Their groups' logs say that they left; the last owner's group goes to the admin, else the
   * member, who is in longest. Blocks that others hold against the name stay, and so do bans. Whoever has the name next
   * begins behind it. `pause` is run between two steps. Returns how many entries lost their content.
   */
  eraseUser(user: UserId, pause?: Effect.Effect<void>): Effect.Effect<number, StoreError>

  /**
   * Erasures after that one, in rising order, at most 1,000; without `after` only the last. They may have been made by
   * another process, and a server has to let go of what it remembers.
   */
  erasures(after: number | undefined): Effect.Effect<ReadonlyArray<Erasure>, StoreError>
}>()("switchboard/services/storage/MessageStore") {}
