/** What a user's conversations look like in a list, from the tables in memory. */
import { Effect } from "effect"
import { isWithheld } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { isMentioned } from "../../domain/entries/Mentions.ts"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import type { Place } from "../../domain/ListCursor.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import { mentionedIn } from "./mentionRules.ts"
import type { Behind, BehindPage, MemberPosition, MessageStore } from "./MessageStore.ts"
import { columnsOf, shownRead } from "./preferenceRules.ts"
import { type BlockedAt, positionOf, summaryOf } from "./readRules.ts"
import { Latest, recentOf, type RecentOptions } from "./recent.ts"
import { type MemberRow, toEntry } from "./Rows.ts"
import { countedFrom, type ListOptions, type ListPage, manyFrom, maxCounted, maxUnread } from "./unread.ts"

/** Memberships looked at in one step. */
const look = 1_024

/** How much is unread, and how much of it mentions the user, who may be mentioned by what is past the last counted. */
const counts = (tables: MemoryTables, row: MemberRow, from: number, head: number) => {
  let unread = 0
  let mentions = 0
  for (let seq = from; seq <= head; seq++) {
    const entry = tables.entry(row.conversation, seq)
    if (entry === undefined || entry.kind !== "text" || entry.flag === 1 || entry.sender === row.user_id) continue
    const isMeant = mentions < maxUnread && entry.mentions !== null &&
      isMentioned({ sender: entry.sender, mentions: mentionedIn(entry.mentions) }, row.user_id)
    if (unread === maxUnread && !isMeant) continue
    if (isWithheld(tables.spansWith(row.user_id, entry.sender), entry)) continue
    if (unread < maxUnread) unread++
    if (isMeant) mentions++
  }
  return { unread, mentions }
}

export const memoryLists = (tables: MemoryTables) => {
  /** As long as there is not too much to count; the rest is for the next page. */
  const page = ({ after, device, limit, user }: ListOptions): ListPage => {
    const items: Array<ConversationSummary> = []
    let looked = 0
    let from = after
    while (true) {
      const rows = tables.membershipsAfter(user, from, look)
      for (const row of rows) {
        if (row.left_seq !== null) continue
        const { first_seq, head_seq } = tables.conversation(row.conversation)!
        const first = countedFrom({ ...row, first_seq, head_seq })
        looked += manyFrom(first, row.read_seq, head_seq)
        if (items.length === limit || (looked > maxCounted && items.length > 0)) return { items, hasMore: true }
        items.push(summary(row, device, first))
      }
      if (rows.length < look) return { items, hasMore: false }
      from = rows.at(-1)!.conversation
    }
  }

  const recentPage = ({ device, limit, user }: RecentOptions, places: ReadonlyArray<Place>): ListPage => {
    const items: Array<ConversationSummary> = []
    let looked = 0
    for (const { at, conversation } of places.slice(0, limit)) {
      const row = tables.member(conversation, user)
      // They may have left between two steps.
      if (row === undefined || row.left_seq !== null) continue
      const { first_seq, head_seq, last_seq } = tables.conversation(conversation)!
      const first = countedFrom({ ...row, first_seq, head_seq })
      looked += manyFrom(first, row.read_seq, head_seq)
      if (looked > maxCounted && items.length > 0) return { items, hasMore: true }
      const last = last_seq >= row.joined_seq ? tables.entry(conversation, last_seq) : undefined
      items.push(recentOf(summary(row, device, first), at, last && toEntry(last)))
    }
    return { items, hasMore: places.length > limit }
  }

  const summary = (row: MemberRow, device: DeviceId, first: number): ConversationSummary => {
    const { first_seq, head_seq, kind, last_seq, name } = tables.conversation(row.conversation)!
    const parsed = Conversation.parse(row.conversation)
    const peer = parsed?.kind === "direct" ? Conversation.peerOf(parsed.users, row.user_id) : undefined
    const other = peer === undefined ? undefined : tables.member(row.conversation, peer)
    return summaryOf({
      avatar: tables.groups.details(row.conversation)?.avatar ?? null,
      ...row,
      ...blockedAt(peer ?? row.user_id, row.user_id),
      ...columnsOf(tables.preferences.of(row.user_id, row.conversation), last_seq),
      kind,
      name,
      head_seq,
      first_seq,
      received: Math.max(tables.devices.received(row.user_id, device, row.conversation), row.joined_seq - 1),
      ...counts(tables, row, first, head_seq),
      peer_delivered: other?.delivered_seq ?? null,
      peer_read: other === undefined ? null : shownRead(other)
    }, row.user_id)
  }

  const blockedAt = (user: UserId, reader: UserId): BlockedAt => {
    const held = tables.blockOf(user, reader)?.mine
    const seen = tables.blockOf(reader, user)?.theirs
    return {
      held_delivered: held?.delivered ?? null,
      held_read: held?.read ?? null,
      seen_delivered: seen?.delivered ?? null,
      seen_read: seen?.read ?? null
    }
  }

  /** As `reader` may know it. */
  const positionFor = (reader: UserId) => (member: MemberRow): MemberPosition =>
    positionOf({
      ...member,
      read_seq: member.user_id === reader ? member.read_seq : shownRead(member),
      ...blockedAt(member.user_id, reader)
    }, Conversation.isGroup(member.conversation))

  const recent = (options: RecentOptions) =>
    Effect.gen(function*() {
      const latest = new Latest(options)
      let after: ConversationId | undefined
      while (true) {
        const rows = tables.membershipsAfter(options.user, after, look)
        latest.add(rows.flatMap(({ conversation, left_seq }) =>
          left_seq === null ? [{ at: tables.conversation(conversation)!.last_at, conversation }] : []
        ))
        if (rows.length < look) {
          return recentPage(options, latest.places)
        }
        after = rows.at(-1)!.conversation
        yield* ActorScheduler.nextTurn
      }
    })

  return { behind: (options: BehindOptions) => behind(tables, options), page, positionFor, recent }
}

type BehindOptions = Parameters<MessageStore["Service"]["behind"]>[0]

const behind = (tables: MemoryTables, { after, device, limit, user }: BehindOptions): BehindPage => {
  const items: Array<Behind> = []
  const rows = tables.membershipsAfter(user, after, look)
  for (const row of rows) {
    const { conversation } = row
    if (row.left_seq !== null) continue
    const { first_seq, head_seq: head } = tables.conversation(conversation)!
    const floor = Math.max(first_seq, row.joined_seq) - 1
    const received = Math.max(tables.devices.received(user, device, conversation), floor)
    if (received < head) items.push({ conversation, received, head })
    if (items.length === limit) return { items, next: conversation }
  }
  return rows.length < look ? { items } : { items, next: rows.at(-1)!.conversation }
}
