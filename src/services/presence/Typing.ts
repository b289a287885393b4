/**
 * Who is typing where. Never stored; ends by itself `typingMillis` after the last sign, and however fast somebody turns
 * it on and off, others hear of it at most once a second. Whoever was told that it began is told that it ended, in
 * whatever way it did.
 */
import { Context, Effect, Layer } from "effect"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Session } from "../session/Session.ts"

export const typingMillis = 6_000
const pauseMillis = 1_000
const tickMillis = 250

/** Finds those who may see it as it is now, and hands them over, at once or a little later. */
export type Watching = (use: (sessions: Iterable<Session>) => void) => void

interface Entry {
  readonly conversation: ConversationId
  /** The connection that gave the last sign. */
  ref: Session
  active: boolean
  shown: boolean
  shownAt: number
  until: number
  watching: Watching
  /** Who was told that it began, and not that it ended. */
  readonly told: Set<Session>
}

export class Typing extends Context.Service<Typing, {
  set(ref: Session, conversation: ConversationId, active: boolean, watching: Watching): void
  /** The connection is gone. */
  disconnected(ref: Session): void
  /** These are not in the conversation any more: they have stopped, and hear nothing of it. */
  left(users: ReadonlyArray<UserId>, conversation: ConversationId): void
  /** There is a block between the two: neither sees the other type. */
  blocked(one: UserId, other: UserId): void
  /** How many are typing, or were a moment ago. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/presence/Typing") {
  static readonly layer = Layer.effect(
    Typing,
    Effect.gen(function*() {
      const monotonic = yield* Monotonic.now
      const users = new Map<UserId, Map<ConversationId, Entry>>()

      const begin = (entry: Entry) => {
        const { conversation, ref, told } = entry
        let frame: EncodedFrame | undefined
        entry.watching((sessions) => {
          // It may be over by the time they are known.
          if (!entry.shown) return
          for (const session of sessions) {
            if (session.level === "plain" || session.user === ref.user || session.hasLeft) continue
            if (session.isSlow || session.hasBlocked(ref.user) || ref.hasBlocked(session.user)) continue
            frame ??= new EncodedFrame({ type: "typing", conversation, user: ref.user, active: true })
            session.push(frame)
            session.flush()
            told.add(session)
          }
        })
      }

      /** Whoever is too slow to hear it now is asked again. */
      const end = ({ conversation, ref, told }: Entry, of: (session: Session) => boolean = () => true) => {
        let frame: EncodedFrame | undefined
        for (const session of told) {
          if (!of(session)) continue
          if (session.hasLeft) {
            told.delete(session)
            continue
          }
          if (session.isSlow) continue
          told.delete(session)
          frame ??= new EncodedFrame({ type: "typing", conversation, user: ref.user, active: false })
          session.push(frame)
          session.flush()
        }
      }

      const show = (entry: Entry, now: number) => {
        if (entry.active === entry.shown || now - entry.shownAt < pauseMillis) return
        entry.shown = entry.active
        entry.shownAt = now
        if (entry.shown) begin(entry)
        else end(entry)
      }

      const isOver = ({ active, shown, shownAt, told }: Entry, now: number): boolean =>
        !active && !shown && told.size === 0 && now - shownAt >= pauseMillis

      const tick = () => {
        const now = monotonic()
        for (const [user, entries] of users) {
          for (const [conversation, entry] of entries) {
            if (now >= entry.until) entry.active = false
            show(entry, now)
            if (!entry.shown && entry.told.size > 0) end(entry)
            if (isOver(entry, now)) entries.delete(conversation)
          }
          if (entries.size === 0) users.delete(user)
        }
      }
      yield* Effect.forkScoped(repeatForever("Typing", Effect.sync(tick), tickMillis))

      const stop = (entry: Entry) => {
        entry.active = false
        show(entry, monotonic())
      }

      const entriesOf = (user: UserId): Iterable<Entry> => users.get(user)?.values() ?? []

      return Typing.of({
        set: (ref, conversation, active, watching) => {
          // Who is gone begins nothing.
          if (active && ref.hasLeft) return
          let entries = users.get(ref.user)
          let entry = entries?.get(conversation)
          if (entry === undefined) {
            if (!active) return
            if (entries === undefined) users.set(ref.user, entries = new Map())
            const shownAt = Number.NEGATIVE_INFINITY
            entry = { conversation, ref, active, shown: false, shownAt, until: 0, watching, told: new Set() }
            entries.set(conversation, entry)
          }
          const now = monotonic()
          entry.ref = ref
          entry.active = active
          entry.watching = watching
          entry.until = now + typingMillis
          show(entry, now)
        },
        disconnected: (ref) => {
          for (const entry of entriesOf(ref.user)) if (entry.ref === ref) stop(entry)
        },
        left: (gone, conversation) => {
          if (users.size === 0) return
          const names = new Set(gone)
          for (const [user, entries] of users) {
            const entry = entries.get(conversation)
            if (entry === undefined) continue
            // Their last frame of the conversation was another one.
            for (const session of entry.told) if (names.has(session.user)) entry.told.delete(session)
            if (names.has(user)) stop(entry)
          }
        },
        blocked: (one, other) => {
          for (const entry of entriesOf(one)) end(entry, ({ user }) => user === other)
          for (const entry of entriesOf(other)) end(entry, ({ user }) => user === one)
        },
        size: Effect.sync(() => {
          let size = 0
          for (const entries of users.values()) size += entries.size
          return size
        })
      })
    })
  )
}
