/** Of texts that wait for a receiver which does not take them, those for which there is no room. Pure. */
import type { UserId } from "../../domain/Ids.ts"
import type { KeptEvent } from "../storage/Subscriptions.ts"

/** For one user in one conversation, and for all of one. Overflow policy: the oldest is given up. */
export const maxWaitingOfUser = 100
export const maxWaiting = 10_000

/** `waiting` are those of one conversation in the order of its log; each of these users may have one more now. */
export const surplusOf = (
  waiting: ReadonlyArray<KeptEvent>,
  users: ReadonlyArray<UserId>
): ReadonlyArray<KeptEvent> => {
  const of = Map.groupBy(waiting, ({ user }) => user)
  const surplus = new Set(users.flatMap((user) => {
    const its = of.get(user) ?? []
    return its.slice(0, Math.max(0, its.length + 1 - maxWaitingOfUser))
  }))
  let over = waiting.length - surplus.size + users.length - maxWaiting
  for (const event of waiting) {
    if (over <= 0) break
    if (surplus.has(event)) continue
    surplus.add(event)
    over--
  }
  return Array.from(surplus)
}
