/**
 * What a user can make grow in the store, in an hour: conversations that nobody has answered, and memberships of others.
 * Counted in memory, for this server.
 */
import { Context, Effect, Layer } from "effect"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { type Rate, TokenBuckets } from "../kernel/TokenBuckets.ts"
import { Settings } from "../Settings.ts"

const hourMillis = 3_600_000

/** Begun conversations that are remembered, of all users; past it users are forgotten, those first who were not new or looked at for longest. */
export const maxRemembered = 200_000

/** All of it may come at once. */
const anHourOf = (count: number): Rate => ({ perSecond: count / 3_600, burst: count })

/** The conversations that users have begun within the last hour and that were not answered, the oldest first. */
class Beginnings {
  readonly #of = new Map<UserId, Map<ConversationId, number>>()
  readonly #max: number
  #size = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Milliseconds until the user may begin another one, 0 when they may now. */
  wait(user: UserId, now: number): number {
    const mine = this.#of.get(user)
    if (mine === undefined || mine.size < this.#max) return 0
    this.#expire(user, mine, now)
    if (mine.size < this.#max) return 0
    for (const at of mine.values()) return Math.max(1, at + hourMillis - now)
    return 0
  }

  add(user: UserId, conversation: ConversationId, now: number): void {
    let mine = this.#of.get(user)
    if (mine === undefined) {
      this.#sweep(now)
      this.#of.set(user, mine = new Map())
    }
    if (!mine.has(conversation)) this.#size++
    mine.set(conversation, now)
    for (const [oldest, its] of this.#of) {
      if (this.#size <= maxRemembered) return
      this.#of.delete(oldest)
      this.#size -= its.size
    }
  }

  answered(user: UserId, conversation: ConversationId): void {
    const mine = this.#of.get(user)
    if (mine?.delete(conversation) !== true) return
    this.#size--
    if (mine.size === 0) this.#of.delete(user)
  }

  #expire(user: UserId, mine: Map<ConversationId, number>, now: number): void {
    for (const [conversation, at] of mine) {
      if (now - at < hourMillis) break
      mine.delete(conversation)
      this.#size--
    }
    if (mine.size === 0) this.#of.delete(user)
  }

  /** A few of the users for each new one, in turns, so that it shrinks. */
  #sweep(now: number): void {
    let looked = 0
    for (const [user, mine] of this.#of) {
      if (looked++ === 4) break
      this.#expire(user, mine, now)
      if (mine.size === 0) continue
      this.#of.delete(user)
      this.#of.set(user, mine)
    }
  }
}

export class Quotas extends Context.Service<Quotas, {
  /** Why this user may not begin a conversation now. */
  mayBegin(user: UserId): ChatError | undefined
  /** The user said the first word in a conversation with somebody else. */
  began(user: UserId, conversation: ConversationId): void
  /** The other one has said something in it. */
  answered(user: UserId, conversation: ConversationId): void
  /** Why `user` may not put so many into a group now, before anything is looked up about them; counts nothing. */
  mayGather(user: UserId, others: ReadonlyArray<UserId>): ChatError | undefined
  /** Counts that `user` puts these others into a group, or says why they may not now. */
  gather(user: UserId, others: ReadonlyArray<UserId>): ChatError | undefined
  /** Counts that `user` comes into a group by an invitation, or says why they may not now. */
  mayJoin(user: UserId): ChatError | undefined
  didNotJoin(user: UserId): void
  /** It did not happen. */
  giveBack(user: UserId, others: ReadonlyArray<UserId>): void
}>()("switchboard/services/limits/Quotas") {
  static readonly layer = Layer.effect(
    Quotas,
    Effect.gen(function*() {
      const { maxAdditionsOfUserPerHour, maxAdditionsPerHour, maxNewConversationsPerHour } = yield* Settings
      const now = yield* Monotonic.now
      const beginnings = new Beginnings(maxNewConversationsPerHour)
      const adders = new TokenBuckets(anHourOf(maxAdditionsPerHour))
      const added = new TokenBuckets(anHourOf(maxAdditionsOfUserPerHour))

      /** The group itself counts, too; more than an hour's worth at once is an hour's worth. */
      const costOf = (others: ReadonlyArray<UserId>) => Math.min(others.length + 1, maxAdditionsPerHour)

      const tooMany = (wait: number) =>
        Errors.rateLimited("You have put many people into groups; add these later.", wait)

      const giveBack = (user: UserId, cost: number, others: ReadonlyArray<UserId>) => {
        const at = now()
        if (maxAdditionsPerHour > 0) adders.give(user, cost, at)
        if (maxAdditionsOfUserPerHour > 0) { for (const other of others) added.give(other, 1, at) }
      }

      return Quotas.of({
        mayBegin: (user) => {
          if (maxNewConversationsPerHour === 0) return undefined
          const wait = beginnings.wait(user, now())
          return wait === 0 ? undefined : Errors.rateLimited(
            "You have written to many people who have not answered; wait for answers, or write to new ones later.",
            wait
          )
        },
        began: (user, conversation) => {
          if (maxNewConversationsPerHour > 0) beginnings.add(user, conversation, now())
        },
        answered: (user, conversation) => beginnings.answered(user, conversation),
        mayGather: (user, others) => {
          if (maxAdditionsPerHour === 0) return undefined
          const at = now()
          const cost = costOf(others)
          const wait = adders.take(user, cost, at)
          if (wait > 0) return tooMany(wait)
          adders.give(user, cost, at)
          return undefined
        },
        gather: (user, others) => {
          const at = now()
          const cost = costOf(others)
          const wait = maxAdditionsPerHour === 0 ? 0 : adders.take(user, cost, at)
          if (wait > 0) return tooMany(wait)
          if (maxAdditionsOfUserPerHour === 0) return undefined
          for (let i = 0; i < others.length; i++) {
            const later = added.take(others[i]!, 1, at)
            if (later === 0) continue
            giveBack(user, cost, others.slice(0, i))
            return Errors.rateLimited(
              "Somebody of these was put into many groups; leave them out or add them later.",
              later
            )
          }
          return undefined
        },
        mayJoin: (user) => {
          const wait = maxAdditionsPerHour === 0 ? 0 : adders.take(user, 1, now())
          return wait === 0
            ? undefined
            : Errors.rateLimited("You have come into many groups; join this one later.", wait)
        },
        didNotJoin: (user) => {
          if (maxAdditionsPerHour > 0) adders.give(user, 1, now())
        },
        giveBack: (user, others) => giveBack(user, costOf(others), others)
      })
    })
  )
}
