/** Which connection watches whom, from both ends. */
import type { UserId } from "../../domain/Ids.ts"
import type { Session } from "../session/Session.ts"

export interface Subscription {
  readonly ref: Session
  readonly user: UserId
  /** Whether the watcher may know. */
  visible: boolean
  /** How often that was asked: of two answers the later question's counts. */
  asked: number
  /** What the watcher was told last. */
  lastSent: "online" | "offline" | undefined
}

const none: ReadonlyMap<Session, Subscription> = new Map()

export class PresenceSubscriptions {
  readonly #byWatched = new Map<UserId, Map<Session, Subscription>>()
  readonly #byRef = new Map<Session, Map<UserId, Subscription>>()
  /** The connections of a user that watch somebody. */
  readonly #refs = new Map<UserId, Set<Session>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** How many this connection would watch with those. */
  countWith(ref: Session, users: ReadonlyArray<UserId>): number {
    const watched = this.#byRef.get(ref)
    if (watched === undefined) return users.length
    return watched.size + users.filter((user) => !watched.has(user)).length
  }

  add(ref: Session, user: UserId): Subscription {
    let watched = this.#byRef.get(ref)
    if (watched === undefined) {
      this.#byRef.set(ref, watched = new Map())
      const refs = this.#refs.get(ref.user)
      if (refs === undefined) this.#refs.set(ref.user, new Set([ref]))
      else refs.add(ref)
    }
    const known = watched.get(user)
    if (known !== undefined) return known
    const watch: Subscription = { ref, user, visible: false, asked: 0, lastSent: undefined }
    watched.set(user, watch)
    let watching = this.#byWatched.get(user)
    if (watching === undefined) this.#byWatched.set(user, watching = new Map())
    watching.set(ref, watch)
    this.#size++
    return watch
  }

  remove(ref: Session, users: Iterable<UserId>): void {
    const watched = this.#byRef.get(ref)
    if (watched === undefined) return
    for (const user of Array.from(users)) {
      if (!watched.delete(user)) continue
      this.#size--
      const watching = this.#byWatched.get(user)
      watching?.delete(ref)
      if (watching?.size === 0) this.#byWatched.delete(user)
    }
    if (watched.size > 0) return
    this.#byRef.delete(ref)
    const refs = this.#refs.get(ref.user)
    refs?.delete(ref)
    if (refs?.size === 0) this.#refs.delete(ref.user)
  }

  /** The connection is gone. */
  forget(ref: Session): void {
    const watched = this.#byRef.get(ref)
    if (watched !== undefined) this.remove(ref, watched.keys())
  }

  /** Who watches this user. */
  of(user: UserId): Iterable<Subscription> {
    return (this.#byWatched.get(user) ?? none).values()
  }

  /** What this user watches, with all of their connections. */
  by(user: UserId): ReadonlyArray<Subscription> {
    return Array.from(this.#refs.get(user) ?? [], (ref) => Array.from(this.#byRef.get(ref)!.values())).flat()
  }

  /** The watches of one user, with all of their connections, that are of another. */
  between(watcher: UserId, user: UserId): ReadonlyArray<Subscription> {
    const found: Array<Subscription> = []
    for (const ref of this.#refs.get(watcher) ?? []) {
      const watch = this.#byRef.get(ref)?.get(user)
      if (watch !== undefined) found.push(watch)
    }
    return found
  }

  /** Whether it is still there. */
  has(watch: Subscription): boolean {
    return this.#byRef.get(watch.ref)?.get(watch.user) === watch
  }

  /** Whether this user watches or is watched at all. */
  concerns(user: UserId): boolean {
    return this.#refs.has(user) || this.#byWatched.has(user)
  }
}
