/**
 * Who is online, and who watches whom. A user is offline once their last connection has been gone for `graceMillis`, so
 * that a reload does not flicker. Changes are gathered and told together, four times a second; somebody who comes and
 * goes a hundred times in a second makes one frame.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { maxPresence } from "../../domain/ClientFrame.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { UserId } from "../../domain/Ids.ts"
import { Authorization, type AuthorizationPolicy, decide } from "../access/Authorization.ts"
import { inTime } from "../kernel/inTime.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Session } from "../session/Session.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { stopMillis } from "../storage/storeBounds.ts"
import { LastSeen } from "./LastSeen.ts"
import { PresenceSubscriptions, type Subscription } from "./PresenceSubscriptions.ts"

export const graceMillis = 15_000
export const tickMillis = 250
/** Watches that are looked at again in one tick; the others wait for the next. */
const rechecksPerTick = 256
/** PresenceSubscriptions asked about side by side, so that none waits for one who takes long. */
const rechecksAtOnce = 8

const offline = (user: UserId, lastSeen?: number): EncodedFrame =>
  new EncodedFrame({
    type: "presence",
    user,
    status: "offline",
    ...(lastSeen === undefined ? undefined : { last_seen: lastSeen })
  })

export class Presence extends Context.Service<Presence, {
  /** For the ServerActor: a connection has come, or gone. */
  connected(ref: Session): void
  disconnected(ref: Session): void
  /** Pushes a `presence` for each, now and, at level `v1`, whenever it changes. */
  subscribe(ref: Session, users: ReadonlyArray<UserId>): Effect.Effect<void, ChatError | StoreError>
  unsubscribe(ref: Session, users: ReadonlyArray<UserId>): void
  /** This user was erased: nobody is told when they were here. */
  forget(user: UserId): void
  /** What these users may see of others, and others of them, may have changed. */
  recheck(users: ReadonlyArray<UserId>): void
  /** Only what these two may see of each other may have changed. */
  recheckPair(a: UserId, b: UserId): void
  isOnline(user: UserId): boolean
  /** How many users are online, or were a moment ago, and how many subscriptions there are. */
  readonly size: Effect.Effect<{ readonly online: number; readonly watches: number }>
}>()("switchboard/services/presence/Presence") {
  static readonly layer = Layer.effect(
    Presence,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const scope = yield* Effect.scope
      const lastSeen = yield* LastSeen
      const policy = yield* Authorization
      const store = yield* MessageStore
      const now = () => clock.currentTimeMillisUnsafe()
      const monotonic = Monotonic.nowOf(clock)
      const subscriptions = new PresenceSubscriptions()
      const connections = new Map<UserId, number>()
      /** In the order in which they went: when by the wall clock, and since when they are missed. */
      const leaving = new Map<UserId, { readonly at: number; readonly since: number }>()
      const changed = new Set<UserId>()
      const toRecheck = new Set<UserId>()
      /** Of pairs, which come before the watches of whole users. */
      const pairsDue = new Set<Subscription>()
      const due = new Set<Subscription>()
      let rechecking = false
      const touched = new Set<Session>()

      const isOnline = (user: UserId): boolean => connections.has(user) || leaving.has(user)

      /** Tells one watcher how it is, unless that is what they know. False when they are too slow to hear it now. */
      const tell = (watch: Subscription, frames: { online?: EncodedFrame; offline?: EncodedFrame }): boolean => {
        const { ref, user, visible } = watch
        const status = visible && isOnline(user) ? "online" : "offline"
        if (watch.lastSent === status) return true
        if (ref.isSlow) return false
        watch.lastSent = status
        if (status === "online") ref.push(frames.online ??= new EncodedFrame({ type: "presence", user, status }))
        // Whoever may not see it any more is told no time.
        else ref.push(visible ? frames.offline ??= offline(user, lastSeen.recent(user)) : offline(user))
        touched.add(ref)
        return true
      }

      const tellAll = () => {
        for (const user of changed) {
          const frames = {}
          let all = true
          for (const watch of subscriptions.of(user)) all = tell(watch, frames) && all
          if (all) changed.delete(user)
        }
        for (const ref of touched) ref.flush()
        touched.clear()
      }

      const expire = () => {
        const gone = monotonic() - graceMillis
        for (const [user, { at, since }] of leaving) {
          if (since > gone) return
          leaving.delete(user)
          lastSeen.note(user, at)
          changed.add(user)
        }
      }

      /** Which of these watches, all of one user, may see something. */
      const look = Effect.fnUntraced(function*(watcher: UserId, watches: ReadonlyArray<Subscription>) {
        const users = Array.from(new Set(watches.map(({ user }) => user)))
        const questions = watches.map((watch) => ++watch.asked)
        const related = new Set(yield* store.visibleTo(watcher, users.filter((user) => user !== watcher)))
        related.add(watcher)
        for (const [i, watch] of watches.entries()) {
          const visible = related.has(watch.user) && (yield* decide(maySee(policy, watcher, watch.user)))
          if (watch.asked !== questions[i]) continue
          watch.visible = visible
          changed.add(watch.user)
        }
      })

      const takeDue = (): ReadonlyMap<UserId, ReadonlyArray<Subscription>> => {
        const taken = new Map<UserId, Array<Subscription>>()
        let left = rechecksPerTick
        const takeFrom = (watches: Set<Subscription>) => {
          for (const watch of watches) {
            if (left-- <= 0) return
            watches.delete(watch)
            if (!subscriptions.has(watch)) continue
            const ofWatcher = taken.get(watch.ref.user)
            if (ofWatcher === undefined) taken.set(watch.ref.user, [watch])
            else ofWatcher.push(watch)
          }
        }
        takeFrom(pairsDue)
        for (const user of toRecheck) {
          if (due.size >= left) break
          toRecheck.delete(user)
          for (const watch of subscriptions.by(user)) due.add(watch)
          for (const watch of subscriptions.of(user)) due.add(watch)
        }
        takeFrom(due)
        return taken
      }

      const recheckSome = Effect.suspend(() =>
        Effect.forEach(takeDue(), ([watcher, watches]) =>
          look(watcher, watches).pipe(
            Effect.catchTag("StoreError", () =>
              Effect.sync(() => {
                for (const watch of watches) due.add(watch)
              })),
            // Nobody sees what nobody could decide.
            Effect.catchDefect((defect) => {
              for (const watch of watches) {
                watch.visible = false
                changed.add(watch.user)
              }
              // Asked again, but not so fast that the log is full of it.
              const again = Effect.sync(() => {
                for (const watch of watches) due.add(watch)
              })
              return Effect.andThen(
                Effect.logError("Presence.defect", defect),
                Effect.forkIn(Effect.delay(again, "1 second"), scope)
              )
            })
          ), { concurrency: rechecksAtOnce, discard: true })
      )

      /** On a fiber of its own: however long the store takes, who comes and goes is told in time. */
      const startRecheck = Effect.suspend(() => {
        if (rechecking || (pairsDue.size === 0 && due.size === 0 && toRecheck.size === 0)) return Effect.void
        rechecking = true
        return recheckSome.pipe(
          Effect.ensuring(Effect.sync(() => {
            rechecking = false
          })),
          Effect.forkIn(scope),
          Effect.asVoid
        )
      })

      yield* Effect.forkScoped(
        repeatForever(
          "Presence",
          Effect.andThen(
            startRecheck,
            Effect.sync(() => {
              expire()
              tellAll()
            })
          ),
          tickMillis
        )
      )

      // Everybody who is here was here last now.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          for (const user of connections.keys()) lastSeen.note(user, now())
          for (const [user, { at }] of leaving) lastSeen.note(user, at)
          return inTime(lastSeen.write, { millis: stopMillis, late: () => Effect.void })
        })
      )

      const subscribe = Effect.fnUntraced(function*(ref: Session, named: ReadonlyArray<UserId>) {
        const users = Array.from(new Set(named))
        if (subscriptions.countWith(ref, users) > maxPresence) {
          return yield* Errors.forbidden(`You watch up to ${maxPresence} users; unsubscribe from some first.`)
        }
        // Watched before it is looked up, so that no change falls between.
        const watches = users.map((user) => subscriptions.add(ref, user))
        yield* Effect.tapError(look(ref.user, watches), () => Effect.sync(() => subscriptions.remove(ref, users)))
        const unseen = watches.filter(({ user, visible }) => visible && !isOnline(user)).map(({ user }) => user)
        const seen = unseen.length === 0 ? new Map<UserId, number>() : yield* lastSeen.of(unseen)
        for (const watch of watches) {
          const { user, visible } = watch
          const online = visible && isOnline(user)
          watch.lastSent = online ? "online" : "offline"
          ref.push(
            online
              ? new EncodedFrame({ type: "presence", user, status: "online" })
              : offline(user, visible ? seen.get(user) : undefined)
          )
        }
        ref.flush()
        // A plain connection hears what it asks, and no more.
        if (ref.level === "plain") subscriptions.remove(ref, users)
      })

      const recheck = (users: ReadonlyArray<UserId>) => {
        for (const user of users) if (subscriptions.concerns(user)) toRecheck.add(user)
      }

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
          subscriptions.forget(ref)
          const left = (connections.get(user) ?? 1) - 1
          if (left > 0) {
            connections.set(user, left)
            return
          }
          connections.delete(user)
          leaving.delete(user)
          if (ref.isErased) changed.add(user)
          else leaving.set(user, { at: now(), since: monotonic() })
        },
        forget: (user) => {
          if (leaving.delete(user)) changed.add(user)
          lastSeen.forget(user)
          recheck([user])
        },
        subscribe,
        unsubscribe: (ref, users) => subscriptions.remove(ref, users),
        recheck,
        recheckPair: (a, b) => {
          for (const watch of subscriptions.between(a, b)) pairsDue.add(watch)
          for (const watch of subscriptions.between(b, a)) pairsDue.add(watch)
        },
        isOnline,
        size: Effect.sync(() => ({ online: connections.size + leaving.size, watches: subscriptions.size }))
      })
    })
  )
}

const maySee = (policy: AuthorizationPolicy, watcher: UserId, user: UserId) =>
  watcher === user || policy.seePresence(watcher, user)
