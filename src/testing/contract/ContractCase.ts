/** A case of the contract, and the names that it has for itself: all cases can run on one store. */
import { Effect, Random } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import { MessageStore, type StoreError } from "../../services/storage/MessageStore.ts"

export interface ContractCase {
  readonly name: string
  readonly effect: Effect.Effect<void, StoreError, MessageStore>
}

export interface Names {
  readonly store: MessageStore["Service"]
  readonly alice: UserId
  readonly bob: UserId
  readonly carol: UserId
  readonly dave: UserId
  /** Of alice and bob. */
  readonly conversation: ConversationId
  /** A group that is not there yet, and its conversation. */
  readonly group: GroupId
  readonly tea: ConversationId
  readonly user: (name: string) => UserId
  readonly groupCalled: (name: string) => GroupId
}

/** Nobody else's. */
export const freshNames: Effect.Effect<Names, never, MessageStore> = Effect.gen(function*() {
  const store = yield* MessageStore
  const suffix = (yield* Random.nextIntBetween(0, 36 ** 8)).toString(36)
  const user = (name: string) => UserId.make(`${name}-${suffix}`)
  const groupCalled = (name: string) => GroupId.make(`${name}-${suffix}`)
  const [alice, bob, group] = [user("alice"), user("bob"), groupCalled("tea")]
  return {
    store,
    alice,
    bob,
    carol: user("carol"),
    dave: user("dave"),
    conversation: Conversation.direct(alice, bob),
    group,
    tea: Conversation.group(group),
    user,
    groupCalled
  }
})

export const contractCase = (
  name: string,
  body: (names: Names) => Effect.fn.Return<void, StoreError, MessageStore>
): ContractCase => ({
  name,
  effect: Effect.gen(function*() {
    yield* body(yield* freshNames)
  })
})
