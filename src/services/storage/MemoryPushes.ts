/** The table of push subscriptions in memory. */
import type { UserId } from "../../domain/Ids.ts"
import type { PushRecord } from "./PushRecords.ts"
import type { StoredPushSubscription } from "./UserData.ts"

type Kept = PushRecord & { readonly at: number }

export class MemoryPushes {
  readonly #byEndpoint = new Map<string, Kept>()
  readonly #byUser = new Map<UserId, ReadonlyArray<Kept>>()

  of(user: UserId): ReadonlyArray<Kept> {
    return this.#byUser.get(user) ?? []
  }

  get users(): Iterable<UserId> {
    return this.#byUser.keys()
  }

  put(record: PushRecord, max: number, now: number): void {
    const { endpoint, user } = record
    const owner = this.#byEndpoint.get(endpoint)?.user
    if (owner !== undefined) this.remove(owner, endpoint)
    const before = this.of(user)
    const kept = { ...record, at: Math.max(now, (before.at(-1)?.at ?? 0) + 1) }
    this.#byEndpoint.set(endpoint, kept)
    this.#byUser.set(user, [...before, kept])
    for (const each of this.of(user).slice(0, -max)) this.remove(user, each.endpoint)
  }

  remove(user: UserId, endpoint: string): void {
    if (this.#byEndpoint.get(endpoint)?.user !== user) return
    this.#byEndpoint.delete(endpoint)
    const left = this.of(user).filter((each) => each.endpoint !== endpoint)
    if (left.length === 0) this.#byUser.delete(user)
    else this.#byUser.set(user, left)
  }

  erase(user: UserId): void {
    for (const { endpoint } of this.of(user)) this.remove(user, endpoint)
  }

  stored(user: UserId): ReadonlyArray<StoredPushSubscription> {
    return this.of(user).map(({ at, endpoint }) => ({ endpoint, at }))
  }
}
