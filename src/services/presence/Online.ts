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
}

export class Online {
  readonly #connections = new Map<UserId, number>()
  /** In the order in which they went. */
  readonly #leaving = new Map<UserId, Leaving>()

  get size(): number {
    return this.#connections.size + this.#leaving.size
  }

  /** Whether there is nobody whose time may run out. */
  get isSettled(): boolean {
    return this.#leaving.size === 0
  }

  has(user: UserId): boolean {
    return this.#connections.has(user) || this.#leaving.has(user)
  }

  /** Returns whether they were offline until now. */
  connected(user: UserId): boolean {
    const before = this.#connections.get(user) ?? 0
    this.#connections.set(user, before + 1)
    return before === 0 && !this.#leaving.delete(user)
  }

  /** Returns whether it was their last connection. They are missed from now on, or not at all where there is no `leaving`. */
  disconnected(user: UserId, leaving: Leaving | undefined): boolean {
    const left = (this.#connections.get(user) ?? 1) - 1
    if (left > 0) {
      this.#connections.set(user, left)
      return false
    }
    this.#connections.delete(user)
    this.#leaving.delete(user)
    if (leaving !== undefined) this.#leaving.set(user, leaving)
    return true
  }

  /** Returns whether they were missed. */
  forget(user: UserId): boolean {
    return this.#leaving.delete(user)
  }

  /** Those whose time has run out, and when they went. `now` is by the monotonic clock. */
  expire(now: number): ReadonlyArray<readonly [UserId, number]> {
    const gone: Array<readonly [UserId, number]> = []
    for (const [user, { at, since }] of this.#leaving) {
      if (since > now - graceMillis) break
      this.#leaving.delete(user)
      gone.push([user, at])
    }
    return gone
  }

  /** Everybody who is online, and when they were here last; `now` is by the wall clock. */
  lastSeen(now: number): ReadonlyArray<readonly [UserId, number]> {
    return [
      ...Array.from(this.#connections.keys(), (user) => [user, now] as const),
      ...Array.from(this.#leaving, ([user, { at }]) => [user, at] as const)
    ]
  }
}
