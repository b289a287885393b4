/**
 * Who is online, and who watches whom. Changes are gathered and told together, four times a second; somebody who comes
 * and goes a hundred times in a second makes one frame.
 */
import { Clock, Context, Effect, Layer, type Scope } from "effect"
import { maxPresence } from "../../domain/ClientFrame.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { encode } from "../../domain/FrameCodec.ts"
import type { UserId } from "../../domain/Ids.ts"
import { Authorization } from "../access/Authorization.ts"
import { Cluster, type Gone } from "../cluster/Cluster.ts"
import { inTime } from "../kernel/inTime.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Session } from "../session/Session.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { stopMillis } from "../storage/storeBounds.ts"
import { LastSeen } from "./LastSeen.ts"
import { Online } from "./Online.ts"
import { PresenceSubscriptions, type Subscription } from "./PresenceSubscriptions.ts"
import { type TransitionListener, Transitions } from "./Transitions.ts"
import { Visibility } from "./Visibility.ts"

export { graceMillis } from "./Online.ts"

export const tickMillis = 250

type Status = "online" | "offline"

const statusIn = (online: Online, { user, visible }: Subscription): Status =>
  visible && online.has(user) ? "online" : "offline"

/** Whoever may not see it is told no time. */
const shown = ({ user, visible }: Subscription, status: Status, at: number | undefined) => ({
  type: "presence" as const,
  user,
  status,
  ...(status === "online" || !visible || at === undefined ? undefined : { last_seen: at })
})

/** Dropped where the client is slow, and then told later. */
const newsOf = (...shownAs: Parameters<typeof shown>) => new EncodedFrame(shown(...shownAs))

/** Encoded already, so that it is an answer like any other: a slow client gets it, because nobody says it again. */
const answerOf = (...shownAs: Parameters<typeof shown>) => new EncodedFrame(encode(shown(...shownAs)))

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
  /** The connections that watch this user and may see how they are. */
  watchersOf(user: UserId): Iterable<Session>
  /** Hears of everybody who comes and goes, on whatever server, for as long as the scope is open. It must not wait. */
  listen(listener: TransitionListener): Effect.Effect<void, never, Scope.Scope>
  /** How many users are online, or were a moment ago, and how many subscriptions there are. */
  readonly size: Effect.Effect<{ readonly online: number; readonly watches: number }>
}>()("switchboard/services/presence/Presence") {
  static readonly layer = Layer.effect(
    Presence,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const lastSeen = yield* LastSeen
      const monotonic = Monotonic.nowOf(clock)
      const online = new Online()
      const subscriptions = new PresenceSubscriptions()
      const transitions = new Transitions()
      const changed = new Set<UserId>()
      const visibility = new Visibility({
        store: yield* MessageStore,
        policy: yield* Authorization,
        scope: yield* Effect.scope,
        subscriptions,
        changed: (user) => {
          changed.add(user)
          ticker.wake()
        },
        wake: () => ticker.wake()
      })

      const touched = new Set<Session>()
      const tell = makeTell({ lastSeen, online, subscriptions, touched, transitions })

      const tellAll = () => {
        for (const [user, { at, isNoted }] of online.expire(monotonic())) {
          lastSeen.note(user, at, isNoted)
          changed.add(user)
        }
        for (const user of changed) if (tell(user)) changed.delete(user)
        for (const ref of touched) ref.flush()
        touched.clear()
      }

      const ticker = yield* makeTicker("Presence", {
        turn: Effect.andThen(visibility.turn, Effect.sync(tellAll)),
        pause: tickMillis,
        isIdle: () => changed.size === 0 && online.isSettled && visibility.isSettled
      })

      // Everybody who is here was here last now.
      yield* Effect.addFinalizer(() =>
        Effect.suspend(() => {
          for (const [user, at] of online.lastSeen(clock.currentTimeMillisUnsafe())) lastSeen.note(user, at)
          return inTime(lastSeen.write, { millis: stopMillis, late: () => Effect.void })
        })
      )

      /** Whatever `change` does, there may be something to tell. */
      const waking = <A extends ReadonlyArray<unknown>>(change: (...args: A) => void) => (...args: A): void => {
        change(...args)
        ticker.wake()
      }

      const cluster = yield* Cluster
      cluster?.onAttendance(waking((user: UserId, { isNoted, silentMillis }: Gone) => {
        const leaving = {
          // What was measured has fractions of a millisecond, which no store takes.
          at: Math.round(clock.currentTimeMillisUnsafe() - silentMillis),
          since: monotonic() - silentMillis,
          isNoted
        }
        if (cluster.has(user) ? online.cameElsewhere(user) : online.wentElsewhere(user, leaving)) changed.add(user)
      }))

      const subscribe = Effect.fnUntraced(function*(ref: Session, named: ReadonlyArray<UserId>) {
        const users = Array.from(new Set(named))
        if (subscriptions.countWith(ref, users) > maxPresence) {
          return yield* Errors.forbidden(`You watch up to ${maxPresence} users; unsubscribe from some first.`)
        }
        // Watched before it is looked up, so that no change falls between.
        const added = users.map((user) => subscriptions.add(ref, user))
        yield* Effect.tapError(
          visibility.look(ref.user, added),
          () => Effect.sync(() => subscriptions.remove(ref, users))
        )
        const unseen = added.filter((each) => each.visible && !online.has(each.user)).map(({ user }) => user)
        const seen = unseen.length === 0 ? new Map<UserId, number>() : yield* lastSeen.of(unseen)
        for (const each of added) {
          each.lastSent = statusIn(online, each)
          ref.push(answerOf(each, each.lastSent, seen.get(each.user)))
        }
        ref.flush()
        // A plain connection hears what it asks, and no more.
        if (ref.level === "plain") subscriptions.remove(ref, users)
        ticker.wake()
      })

      return Presence.of({
        connected: waking(({ user }: Session) => {
          if (online.connected(user)) changed.add(user)
        }),
        disconnected: waking((ref: Session) => {
          const { isErased, user } = ref
          subscriptions.forget(ref)
          const leaving = isErased ? undefined : { at: clock.currentTimeMillisUnsafe(), since: monotonic() }
          if (online.disconnected(user, leaving) && isErased) changed.add(user)
        }),
        forget: waking((user: UserId) => {
          if (online.forget(user)) changed.add(user)
          lastSeen.forget(user)
          visibility.recheck([user])
        }),
        subscribe,
        unsubscribe: (ref, users) => subscriptions.remove(ref, users),
        recheck: waking((users: ReadonlyArray<UserId>) => visibility.recheck(users)),
        recheckPair: waking((a: UserId, b: UserId) => visibility.recheckPair(a, b)),
        isOnline: (user) => online.has(user),
        watchersOf: (user) => Array.from(subscriptions.of(user)).flatMap(({ ref, visible }) => visible ? [ref] : []),
        listen: transitions.listen,
        size: Effect.sync(() => ({ online: online.size, watches: subscriptions.size }))
      })
    })
  )
}

interface TellOptions {
  readonly lastSeen: LastSeen["Service"]
  readonly online: Online
  readonly subscriptions: PresenceSubscriptions
  /** Those who are to be flushed. */
  readonly touched: Set<Session>
  readonly transitions: Transitions
}

/** Tells the watchers of this user how they are, unless that is what they know. False when some are too slow now. */
const makeTell = ({ lastSeen, online, subscriptions, touched, transitions }: TellOptions) => {
  return (user: UserId): boolean => {
    transitions.look(user, online.has(user))
    const frames = new Map<string, EncodedFrame>()
    let all = true
    for (const each of subscriptions.of(user)) {
      const status = statusIn(online, each)
      if (each.lastSent === status) continue
      if (each.ref.isSlow) {
        all = false
        continue
      }
      each.lastSent = status
      const key = `${status} ${each.visible}`
      let frame = frames.get(key)
      if (frame === undefined) frames.set(key, frame = newsOf(each, status, lastSeen.recent(user)))
      each.ref.push(frame)
      touched.add(each.ref)
    }
    return all
  }
}
