/** What `Subscriptions` have to do, as a list of named effects, like `messageStoreContract`: of the same store. */
import { eventCases } from "./subscriptions/events.ts"
import { positionCases } from "./subscriptions/positions.ts"
import type { SubscriptionsCase } from "./subscriptions/SubscriptionsCase.ts"

export { type SubscriptionsCase }

export const subscriptionsContract: ReadonlyArray<SubscriptionsCase> = [...positionCases, ...eventCases]
