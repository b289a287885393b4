/**
 * The members of a group as this server knows them for delivering, moved along its log entry by entry. The group's version
 * tells when they are others than it knows.
 */
import type { GroupChange, GroupHistory } from "../../domain/entries/Group.ts"
import type { Entry } from "../../domain/entries/index.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { GroupState } from "../storage/GroupState.ts"

/** Who hears of an entry. */
export interface Hearers {
  /** The same list for as long as the members are the same. */
  readonly users: ReadonlyArray<UserId>
  /** They hear of this entry and of none after it. */
  readonly removed?: ReadonlyArray<UserId>
}

/** Who is taken out by this change, if they are in. */
const takenOut = ({ change, sender }: { readonly change: GroupChange; readonly sender: UserId }) =>
  change.action === "members_removed" || change.action === "members_banned"
    ? change.members
    : change.action === "left"
    ? [sender]
    : []

export class GroupView {
  /** The first entry that each may see. */
  readonly #members: Map<UserId, number>
  #users: ReadonlyArray<UserId>
  /** From here on each of them may see everything. */
  #allFrom: number
  #history: GroupHistory
  #headSeq: number
  #version: number
  /** Where those left who are banned, or went lately: whoever else a ban names was not in, and hears nothing of it. */
  readonly #left: ReadonlyMap<UserId, number | undefined>

  constructor({ banned = [], gone = [], headSeq, history, members, version }: GroupState) {
    this.#left = new Map([...banned, ...gone].map(({ left, user }) => [user, left]))
    this.#members = new Map(members.map(({ firstVisible, user }) => [user, firstVisible]))
    this.#users = Array.from(this.#members.keys())
    this.#allFrom = Math.max(0, ...this.#members.values())
    this.#history = history
    this.#headSeq = headSeq
    this.#version = version
  }

  /** The last entry that it knows of. */
  get headSeq(): number {
    return this.#headSeq
  }

  get version(): number {
    return this.#version
  }

  /**
   * Who hears this entry, `version` being the group's with it; `undefined` when this view cannot say, and the group has to
   * be read again. Entries come in the order of the log; some may be left out as long as the versions are told.
   */
  audience(entry: Entry, version: number | undefined): Hearers | undefined {
    const { seq } = entry
    if (seq <= this.#headSeq) return this.#earlier(entry)
    const next = entry.kind === "group" ? this.#version + 1 : this.#version
    // What was left out may have changed the group, and so may an erasure, which is not in the journal.
    if (version === undefined ? seq > this.#headSeq + 1 : version !== next) return undefined
    this.#headSeq = seq
    this.#version = next
    const removed = entry.kind === "group" ? this.#apply(entry.change, entry.sender, seq) : []
    return removed.length === 0 ? { users: this.#users } : { users: this.#users, removed }
  }

  /** The group was read when this entry was written already; some who could see it then may be gone, or in again. */
  #earlier(entry: Entry): Hearers {
    const { seq } = entry
    const users = seq >= this.#allFrom
      ? this.#users
      : this.#users.filter((user) => this.#members.get(user)! <= seq)
    if (entry.kind !== "group") return { users }
    const isBan = entry.change.action === "members_banned"
    const removed = takenOut(entry).filter((user) =>
      !this.#members.has(user) && (!isBan || this.#left.get(user) === seq)
    )
    return removed.length === 0 ? { users } : { users, removed }
  }

  /** As the store does (`commitRules.ts`). Returns who went by it. */
  #apply(change: GroupChange, sender: UserId, seq: number): ReadonlyArray<UserId> {
    switch (change.action) {
      case "created":
        this.#history = change.history ?? "joined"
        this.#add(change.members.map(({ user }) => user), seq)
        return []
      case "members_added":
        this.#add(change.members, this.#history === "all" ? 1 : seq)
        return []
      case "joined":
        this.#add([sender], this.#history === "all" ? 1 : seq)
        return []
      case "members_removed":
      case "members_banned":
      case "left": {
        const removed = takenOut({ change, sender }).filter((user) => this.#members.delete(user))
        if (removed.length > 0) this.#users = Array.from(this.#members.keys())
        return removed
      }
      case "role_set":
      case "renamed":
      case "described":
      case "members_unbanned":
        return []
    }
  }

  /** Who is in already keeps what they may see. */
  #add(users: ReadonlyArray<UserId>, from: number): void {
    const added = users.filter((user) => !this.#members.has(user))
    if (added.length === 0) return
    for (const user of added) this.#members.set(user, from)
    this.#users = Array.from(this.#members.keys())
    this.#allFrom = Math.max(this.#allFrom, from)
  }
}
