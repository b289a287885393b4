/**
 * Who is typing where. Never stored; ends by itself `typingMillis` after the last sign, and however fast somebody turns
 * it on and off, others hear of it at most once a second. Whoever was told that it began is told that it ended, in
 * whatever way it did.
 */
import { Context, Effect, Layer } from "effect"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import type { Session } from "../session/Session.ts"
import { TypingSign, type Typist, type Watching } from "./TypingSign.ts"

const tickMillis = 250

export class Typing extends Context.Service<Typing, {
  set(ref: Typist, conversation: ConversationId, active: boolean, watching: Watching): void
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
      const users = new Map<UserId, Map<ConversationId, TypingSign>>()

      const signsOf = (user: UserId): Iterable<TypingSign> => users.get(user)?.values() ?? []

      const signIn = (ref: Typist, conversation: ConversationId): TypingSign => {
        let signs = users.get(ref.user)
        if (signs === undefined) users.set(ref.user, signs = new Map())
        let sign = signs.get(conversation)
        if (sign === undefined) signs.set(conversation, sign = new TypingSign(ref, conversation))
        return sign
      }

      const tick = () => {
        const now = monotonic()
        for (const [user, signs] of users) {
          for (const [conversation, sign] of signs) if (sign.tick(now)) signs.delete(conversation)
          if (signs.size === 0) users.delete(user)
        }
      }
      const ticker = yield* makeTicker("Typing", {
        turn: Effect.sync(tick),
        pause: tickMillis,
        isIdle: () => users.size === 0
      })

      return Typing.of({
        set: (ref, conversation, active, watching) => {
          // Who is gone begins nothing, and what never began does not end.
          if (active ? ref.hasLeft : users.get(ref.user)?.has(conversation) !== true) return
          signIn(ref, conversation).set(ref, active, watching, monotonic())
          ticker.wake()
        },
        disconnected: (ref) => {
          for (const sign of signsOf(ref.user)) if (sign.ref === ref) sign.stop(monotonic())
        },
        left: (gone, conversation) => {
          if (users.size === 0) return
          const names = new Set(gone)
          for (const [user, signs] of users) {
            const sign = signs.get(conversation)
            if (sign === undefined) continue
            sign.forget((session) => names.has(session.user))
            if (names.has(user)) sign.stop(monotonic())
          }
        },
        blocked: (one, other) => {
          for (const sign of signsOf(one)) sign.hide(({ user }) => user === other)
          for (const sign of signsOf(other)) sign.hide(({ user }) => user === one)
        },
        size: Effect.sync(() => Array.from(users.values()).reduce((size, signs) => size + signs.size, 0))
      })
    })
  )
}
