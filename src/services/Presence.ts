/**
 * Who is online, and who watches whom. A user is offline once their last connection has been gone for `graceMillis`, so
 * that a reload does not flicker. Changes are gathered and told together, four times a second; somebody who comes and
 * goes a hundred times in a second makes one frame.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { maxPresence } from "../domain/ClientFrame.ts"
import * as Errors from "../domain/Errors.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { UserId } from "../domain/Ids.ts"
import { Authorization, type AuthorizationPolicy, decide } from "./access/Authorization.ts"
import { LastSeen } from "./LastSeen.ts"
import { Outbound } from "./Outbound.ts"
import { MessageStore, type StoreError } from "./storage/MessageStore.ts"
import type { UserRef } from "./UserRef.ts"
import { type Watch, Watchers } from "./Watchers.ts"

export const graceMillis = 15_000
export const tickMillis = 250
/** Relations that are looked at again in one tick; the others wait for the next. */
const rechecksPerTick = 256

const offline = (user: UserId, lastSeen?: number): Outbound =>
  new Outbound({
    type: "presence",
    user,
    status: "offline",
    ...(lastSeen === undefined ? undefined : { last_seen: lastSeen })
  })

export class Presence extends Context.Service<Presence, {
  /** For the ServerActor: a connection has come, or gone. */
  connected(ref: UserRef): void
  disconnected(ref: UserRef): void
  /** Pushes a `presence` for each, now and, at level `v1`, whenever it changes. */
  subscribe(ref: UserRef, users: ReadonlyArray<UserId>): Effect.Effect<void, ChatError | StoreError>
  unsubscribe(ref: UserRef, users: ReadonlyArray<UserId>): void
  /** What these users may see of others, and others of them, may have changed. */
  recheck(users: ReadonlyArray<UserId>): void
  isOnline(user: UserId): boolean
  /** How many users are online, or were a moment ago, and how many subscriptions there are. */
  readonly size: Effect.Effect<{ readonly online: number; readonly watches: number }>
}>()("switchboard/services/Presence") {
  static readonly layer = Layer.effect(
    Presence,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const lastSeen = yield* LastSeen
      const policy = yield* Authorization
      const store = yield* MessageStore
      const now = () => clock.currentTimeMillisUnsafe()
      const watchers = new Watchers()
      const connections = new Map<UserId, number>()
      /** In the order in which they went. */
      const leaving = new Map<UserId, number>()
      const changed = new Set<UserId>()
      const toRecheck = new Set<UserId>()
      const touched = new Set<UserRef>()

      const isOnline = (user: UserId): boolean => connections.has(user) || leaving.has(user)

      /** Tells one watcher how it is, unless that is what they know. False when they are too slow to hear it now. */
      const tell = (watch: Watch, frames: { online?: Outbound; offline?: Outbound }): boolean => {
        const { ref, user, visible } = watch
        const status = visible && isOnline(user) ? "online" : "offline"
        if (watch.told === status) return true
        if (ref.outbox.isSlow) return false
        watch.told = status
        if (status === "online") ref.push(frames.online ??= new Outbound({ type: "presence", user, status }))
        // Whoever may not see it any more is told no time.
        else ref.push(visible ? frames.offline ??= offline(user, lastSeen.recent(user)) : offline(user))
        touched.add(ref)
        return true
      }

      const tellAll = () => {
        for (const user of changed) {
          const frames = {}
          let all = true
          for (const watch of watchers.of(user)) all = tell(watch, frames) && all
          if (all) changed.delete(user)
        }
        for (const ref of touched) ref.flush()
        touched.clear()
      }

      const expire = () => {
        const gone = now() - graceMillis
        for (const [user, at] of leaving) {
          if (at > gone) return
          leaving.delete(user)
          lastSeen.note(user, at)
          changed.add(user)
        }
      }

      /** Which of these watches, all of one user, may see something. */
      const look = Effect.fnUntraced(function*(watcher: UserId, watches: ReadonlyArray<Watch>) {
        const users = Array.from(new Set(watches.map(({ user }) => user)))
        const related = new Set(yield* store.related(watcher, users.filter((user) => user !== watcher)))
        related.add(watcher)
        for (const watch of watches) {
          watch.visible = related.has(watch.user) && (yield* decide(maySee(policy, watcher, watch.user)))
          changed.add(watch.user)
        }
      })

      const recheckSome = Effect.gen(function*() {
        let left = rechecksPerTick
        for (const user of toRecheck) {
          if (left-- === 0) return
          const own = watchers.by(user)
          if (own.length > 0) yield* look(user, own)
          for (const watch of watchers.of(user)) yield* look(watch.ref.user, [watch])
          toRecheck.delete(user)
        }
      }).pipe(Effect.catchTag("StoreError", () => Effect.void))

      yield* Effect.sleep(tickMillis).pipe(
        Effect.andThen(recheckSome),
        Effect.andThen(Effect.sync(() => {
          expire()
          tellAll()
        })),
        Effect.forever,
        Effect.forkScoped
      )

      // Everybody who is here was here last now.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          for (const user of connections.keys()) lastSeen.note(user, now())
          for (const [user, at] of leaving) lastSeen.note(user, at)
          return lastSeen.write
        })
      )

      const subscribe = Effect.fnUntraced(function*(ref: UserRef, users: ReadonlyArray<UserId>) {
        if (watchers.countWith(ref, users) > maxPresence) {
          return yield* Errors.forbidden(`You watch up to ${maxPresence} users; unsubscribe from some first.`)
        }
        // Watched before it is looked up, so that no change falls between.
        const watches = users.map((user) => watchers.add(ref, user))
        yield* Effect.tapError(look(ref.user, watches), () => Effect.sync(() => watchers.remove(ref, users)))
        const unseen = watches.filter(({ user, visible }) => visible && !isOnline(user)).map(({ user }) => user)
        const seen = unseen.length === 0 ? new Map<UserId, number>() : yield* lastSeen.of(unseen)
        for (const watch of watches) {
          const { user, visible } = watch
          const online = visible && isOnline(user)
          watch.told = online ? "online" : "offline"
          ref.push(
            online
              ? new Outbound({ type: "presence", user, status: "online" })
              : offline(user, visible ? seen.get(user) : undefined)
          )
        }
        ref.flush()
        // A plain connection hears what it asks, and no more.
        if (ref.level === "plain") watchers.remove(ref, users)
      })

      return Presence.of({
        connected: (ref) => {
          const { user } = ref
          const before = connections.get(user)
          connections.set(user, (before ?? 0) + 1)
          if (before !== undefined) return
          if (!leaving.delete(user)) changed.add(user)
        },
        disconnected: (ref) => {
          const { user } = ref
          watchers.forget(ref)
          const left = (connections.get(user) ?? 1) - 1
          if (left > 0) {
            connections.set(user, left)
            return
          }
          connections.delete(user)
          leaving.delete(user)
          leaving.set(user, now())
        },
        subscribe,
        unsubscribe: (ref, users) => watchers.remove(ref, users),
        recheck: (users) => {
          for (const user of users) if (watchers.concerns(user)) toRecheck.add(user)
        },
        isOnline,
        size: Effect.sync(() => ({ online: connections.size + leaving.size, watches: watchers.size }))
      })
    })
  )
}

const maySee = (policy: AuthorizationPolicy, watcher: UserId, user: UserId) =>
  watcher === user || policy.seePresence(watcher, user)
