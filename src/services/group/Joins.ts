/** Who comes in by an invitation. Guesses are counted for each user, and for each address, over all of their connections. */
import { Clock, Context, Effect, Layer, Option } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import * as Errors from "../../domain/Errors.ts"
import { noInvite } from "../../domain/groupRules.ts"
import type { GroupId, Invite, UserId } from "../../domain/Ids.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { TokenBuckets } from "../kernel/TokenBuckets.ts"
import { limitOf, Settings } from "../Settings.ts"
import { Invites } from "../storage/Invites.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { noInvites } from "./invitations.ts"

/** Wrong ones that a user may show in a minute, and all users of an address together. */
export const wrongPerMinute = 5
export const wrongPerMinuteOfAddress = 30

const aMinuteOf = (count: number) => ({ perSecond: count / 60, burst: count })

/** Whose it is, and from where. */
export interface Guest {
  readonly user: UserId
  readonly address: string
}

export class Joins extends Context.Service<Joins, {
  /**
   * Counts a try, and finds the group. One that lets this user in is not counted; whether it does in the end is the
   * commit's word, and `wrong` counts what that refuses.
   */
  open(invite: Invite, guest: Guest): Effect.Effect<GroupId, ChatError | StoreError>
  wrong(guest: Guest): void
}>()("switchboard/services/group/Joins") {
  static readonly layer = Layer.effect(
    Joins,
    Effect.gen(function*() {
      const settings = yield* Settings
      const invites = yield* Effect.serviceOption(Invites)
      const now = yield* Monotonic.now
      const users = new TokenBuckets(aMinuteOf(wrongPerMinute))
      const addresses = new TokenBuckets(aMinuteOf(wrongPerMinuteOfAddress))
      /** As far as what an address says is limited at all. */
      const counts = (address: string) => limitOf(settings, "maxMessagesPerSecondPerAddress", address) > 0

      const giveBack = ({ address, user }: Guest) => {
        const at = now()
        users.give(user, 1, at)
        if (counts(address)) addresses.give(address, 1, at)
      }

      /** Before the look, so that many at once are counted too. */
      const take = ({ address, user }: Guest): ChatError | undefined => {
        const at = now()
        let wait = users.take(user, 1, at)
        if (wait === 0 && counts(address)) {
          wait = addresses.take(address, 1, at)
          if (wait > 0) users.give(user, 1, at)
        }
        return wait === 0
          ? undefined
          : Errors.rateLimited("You have shown too many invitations that are not good; try again later.", wait)
      }

      return Joins.of({
        open: Effect.fn("Joins.open")(function*(invite, guest) {
          if (Option.isNone(invites)) return yield* noInvites()
          const refusal = take(guest)
          if (refusal !== undefined) return yield* refusal
          const found = yield* invites.value.look(invite, guest.user, yield* Clock.currentTimeMillis).pipe(
            Effect.tapError(() => Effect.sync(() => giveBack(guest)))
          )
          if (found === undefined || !(found.isIn || found.isOpen)) return yield* noInvite()
          giveBack(guest)
          return found.group
        }),
        wrong: (guest) => void take(guest)
      })
    })
  )
}
