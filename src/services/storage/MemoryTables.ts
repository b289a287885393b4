/** The tables of the memory store. Keys are never joined into strings: a nested map costs no garbage per message. */
import * as Conversation from "../../domain/Conversation.ts"
import type { GroupChange } from "../../domain/entries/Group.ts"
import { rulesOf } from "../../domain/entries/index.ts"
import type { ClientId, ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import { applyAppend, type UnitOfWork } from "./commitRules.ts"
import { type Candidate, departures, joinedIn } from "./erasure.ts"
import { type BlockRow, MemoryBlocks, type Position } from "./MemoryBlocks.ts"
import { MemoryDevices } from "./MemoryDevices.ts"
import { MemoryErasures } from "./MemoryErasures.ts"
import type { Erasure } from "./MessageStore.ts"
import { type ConversationRow, type EntryRow, type MemberRow } from "./Rows.ts"
import { placeAfter } from "./sorted.ts"
import { SpentIds } from "./SpentIds.ts"
import type { KeptEvent } from "./Subscriptions.ts"
import type { StoredProfile } from "./UserData.ts"

interface Log {
  row: ConversationRow
  /** The entry `seq` stands at `seq - offset`. */
  entries: Array<EntryRow>
  offset: number
  readonly members: Map<UserId, MemberRow>
}

const inner = <K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> => {
  let found = map.get(key)
  if (found === undefined) map.set(key, found = new Map())
  return found
}

const noGroups: ReadonlySet<ConversationId> = new Set()

export class MemoryTables implements UnitOfWork {
  readonly #keep: number
  readonly #logs = new Map<ConversationId, Log>()
  readonly #byClientId = new Map<UserId, Map<ClientId, EntryRow>>()
  /** In rising order, so that a page costs a page. */
  readonly #conversationsOf = new Map<UserId, Array<ConversationId>>()
  readonly devices: MemoryDevices
  readonly #groupsOf = new Map<UserId, Set<ConversationId>>()
  readonly #blocks = new MemoryBlocks()
  /** The latest time that an entry or a block bears. */
  latest = 0
  readonly #erasures = new MemoryErasures()
  /** What is gone and may still be repeated. */
  readonly #spent = new SpentIds()
  readonly lastSeen = new Map<UserId, number>()
  readonly profiles = new Map<UserId, StoredProfile>()
  readonly subscriptionEvents = new Map<string, KeptEvent>()

  constructor(keep: number, maxDevices: number) {
    this.#keep = keep
    this.devices = new MemoryDevices(maxDevices)
  }

  *conversations(): Iterable<ConversationRow> {
    for (const { row } of this.#logs.values()) yield row
  }

  /** Whoever is in a conversation or was in a group. */
  members(): Iterable<UserId> {
    return this.#conversationsOf.keys()
  }

  conversation(id: ConversationId): ConversationRow | undefined {
    return this.#logs.get(id)?.row
  }

  *heads(): Iterable<{ readonly conversation: ConversationId; readonly head: number }> {
    for (const [conversation, { row }] of this.#logs) yield { conversation, head: row.head_seq }
  }

  putConversation(row: ConversationRow): void {
    const log = this.#logs.get(row.id)
    if (log === undefined) this.#logs.set(row.id, { row, entries: [], offset: 1, members: new Map() })
    else log.row = row
  }

  entry(conversation: ConversationId, seq: number): EntryRow | undefined {
    const log = this.#logs.get(conversation)
    return log?.entries[seq - log.offset]
  }

  entryOf(sender: UserId, clientId: ClientId): EntryRow | undefined {
    return this.#byClientId.get(sender)?.get(clientId) ?? this.#spent.of(sender, clientId)
  }

  addEntry(row: EntryRow): void {
    const log = this.#logs.get(row.conversation)!
    log.entries.push(row)
    if (row.at > this.latest) this.latest = row.at
    if (row.client_id !== null) inner(this.#byClientId, row.sender).set(row.client_id, row)
    // In steps, so that dropping the oldest costs each append next to nothing.
    if (log.entries.length > this.#keep + Math.max(16, this.#keep >> 2)) {
      this.#drop(log, log.entries.length - this.#keep)
    }
  }

  changeEntry(row: EntryRow): void {
    const log = this.#logs.get(row.conversation)!
    log.entries[row.seq - log.offset] = row
    if (row.client_id !== null) inner(this.#byClientId, row.sender).set(row.client_id, row)
  }

  clearEdits(conversation: ConversationId, target: number): void {
    for (const row of this.#logs.get(conversation)?.entries ?? []) {
      if (row.kind === "edit" && row.target === target) this.changeEntry({ ...row, body: null })
    }
  }

  member(conversation: ConversationId, user: UserId): MemberRow | undefined {
    return this.#logs.get(conversation)?.members.get(user)
  }

  putMember(row: MemberRow): void {
    const { members } = this.#logs.get(row.conversation)!
    const known = members.has(row.user_id)
    members.set(row.user_id, row)
    if (Conversation.isGroup(row.conversation)) this.#noteGroup(row)
    if (known) return
    const conversations = this.#conversationsOf.get(row.user_id)
    if (conversations === undefined) this.#conversationsOf.set(row.user_id, [row.conversation])
    else conversations.splice(placeAfter(conversations, row.conversation), 0, row.conversation)
  }

  moveCursors(row: MemberRow): void {
    this.#logs.get(row.conversation)!.members.set(row.user_id, row)
  }

  #noteGroup({ conversation, left_seq, user_id }: MemberRow): void {
    let groups = this.#groupsOf.get(user_id)
    if (groups === undefined) this.#groupsOf.set(user_id, groups = new Set())
    if (left_seq === null) groups.add(conversation)
    else groups.delete(conversation)
  }

  roster(conversation: ConversationId): { readonly size: number; readonly owners: number } {
    const present = this.membersOf(conversation).filter(({ left_seq }) => left_seq === null)
    return { size: present.length, owners: present.filter(({ role }) => role === "owner").length }
  }

  /** Looked for from the end: the log is short, and what one reacts to is new. */
  reaction(conversation: ConversationId, target: number, user: UserId, emoji: string): EntryRow | undefined {
    return this.#logs.get(conversation)?.entries.findLast((row) =>
      row.kind === "reaction" && row.target === target && row.sender === user && row.body === emoji
    )
  }

  blocks(user: UserId, other: UserId): ReadonlyArray<BlockRow> {
    return this.blocksOf(user).filter(({ blocked }) => blocked === other)
  }

  moveDevice(user: UserId, device: DeviceId, conversation: ConversationId, upTo: number): void {
    this.devices.move(user, device, conversation, upTo)
  }

  membershipsOf(user: UserId): Array<MemberRow> {
    return Array.from(this.#conversationsOf.get(user) ?? [], (id) => this.member(id, user)!)
  }

  /** At most `count` of them, in rising order of the conversation, after `after`. */
  membershipsAfter(user: UserId, after: ConversationId | undefined, count: number): ReadonlyArray<MemberRow> {
    const all = this.#conversationsOf.get(user) ?? []
    const from = after === undefined ? 0 : placeAfter(all, after)
    return all.slice(from, from + count).map((id) => this.member(id, user)!)
  }

  membersOf(conversation: ConversationId): Array<MemberRow> {
    return Array.from(this.#logs.get(conversation)?.members.values() ?? [])
  }

  /** The groups that the user is in now. */
  groupsOf(user: UserId): ReadonlySet<ConversationId> {
    return this.#groupsOf.get(user) ?? noGroups
  }

  setBlock(user: UserId, blocked: UserId, on: boolean, at: number): ReadonlyArray<BlockRow> {
    if (at > this.latest) this.latest = at
    const conversation = Conversation.direct(user, blocked)
    const positions = { mine: this.#position(conversation, user), theirs: this.#position(conversation, blocked) }
    return this.#blocks.set(user, { blocked, since: at, ...positions }, on)
  }

  /** All of the user, by name and time. */
  blocksOf(user: UserId): ReadonlyArray<BlockRow> {
    return this.#blocks.of(user)
  }

  spansWith(user: UserId, blocked: UserId): ReadonlyArray<BlockRow> {
    return this.#blocks.with(user, blocked)
  }

  /** The block that holds now. */
  blockOf(user: UserId, blocked: UserId): BlockRow | undefined {
    const last = this.spansWith(user, blocked).at(-1)
    return last?.until === undefined ? last : undefined
  }

  #position(conversation: ConversationId, user: UserId): Position {
    const member = this.member(conversation, user)
    return { delivered: member?.delivered_seq ?? 0, read: member?.read_seq ?? 0 }
  }

  trim(options: { readonly before?: number; readonly keep?: number }): number {
    let gone = 0
    if (options.before === undefined && options.keep === undefined) return gone
    for (const log of this.#logs.values()) {
      const surplus = options.keep === undefined ? 0 : Math.max(0, log.entries.length - options.keep)
      const young = log.entries.findIndex((row) => options.before === undefined || row.at >= options.before)
      const old = young === -1 ? log.entries.length : young
      gone += this.#drop(log, Math.max(surplus, old))
    }
    return gone
  }

  erase(user: UserId, at: number): number {
    let gone = 0
    for (const id of Array.from(this.#conversationsOf.get(user) ?? []).sort()) {
      const log = this.#logs.get(id)!
      for (const row of log.entries) {
        if (row.sender !== user) continue
        const { erasure } = rulesOf(row.kind)
        if (erasure !== "all" && row.body !== null) gone++
        this.changeEntry({
          ...row,
          body: erasure === "all" ? row.body : null,
          client_id: null,
          original: null,
          flag: erasure === "flagged" ? 1 : row.flag
        })
      }
      for (const append of departures(user, id, this.#candidates(log), at)) applyAppend(this, append)
      log.members.delete(user)
      log.row = log.row.kind === "direct"
        ? { ...log.row, vacant: 1 }
        : { ...log.row, version: log.row.version + 1 }
      this.#erasures.note(user, id, log.row.head_seq)
    }
    this.#conversationsOf.delete(user)
    this.#byClientId.delete(user)
    this.#spent.forget(user)
    this.devices.erase(user)
    this.#groupsOf.delete(user)
    this.#blocks.erase(user)
    this.lastSeen.delete(user)
    this.profiles.delete(user)
    for (const [key, event] of this.subscriptionEvents) if (event.user === user) this.subscriptionEvents.delete(key)
    this.#erasures.note(user, undefined, 0)
    return gone
  }

  /** Those after that one, in order. */
  erasures(after: number | undefined): ReadonlyArray<Erasure> {
    return this.#erasures.after(after)
  }

  ownEntries(user: UserId, id: ConversationId, after: number, limit: number): ReadonlyArray<EntryRow> {
    const from = Math.max(after, this.#erasures.endOf(user, id))
    return (this.#logs.get(id)?.entries ?? []).filter(({ sender, seq }) => sender === user && seq > from)
      .slice(0, limit)
  }

  #candidates({ entries, members, row }: Log): ReadonlyArray<Candidate> {
    const since = row.history !== "all" ? undefined : joinedIn(
      entries.flatMap(({ body, kind, seq }) =>
        kind === "group" ? [{ seq, change: JSON.parse(body ?? "{}") as GroupChange }] : []
      )
    )
    return Array.from(members.values()).filter(({ left_seq }) => left_seq === null)
      .map(({ joined_seq, role, user_id: user }) => ({ user, role, joined: since?.get(user) ?? joined_seq }))
  }

  #drop(log: Log, count: number): number {
    for (const row of log.entries.splice(0, count)) {
      if (row.client_id === null) continue
      this.#byClientId.get(row.sender)?.delete(row.client_id)
      this.#spent.add(row)
    }
    log.offset += count
    log.row = { ...log.row, first_seq: log.offset }
    return count
  }
}
