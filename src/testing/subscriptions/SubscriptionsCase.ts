/** A case of the contract of `Subscriptions`, and the names that it has for itself. */
import { Effect } from "effect"
import assert from "node:assert/strict"
import type { ConversationId } from "../../domain/Ids.ts"
import type { MessageStore, StoreError } from "../../services/storage/MessageStore.ts"
import { type BehindConversation, Subscriptions } from "../../services/storage/Subscriptions.ts"
import { freshNames, type Names } from "../contract/ContractCase.ts"

export interface SubscriptionsCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore | Subscriptions>
}

export interface SubscriptionNames extends Names {
  readonly subscriptions: Subscriptions["Service"]
  /** Of a subscription that is not there yet. */
  readonly crm: string
}

/** All pages of what is behind, a few at a time. */
export const allBehind = Effect.fnUntraced(function*(name: string, limit = 2) {
  const subscriptions = yield* Subscriptions
  const found: Array<BehindConversation> = []
  let after: ConversationId | undefined
  do {
    const { items, next }: Effect.Success<ReturnType<typeof subscriptions.behind>> = yield* subscriptions.behind(name, {
      limit,
      ...(after === undefined ? undefined : { after })
    })
    assert.ok(next === undefined || after === undefined || next > after)
    found.push(...items)
    after = next
  } while (after !== undefined)
  return found
})

export const subscriptionsCase = (
  name: string,
  body: (names: SubscriptionNames) => Effect.fn.Return<void, StoreError, MessageStore | Subscriptions>
): SubscriptionsCase => ({
  name,
  effect: Effect.gen(function*() {
    const names = yield* freshNames
    yield* body({ ...names, subscriptions: yield* Subscriptions, crm: names.user("crm") })
  })
})
