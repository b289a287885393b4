/**
 * Who has browsers that are told of messages: a set in memory, so that a message costs those nothing who have none. It may
 * know of some who have none any more, and of nobody too few for longer than a note takes to come from another server.
 */
import { Effect, FiberSet, Schedule } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { PushRecords } from "../storage/PushRecords.ts"

const page = 10_000
/** As many are remembered; where there are more, everybody is taken for one, and the store is asked. */
const maxKnown = 500_000
const againAfter = Schedule.spaced("5 seconds")

export class Subscribers {
  #users: Set<UserId> | undefined = new Set()
  /** The same list of members has the same subscribers until somebody subscribes. */
  #found = new WeakMap<ReadonlyArray<UserId>, ReadonlyArray<UserId>>()

  get isEmpty(): boolean {
    return this.#users?.size === 0
  }

  add(user: UserId): void {
    if (this.#users === undefined || this.#users.has(user)) return
    this.#users.add(user)
    this.replace(this.#users)
  }

  replace(users: Set<UserId>): void {
    this.#users = users.size > maxKnown ? undefined : users
    this.#found = new WeakMap()
  }

  /** Those of these who may have subscribed. */
  among(users: ReadonlyArray<UserId>): ReadonlyArray<UserId> {
    const all = this.#users
    if (all === undefined) return users
    if (all.size === 0) return []
    // A pair is another list each time.
    if (users.length <= 2) return users.filter((user) => all.has(user))
    let found = this.#found.get(users)
    if (found === undefined) this.#found.set(users, found = users.filter((user) => all.has(user)))
    return found
  }
}

/** Kept up to date for as long as the scope is open. */
export const makeSubscribers = Effect.fnUntraced(function*(records: PushRecords["Service"]) {
  const subscribers = new Subscribers()
  const run = yield* FiberSet.makeRuntime<never>()

  const read = Effect.gen(function*() {
    const users = new Set<UserId>()
    let after: UserId | undefined
    while (users.size <= maxKnown) {
      const found: ReadonlyArray<UserId> = yield* records.users({
        limit: page,
        ...(after === undefined ? undefined : { after })
      })
      for (const user of found) users.add(user)
      after = found.at(-1)
      if (found.length < page) break
    }
    return users
  })

  /** Whoever subscribes while it is read is not lost: they are added to what was read. */
  const load = Effect.suspend(() => {
    const since = new Set<UserId>()
    const stop = listen((user) => since.add(user))
    return Effect.ensuring(
      Effect.map(read, (users) => subscribers.replace(new Set([...users, ...since]))),
      Effect.sync(stop)
    )
  })
  const listeners = new Set<(user: UserId) => void>()
  const listen = (listener: (user: UserId) => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const add = (user: UserId): void => {
    for (const listener of listeners) listener(user)
    subscribers.add(user)
  }

  const cluster = yield* Cluster
  cluster?.onNote((note) => {
    if (note._tag === "PushSubscribed") add(note.user)
  })
  const loading: Effect.Effect<void, never> = Effect.ignore(
    Effect.retry(load as Effect.Effect<void, StoreError>, againAfter)
  )
  cluster?.onMissed(() => void run(loading))
  // What fails now is tried again beside the server, which begins without it.
  yield* Effect.catchTag(load, "StoreError", () => Effect.sync(() => void run(loading)))
  return { subscribers, add }
})
