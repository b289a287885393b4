/** The tables of the memory store. Keys are never joined into strings: a nested map costs no garbage per message. */
import * as Conversation from "../../domain/Conversation.ts"
import { rulesOf } from "../../domain/entries/index.ts"
import type { ClientId, ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import { applyAppend } from "./commitRules.ts"
import { candidatesIn, departures, erased } from "./erasure.ts"
import { filesIn } from "./fileRules.ts"
import { type BlockRow, MemoryBlocks, type Position } from "./MemoryBlocks.ts"
import { MemoryDevices } from "./MemoryDevices.ts"
import { MemoryErasures } from "./MemoryErasures.ts"
import { MemoryFiles } from "./MemoryFiles.ts"
import { MemoryGroups } from "./MemoryGroups.ts"
import { MemoryMemberships } from "./MemoryMemberships.ts"
import { MemoryPreferences } from "./MemoryPreferences.ts"
import { MemoryProfiles } from "./MemoryProfiles.ts"
import { MemoryPushes } from "./MemoryPushes.ts"
import { MemoryReports } from "./MemoryReports.ts"
import type { Erasure } from "./MessageStore.ts"
import { shownRead } from "./preferenceRules.ts"
import { type ConversationRow, type EntryRow, type MemberRow } from "./Rows.ts"
import { placeAfter } from "./sorted.ts"
import { SpentIds } from "./SpentIds.ts"
import type { KeptEvent } from "./Subscriptions.ts"
import type { UnitOfWork } from "./UnitOfWork.ts"

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

export class MemoryTables implements UnitOfWork {
  readonly #keep: number
  readonly #logs = new Map<ConversationId, Log>()
  readonly #byClientId = new Map<UserId, Map<ClientId, EntryRow>>()
  readonly #memberships = new MemoryMemberships()
  readonly devices: MemoryDevices
  readonly files = new MemoryFiles()
  readonly preferences = new MemoryPreferences()
  readonly pushes = new MemoryPushes()
  readonly readers = this.preferences
  readonly groups = new MemoryGroups()
  readonly reports = new MemoryReports()
  readonly #blocks = new MemoryBlocks()
  /** The latest time that an entry or a block bears. */
  latest = 0
  readonly #erasures = new MemoryErasures()
  /** What is gone and may still be repeated. */
  readonly #spent = new SpentIds()
  readonly lastSeen = new Map<UserId, number>()
  readonly profiles = new MemoryProfiles(this.files)
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
    return this.#memberships.users()
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

  /** In rising order of their places. */
  entriesOf(conversation: ConversationId): ReadonlyArray<EntryRow> {
    return this.#logs.get(conversation)?.entries ?? []
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
      if (row.kind === "edit" && row.target === target) this.changeEntry({ ...row, body: null, data: null })
    }
  }

  member(conversation: ConversationId, user: UserId): MemberRow | undefined {
    return this.#logs.get(conversation)?.members.get(user)
  }

  putMember(row: MemberRow): void {
    const { members } = this.#logs.get(row.conversation)!
    const isNew = !members.has(row.user_id)
    members.set(row.user_id, row)
    this.#memberships.note(row, isNew)
  }

  moveCursors(row: MemberRow): void {
    this.#logs.get(row.conversation)!.members.set(row.user_id, row)
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
    return Array.from(this.#memberships.of(user), (id) => this.member(id, user)!)
  }

  /** At most `count` of them, in rising order of the conversation, after `after`. */
  membershipsAfter(user: UserId, after: ConversationId | undefined, count: number): ReadonlyArray<MemberRow> {
    const all = this.#memberships.of(user)
    const from = after === undefined ? 0 : placeAfter(all, after)
    return all.slice(from, from + count).map((id) => this.member(id, user)!)
  }

  membersOf(conversation: ConversationId): Array<MemberRow> {
    return Array.from(this.#logs.get(conversation)?.members.values() ?? [])
  }

  /** The groups that the user is in now. */
  groupsOf(user: UserId): ReadonlySet<ConversationId> {
    return this.#memberships.groupsOf(user)
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
    return { delivered: member?.delivered_seq ?? 0, read: member === undefined ? 0 : shownRead(member) }
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
    for (const id of Array.from(this.#memberships.of(user))) {
      const log = this.#logs.get(id)!
      for (const row of log.entries) {
        if (row.sender !== user) continue
        if (rulesOf(row.kind).erasure !== "all" && row.body !== null) gone++
        this.#dropFiles(row)
        this.changeEntry(erased(row))
      }
      for (const append of departures(user, id, candidatesIn(log.row, log.entries, log.members.values()), at)) {
        applyAppend(this, append)
      }
      log.members.delete(user)
      log.row = log.row.kind === "direct"
        ? { ...log.row, vacant: 1 }
        : { ...log.row, version: log.row.version + 1 }
      this.#erasures.note(user, id, log.row.head_seq)
    }
    this.files.erase(user)
    this.groups.dropAvatars((file) => this.files.get(file)?.state === "removing")
    this.reports.erase(user)
    this.#memberships.erase(user)
    this.#byClientId.delete(user)
    this.#spent.forget(user)
    this.devices.erase(user)
    this.#blocks.erase(user)
    this.lastSeen.delete(user)
    this.profiles.erase(user)
    this.preferences.erase(user)
    this.pushes.erase(user)
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

  #dropFiles({ attachments, conversation, seq }: EntryRow): void {
    for (const file of filesIn(attachments)) this.files.drop(file, conversation, seq)
  }

  #drop(log: Log, count: number): number {
    for (const row of log.entries.splice(0, count)) {
      this.#dropFiles(row)
      if (row.client_id === null) continue
      this.#byClientId.get(row.sender)?.delete(row.client_id)
      this.#spent.add(row)
    }
    log.offset += count
    this.reports.trim(log.row.id, log.offset)
    log.row = { ...log.row, first_seq: log.offset }
    return count
  }
}
