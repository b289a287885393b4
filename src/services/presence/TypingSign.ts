/** One user's typing in one conversation, from the first sign to the moment when nobody is shown it any more. */
import type { ConversationId } from "../../domain/Ids.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Session } from "../session/Session.ts"

export const typingMillis = 6_000
const pauseMillis = 1_000
/** Other servers end it by themselves, so they are told again that it goes on. */
const againMillis = 2_500

/** Who types: a connection here, or a user elsewhere, whose own server knows what they block. */
export type Typist = Pick<Session, "user" | "hasLeft" | "hasBlocked">

export interface Watching {
  /** Finds those who may see it as it is now, and hands them over, at once or a little later. */
  readonly find: (use: (sessions: Iterable<Session>) => void) => void
  /** Tells other servers that it is shown, or not any more. */
  readonly elsewhere?: (active: boolean) => void
}

export class TypingSign {
  readonly #conversation: ConversationId
  /** The connection that gave the last sign. */
  ref: Typist
  #active = false
  #shown = false
  #shownAt = Number.NEGATIVE_INFINITY
  #until = 0
  #watching: Watching = { find: () => {} }
  #toldElsewhereAt = 0
  /** Who was told that it began, and not that it ended. */
  readonly #told = new Set<Session>()

  constructor(ref: Typist, conversation: ConversationId) {
    this.ref = ref
    this.#conversation = conversation
  }

  set(ref: Typist, active: boolean, watching: Watching, now: number): void {
    this.ref = ref
    this.#active = active
    this.#watching = watching
    this.#until = now + typingMillis
    this.#show(now)
    if (active && this.#shown && now - this.#toldElsewhereAt >= againMillis) this.#tellElsewhere(now)
  }

  stop(now: number): void {
    this.#active = false
    this.#show(now)
  }

  /** Returns whether it is over. */
  tick(now: number): boolean {
    if (now >= this.#until) this.#active = false
    this.#show(now)
    // Whoever was too slow to hear of the end is told now.
    if (!this.#shown) this.hide()
    return !this.#active && !this.#shown && this.#told.size === 0 && now - this.#shownAt >= pauseMillis
  }

  /** These hear nothing more of it, not even its end: their last frame of the conversation was another one. */
  forget(of: (session: Session) => boolean): void {
    for (const session of this.#told) if (of(session)) this.#told.delete(session)
  }

  #show(now: number): void {
    if (this.#active === this.#shown || now - this.#shownAt < pauseMillis) return
    this.#shown = this.#active
    this.#shownAt = now
    if (this.#shown) this.#begin()
    else this.hide()
    this.#tellElsewhere(now)
  }

  #tellElsewhere(now: number): void {
    this.#toldElsewhereAt = now
    this.#watching.elsewhere?.(this.#shown)
  }

  #begin(): void {
    const { ref } = this
    const frame = this.#frame(true)
    this.#watching.find((sessions) => {
      // It may be over by the time they are known.
      if (!this.#shown) return
      for (const session of sessions) {
        if (session.level === "plain" || session.user === ref.user || session.hasLeft) continue
        if (session.isSlow || session.hasBlocked(ref.user) || ref.hasBlocked(session.user)) continue
        session.push(frame())
        session.flush()
        this.#told.add(session)
      }
    })
  }

  /** Tells those who were told of it that it has ended; whoever is too slow to hear it now is told later. */
  hide(of: (session: Session) => boolean = () => true): void {
    const frame = this.#frame(false)
    for (const session of this.#told) {
      if (!of(session) || (session.isSlow && !session.hasLeft)) continue
      this.#told.delete(session)
      if (session.hasLeft) continue
      session.push(frame())
      session.flush()
    }
  }

  /** Encoded once, for the first who gets it. */
  #frame(active: boolean): () => EncodedFrame {
    const { user } = this.ref
    let frame: EncodedFrame | undefined
    return () => frame ??= new EncodedFrame({ type: "typing", conversation: this.#conversation, user, active })
  }
}
