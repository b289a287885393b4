/**
 * Who is online: whoever has a connection, and for `graceMillis` after the last of them, so that a reload does not
 * flicker.
 */
import type { UserId } from "../../domain/Ids.ts"

export const graceMillis = 15_000

/** When a user went: by the wall clock, and since when they are missed, by the monotonic one. */
export interface Leaving {
  readonly at: number
  readonly since: number
  /** Another server writes down when they were here. */
  readonly isNoted?: boolean
}

export class Online {
  readonly #connections = new Map<UserId, number>()
  /** Those who are on other servers; whether they went from here meanwhile. */
  readonly #elsewhere = new Map<UserId, boolean>()
  readonly #leaving = new Map<UserId, Leaving>()

  get size(): number {
    let elsewhere = 0
    for (const user of this.#elsewhere.keys()) if (!this.#connections.has(user)) elsewhere++
    return this.#connections.size + this.#leaving.size + elsewhere
  }

  /** Whether there is nobody whose time may run out. */
  get isSettled(): boolean {
    return this.#leaving.size === 0
  }

  has(user: UserId): boolean {
    return this.#connections.has(user) || this.#leaving.has(user) || this.#elsewhere.has(user)
  }

  /** They are on another server. Returns whether they were offline until now. */
  cameElsewhere(user: UserId): boolean {
    const wasOnline = this.has(user)
    if (!this.#elsewhere.has(user)) this.#elsewhere.set(user, false)
    this.#leaving.delete(user)
    return !wasOnline
  }

  /** They are on no other server any more. Returns whether they are here neither. */
  wentElsewhere(user: UserId, leaving: Leaving): boolean {
    const wasHere = this.#elsewhere.get(user)
    if (wasHere === undefined) return false
    this.#elsewhere.delete(user)
    if (this.#connections.has(user)) return false
    // Where both went at the same moment, each server may think that the other one writes it down.
    this.#leaving.set(user, wasHere ? { at: leaving.at, since: leaving.since } : leaving)
    return true
  }

  /** Returns whether they were offline until now. */
  connected(user: UserId): boolean {
    const before = this.#connections.get(user) ?? 0
    const wasOnline = this.has(user)
    this.#connections.set(user, before + 1)
    this.#leaving.delete(user)
    return !wasOnline
  }

  /** Returns whether it was their last connection on any server. They are missed from now on, or not at all where there is no `leaving`. */
  disconnected(user: UserId, leaving: Leaving | undefined): boolean {
    const left = (this.#connections.get(user) ?? 1) - 1
    if (left > 0) {
      this.#connections.set(user, left)
      return false
    }
    this.#connections.delete(user)
    this.#leaving.delete(user)
    if (this.#elsewhere.has(user)) {
      this.#elsewhere.set(user, leaving !== undefined)
      return false
    }
    if (leaving !== undefined) this.#leaving.set(user, leaving)
    return true
  }

  /** Returns whether they were missed. */
  forget(user: UserId): boolean {
    return this.#leaving.delete(user)
  }

  /** Those whose time has run out, and when they went. `now` is by the monotonic clock. */
  expire(now: number): ReadonlyArray<readonly [UserId, Leaving]> {
    const gone: Array<readonly [UserId, Leaving]> = []
    for (const [user, leaving] of this.#leaving) {
      if (leaving.since > now - graceMillis) continue
      this.#leaving.delete(user)
      gone.push([user, leaving])
    }
    return gone
  }

  /** Everybody who is here, or was a moment ago, and when they were here last; `now` is by the wall clock. */
  lastSeen(now: number): ReadonlyArray<readonly [UserId, number]> {
    return [
      ...Array.from(this.#connections.keys(), (user) => [user, now] as const),
      ...Array.from(this.#leaving, ([user, { at }]) => [user, at] as const)
    ]
  }
}
