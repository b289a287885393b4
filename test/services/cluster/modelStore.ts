/** The store of the model: logs, one group, and the journal of every epoch. Each function is one transaction. */
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { Entry, GroupChange, GroupHistory } from "../../../src/domain/Entry.ts"
import { type ConversationId, GroupId, type MessageId, UserId } from "../../../src/domain/Ids.ts"
import type { LogItem, Publication } from "../../../src/services/cluster/Positions.ts"
import type { GroupState } from "../../../src/services/storage/GroupState.ts"
import type { Epoch, Position } from "../../../src/services/storage/Journal.ts"

export const users = ["a", "b", "c", "d"].map((name) => UserId.make(name))
const [a, b, c, d] = users as [UserId, UserId, UserId, UserId]
export const tea = GroupId.make("tea")
export const group = Conversation.group(tea)
export const pairs: ReadonlyMap<ConversationId, ReadonlyArray<UserId>> = new Map([
  [Conversation.direct(a, b), [a, b]],
  [Conversation.direct(c, d), [c, d]]
])
export const conversations: ReadonlyArray<ConversationId> = [...pairs.keys(), group]

/** `entry` is missing where nobody needs it. */
export interface Item extends LogItem {
  readonly entry: Entry | undefined
  readonly version?: number
}
export type News = Publication<Item, number>

export interface Logged extends Item {
  readonly entry: Entry
  /** Written beside the journal, as an erasure does. */
  readonly isOutside: boolean
}

export interface Request {
  readonly conversation: ConversationId
  readonly sender: UserId
  readonly change?: GroupChange
}

/** A time in which somebody is in the group: what they may see, and what nobody may keep from them. */
export interface Span {
  readonly from: number
  readonly joined: number
  to: number
}

interface Row {
  readonly at: number
  readonly news: News
}

interface EpochRow {
  readonly rows: Array<Row>
  first: number
  ended: boolean
  /** When it gave its last sign of life; `undefined` while it gives them. */
  silentSince: number | undefined
}

export interface Read {
  readonly news: ReadonlyArray<News>
  readonly hasMore: boolean
  readonly first: ReadonlyMap<Epoch, number>
}

export class ModelStore {
  readonly logs = new Map<ConversationId, Array<Logged>>(conversations.map((id) => [id, []]))
  readonly history: GroupHistory
  /** The members of the group, with the first entry that they may see and the one with which they came in. */
  readonly members = new Map<UserId, Pick<Span, "from" | "joined">>(
    [a, b].map((user) => [user, { from: 1, joined: 1 }])
  )
  readonly #banned = new Set<UserId>()
  readonly spans = new Map<UserId, Array<Span>>(users.map((user) => [user, []]))
  readonly epochs = new Map<Epoch, EpochRow>()
  /** Commits of which nobody knows whether they happen. */
  readonly inDoubt: Array<{ readonly position: Position; readonly requests: ReadonlyArray<Request> }> = []
  /** Of each erasure, who was erased. */
  readonly erasures: Array<UserId> = []
  readonly notes: Array<{ readonly note: number; readonly at: number }> = []
  /** Rows are forgotten after so long. */
  readonly retention: number
  /** Planted: a commit does not ask whether its epoch is still there. */
  readonly isForgetful: boolean
  now = 0
  #version = 1
  readonly #heads = new Map<ConversationId, Position>()
  #nextEpoch = 0

  constructor(
    options: { readonly history: GroupHistory; readonly retention: number; readonly isForgetful: boolean }
  ) {
    this.history = options.history
    this.retention = options.retention
    this.isForgetful = options.isForgetful
    for (const user of this.members.keys()) this.spans.get(user)!.push({ from: 1, joined: 1, to: Infinity })
  }

  usersOf(conversation: ConversationId): ReadonlyArray<UserId> {
    return pairs.get(conversation) ?? Array.from(this.members.keys())
  }

  isIn(user: UserId, conversation: ConversationId): boolean {
    return conversation === group ? this.members.has(user) : pairs.get(conversation)!.includes(user)
  }

  joined(user: UserId, conversation: ConversationId): number {
    return conversation === group ? this.members.get(user)!.joined : 1
  }

  head(conversation: ConversationId): number {
    return this.logs.get(conversation)!.length
  }

  groupState(): GroupState {
    return {
      group: tea,
      conversation: group,
      name: "tea",
      history: this.history,
      headSeq: this.head(group),
      version: this.#version,
      members: Array.from(this.members, ([user, { from }]) => ({ user, role: "member", firstVisible: from })),
      banned: Array.from(this.#banned, (user) => {
        const left = this.spans.get(user)!.at(-1)?.to
        return left === undefined ? { user } : { user, left }
      })
    }
  }

  open(): Epoch {
    const epoch = ++this.#nextEpoch
    this.epochs.set(epoch, { rows: [], first: 1, ended: false, silentSince: undefined })
    return epoch
  }

  #dead({ epoch, offset }: Position): EpochRow {
    const row: EpochRow = { rows: [], first: offset, ended: true, silentSince: undefined }
    this.epochs.set(epoch, row)
    return row
  }

  /** What it told; nothing when there is nothing to tell, "gone" when the epoch is not there any more. */
  commit(position: Position, requests: ReadonlyArray<Request>, note?: number): News | "gone" | undefined {
    const epoch = this.epochs.get(position.epoch) ?? (this.isForgetful ? this.#dead(position) : undefined)
    if (epoch === undefined) return "gone"
    const items: Array<Item> = []
    for (const { change, conversation, sender } of requests) {
      if (change?.action !== "joined" && !this.isIn(sender, conversation)) continue
      if (change !== undefined && !this.#isGood(change, sender)) continue
      const before = this.#heads.get(conversation)
      const after = before !== undefined && this.epochs.has(before.epoch) ? before : undefined
      items.push(this.#append({ conversation, sender, change, after, isOutside: false }))
      this.#heads.set(conversation, position)
    }
    if (items.length === 0 && note === undefined) return undefined
    if (note !== undefined) this.notes.push({ note, at: this.now })
    const news = { ...position, prev: position.offset - 1, items, notes: note === undefined ? [] : [note] }
    epoch.rows.push({ at: this.now, news })
    epoch.rows.sort((one, other) => one.news.offset - other.news.offset)
    return news
  }

  /** As `switchboard erase` does: the log says it, the journal does not. */
  erase(user: UserId): void {
    this.#append({ conversation: group, sender: user, change: { action: "left" }, after: undefined, isOutside: true })
    this.#version++
    this.erasures.push(user)
  }

  since(known: ReadonlyMap<Epoch, number>, limit: number, except: (epoch: Epoch) => boolean): Read {
    const all: Array<News> = []
    for (const [epoch, { rows }] of this.epochs) {
      if (except(epoch)) continue
      const from = known.get(epoch) ?? 0
      for (const { news } of rows) if (news.offset > from) all.push(news)
    }
    return {
      news: all.slice(0, limit),
      hasMore: all.length > limit,
      first: new Map(Array.from(this.epochs, ([epoch, { first }]) => [epoch, first]))
    }
  }

  get positions(): ReadonlyMap<Epoch, number> {
    return new Map(
      Array.from(this.epochs, ([epoch, { first, rows }]) => [epoch, rows.at(-1)?.news.offset ?? first - 1])
    )
  }

  trim(): void {
    const before = this.now - this.retention
    for (const [epoch, row] of this.epochs) {
      while (row.rows.length > 0 && row.rows[0]!.at < before) row.first = row.rows.shift()!.news.offset + 1
      const isDead = row.ended || (row.silentSince ?? this.now) < before
      if (isDead && row.rows.length === 0) this.epochs.delete(epoch)
    }
  }

  #mayComeIn(user: UserId): boolean {
    return !this.members.has(user) && !this.#banned.has(user)
  }

  #isGood(change: GroupChange, sender: UserId): boolean {
    if (change.action === "members_added") return change.members.every((user) => this.#mayComeIn(user))
    if (change.action === "members_removed") return change.members.every((user) => this.members.has(user))
    if (change.action === "members_banned") return !change.members.includes(sender)
    if (change.action === "members_unbanned") return change.members.every((user) => this.#banned.has(user))
    return change.action !== "joined" || this.#mayComeIn(sender)
  }

  #append(
    { after, change, conversation, isOutside, sender }: Omit<Request, "change"> & {
      readonly change: GroupChange | undefined
      readonly after: Position | undefined
      readonly isOutside: boolean
    }
  ): Logged {
    const seq = this.head(conversation) + 1
    const place = { seq, sender, message_id: "" as MessageId, at: 0 }
    const entry: Entry = change === undefined
      ? { kind: "text", ...place, text: "" }
      : { kind: "group", ...place, group: tea, change }
    if (change !== undefined) this.#change(change, sender, seq)
    const logged: Logged = {
      conversation,
      seq,
      entry,
      isOutside,
      ...(after === undefined ? undefined : { after }),
      ...(conversation === group ? { version: this.#version } : undefined)
    }
    this.logs.get(conversation)!.push(logged)
    return logged
  }

  #change(change: GroupChange, sender: UserId, seq: number): void {
    this.#version++
    const come = change.action === "members_added" ? change.members : change.action === "joined" ? [sender] : []
    for (const user of come) {
      const from = this.history === "all" ? 1 : seq
      this.members.set(user, { from, joined: seq })
      this.spans.get(user)!.push({ from, joined: seq, to: Infinity })
    }
    if (change.action === "members_banned") { for (const user of change.members) this.#banned.add(user) }
    if (change.action === "members_unbanned") { for (const user of change.members) this.#banned.delete(user) }
    const taken = change.action === "members_removed" || change.action === "members_banned" ? change.members : []
    for (const user of change.action === "left" ? [sender] : taken) {
      if (!this.members.delete(user)) continue
      this.spans.get(user)!.at(-1)!.to = seq
    }
  }
}
