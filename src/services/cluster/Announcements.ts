/** Who is on this server, as it tells others: what has changed since it last did, or all of it. */
import type { UserId } from "../../domain/Ids.ts"
import { type Attendance, isSameAttendance, maxPartUsers } from "./Roster.ts"

/** What `Roster.apply` takes. */
export interface AttendanceChanges {
  readonly from: number
  readonly to: number
  readonly on: ReadonlyArray<Attendance>
  readonly off: ReadonlyArray<UserId>
}

/** What `Roster.snapshot` takes. */
export interface AttendanceChunk {
  readonly version: number
  /** From 0 on. */
  readonly part: number
  readonly parts: number
  readonly on: ReadonlyArray<Attendance>
}

export class Announcements {
  /** As others know it. */
  readonly #told = new Map<UserId, Attendance>()
  /** How those are by now of whom something was set since. */
  readonly #set = new Map<UserId, Attendance | undefined>()
  #version = 0

  /** How often something was told. */
  get version(): number {
    return this.#version
  }

  /** How this user is here; `undefined` when they are not any more. */
  set(user: UserId, attendance: Attendance | undefined): void {
    this.#set.set(user, attendance)
  }

  /** What has changed since it was taken last, of so many users at most, and of the others next time; nothing, if nothing. */
  take(limit = maxPartUsers): AttendanceChanges | undefined {
    const on: Array<Attendance> = []
    const off: Array<UserId> = []
    for (const [user, now] of this.#set) {
      if (on.length + off.length === limit) break
      this.#set.delete(user)
      if (isSameAttendance(this.#told.get(user), now)) continue
      if (now === undefined) {
        this.#told.delete(user)
        off.push(user)
      } else {
        this.#told.set(user, now)
        on.push(now)
      }
    }
    if (on.length + off.length === 0) return undefined
    const from = this.#version++
    return { from, to: this.#version, on, off }
  }

  /**
   * All who are here, as they were when changes were taken last: one that knew more than its version says would keep who
   * came and went since. Asked again, a version is cut into the same chunks, because those of two answers may be taken for
   * one; so `chunkSize` is always the same.
   */
  snapshot(chunkSize: number): ReadonlyArray<AttendanceChunk> {
    const all = Array.from(this.#told.values())
    const parts = Math.max(1, Math.ceil(all.length / chunkSize))
    return Array.from({ length: parts }, (_, part) => ({
      version: this.#version,
      part,
      parts,
      on: all.slice(part * chunkSize, (part + 1) * chunkSize)
    }))
  }
}
