/**
 * Who is on which other server. Each server alone says who is on it, and numbers what it says, so what comes late, twice
 * or not at all does no harm: at most something has to be told once more, as a whole.
 */
import type { DeviceId, UserId } from "../../domain/Ids.ts"

/** One run of a server; who starts again is another. */
export type NodeId = string

/** How a user is on a server. */
export interface Attendance {
  readonly user: UserId
  readonly connections: number
  /** Their named devices there, and the order in which they came. */
  readonly devices?: Readonly<Record<DeviceId, number>>
}

/** A snapshot has at most so many chunks, and each of them so many users; others are ignored. */
export const maxParts = 1_000
export const maxPartUsers = 2_000

/** Most users have no named device: a number costs nothing beside its place in the map. */
type Known = number | Attendance

interface Snapshot {
  readonly version: number
  readonly parts: number
  readonly chunks: Map<number, ReadonlyArray<Attendance>>
}

interface Node {
  version: number
  users: Map<UserId, Known>
}

const knownOf = (attendance: Attendance): Known =>
  attendance.devices === undefined ? attendance.connections : attendance

const connectionsOf = (known: Known): number => typeof known === "number" ? known : known.connections

const devicesOf = (known: Known): Attendance["devices"] => typeof known === "number" ? undefined : known.devices

const isSameDevices = (a: Attendance["devices"] = {}, b: Attendance["devices"] = {}): boolean => {
  const [these, those] = [Object.entries(a), Object.entries(b)]
  // A device may be called `constructor`.
  return these.length === those.length &&
    these.every(([device, order]) => Object.hasOwn(b, device) && b[device as DeviceId] === order)
}

export const isSameAttendance = (a: Attendance | undefined, b: Attendance | undefined): boolean =>
  a === undefined || b === undefined
    ? a === b
    : a.connections === b.connections && isSameDevices(a.devices, b.devices)

/** Whether they have come, gone or changed devices; how many connections somebody has is nobody's news. */
const isOther = (before: Known | undefined, now: Known | undefined): boolean =>
  before === undefined || now === undefined
    ? before !== now
    : before !== now && !isSameDevices(devicesOf(before), devicesOf(now))

export class Roster {
  readonly #changed: (user: UserId) => void
  readonly #nodes = new Map<NodeId, Node>()
  /** Of each server the newest that has begun to come. */
  readonly #snapshots = new Map<NodeId, Snapshot>()

  /** `changed` hears, afterwards, of users who came, went or changed devices on another server; `drop` returns its own. */
  constructor({ changed }: { readonly changed: (user: UserId) => void }) {
    this.#changed = changed
  }

  /**
   * What changed on `node` between its versions `from` and `to`; a gap, and then it is not taken, when something before it
   * is missing: a snapshot is needed. What is old is ignored.
   */
  apply(
    node: NodeId,
    from: number,
    to: number,
    on: ReadonlyArray<Attendance>,
    off: ReadonlyArray<UserId>
  ): "ok" | "gap" {
    // Of a server that has said nothing yet, nobody is known; so it begins itself, with version 0.
    const known = this.#nodes.get(node) ?? { version: 0, users: new Map<UserId, Known>() }
    if (from > known.version) return "gap"
    if (to <= known.version) return "ok"
    this.#nodes.set(node, known)
    known.version = to
    if ((this.#snapshots.get(node)?.version ?? to + 1) <= to) this.#snapshots.delete(node)
    // How they are, not what became of them: what is known already may come again.
    const { users } = known
    const changed: Array<UserId> = []
    for (const user of off) if (users.delete(user)) changed.push(user)
    for (const attendance of on) {
      const { user } = attendance
      const now = knownOf(attendance)
      if (isOther(users.get(user), now)) changed.push(user)
      users.set(user, now)
    }
    changed.forEach(this.#changed)
    return "ok"
  }

  /** Chunk `part`, from 0 on, of `parts` of all who are on `node` with this version. In any order, any number of times. */
  snapshot(node: NodeId, version: number, part: number, parts: number, on: ReadonlyArray<Attendance>): void {
    if (version <= (this.#nodes.get(node)?.version ?? -1)) return
    if (parts > maxParts || part >= parts || on.length > maxPartUsers) return
    let snapshot = this.#snapshots.get(node)
    if (snapshot !== undefined && version < snapshot.version) return
    if (snapshot === undefined || version > snapshot.version || parts !== snapshot.parts) {
      this.#snapshots.set(node, snapshot = { version, parts, chunks: new Map() })
    }
    snapshot.chunks.set(part, on)
    if (snapshot.chunks.size < parts) return
    this.#snapshots.delete(node)
    this.#replace(node, version, snapshot.chunks.values())
  }

  #replace(node: NodeId, version: number, chunks: Iterable<ReadonlyArray<Attendance>>): void {
    const before = this.#nodes.get(node)?.users ?? new Map<UserId, Known>()
    const users = new Map<UserId, Known>()
    for (const chunk of chunks) {
      for (const attendance of chunk) users.set(attendance.user, knownOf(attendance))
    }
    this.#nodes.set(node, { version, users })
    for (const [user, now] of users) if (isOther(before.get(user), now)) this.#changed(user)
    for (const user of before.keys()) if (!users.has(user)) this.#changed(user)
  }

  /** That server is gone. Returns those who are on no other one now. */
  drop(node: NodeId): ReadonlyArray<UserId> {
    const known = this.#nodes.get(node)
    this.#nodes.delete(node)
    this.#snapshots.delete(node)
    return Array.from(known?.users.keys() ?? []).filter((user) => !this.has(user))
  }

  versionOf(node: NodeId): number | undefined {
    return this.#nodes.get(node)?.version
  }

  /** Whether the user is on another server. */
  has(user: UserId): boolean {
    for (const { users } of this.#nodes.values()) if (users.has(user)) return true
    return false
  }

  /** How many connections the user has on other servers. */
  connections(user: UserId): number {
    let sum = 0
    for (const { users } of this.#nodes.values()) sum += connectionsOf(users.get(user) ?? 0)
    return sum
  }

  /** The largest order of this device on other servers. */
  newest(user: UserId, device: DeviceId): number | undefined {
    let newest: number | undefined
    for (const { users } of this.#nodes.values()) {
      const devices = devicesOf(users.get(user) ?? 0)
      if (devices === undefined || !Object.hasOwn(devices, device)) continue
      newest = Math.max(devices[device]!, newest ?? 0)
    }
    return newest
  }

  /** Users on other servers; who is on several counts for each. */
  get size(): number {
    let size = 0
    for (const { users } of this.#nodes.values()) size += users.size
    return size
  }

  /** Users on other servers; who is on several comes several times. */
  *users(): Iterable<UserId> {
    for (const { users } of this.#nodes.values()) yield* users.keys()
  }

  get nodes(): Iterable<NodeId> {
    return this.#nodes.keys()
  }
}
