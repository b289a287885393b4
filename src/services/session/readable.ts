/** Whether a client may read what it names: asked for each frame, and answered the same whatever the frame wants (P8). */
import { Effect } from "effect"
import type { Targeted } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import { groupOf, recipientOf } from "./targets.ts"

/** The conversation that a frame addresses and the first entry of it that the user may see, if there is any. */
export const readable = Effect.fnUntraced(function*(frame: Targeted, user: UserId, store: MessageStore["Service"]) {
  const group = groupOf(frame)
  if (group === undefined) {
    const recipient = recipientOf(frame, user)
    if (typeof recipient !== "string") return yield* recipient
    const conversation: ConversationId = Conversation.direct(user, recipient)
    // Whoever has a name that was erased does not see what its former owner saw: for them nothing has been said.
    return { conversation, from: (yield* store.membership(conversation, user))?.firstVisible }
  }
  const conversation = Conversation.group(group)
  const membership = yield* store.membership(conversation, user)
  if (membership !== undefined) return { conversation, from: membership.firstVisible }
  return yield* (yield* store.wasMember(conversation, user))
    ? Errors.notInGroup()
    : Errors.noConversation()
})

type Readable = Effect.Success<ReturnType<typeof readable>>

/**
 * What a frame wants of a conversation. The right to it is asked for again when it has been read: whoever was taken out
 * meanwhile would have seen what came after that.
 */
export const readAs = Effect.fnUntraced(
  function*<A, E, R>(
    frame: Targeted,
    user: UserId,
    store: MessageStore["Service"],
    read: (place: Readable) => Effect.Effect<A, E, R>
  ) {
    let place = yield* readable(frame, user, store)
    while (true) {
      const found = yield* read(place)
      // There is nothing in it that anybody could see.
      if (place.from === undefined) return found
      const now = yield* readable(frame, user, store)
      if (now.from === place.from) return found
      place = now
    }
  }
)
