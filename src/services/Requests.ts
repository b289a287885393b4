/** What a client may ask, and whether it may ask it: each command is checked, not only the first (P8). */
import { Effect } from "effect"
import type { Conversations, History, Targeted } from "../domain/ClientFrame.ts"
import * as Conversation from "../domain/Conversation.ts"
import * as Errors from "../domain/Errors.ts"
import type { ChatError } from "../domain/Errors.ts"
import type { ConversationId, UserId } from "../domain/Ids.ts"
import { Outbound } from "./Outbound.ts"
import type { MessageStore } from "./storage/MessageStore.ts"
import { errorFrame, type UserRef } from "./UserRef.ts"

/** One answer for what does not exist and what is not yours, so that nobody can find out which. */
const noConversation = (): ChatError => Errors.notFound("There is no such conversation of yours; check its name.")

const unavailable = () => Errors.unavailable("The store does not answer at the moment; ask again.", 1_000)

/** The other user of the direct conversation that a frame addresses. */
export const recipientOf = (frame: Targeted, user: UserId): UserId | ChatError => {
  if (frame.recipient !== undefined) return frame.recipient
  const parsed = frame.conversation === undefined ? undefined : Conversation.parse(frame.conversation)
  if (parsed?.kind !== "direct") return noConversation()
  return Conversation.peerOf(parsed.users, user) ?? noConversation()
}

/** Answers a question about what is stored. Never fails: what goes wrong is an `error` frame. */
export const answer = (
  frame: History | Conversations,
  ref: UserRef,
  store: MessageStore["Service"]
): Effect.Effect<Outbound> =>
  (frame.type === "history" ? history(frame, ref, store) : conversations(frame, ref, store)).pipe(
    Effect.catchTags({
      ChatError: (error) => Effect.succeed(errorFrame(frame.id, error)),
      StoreError: () => Effect.succeed(errorFrame(frame.id, unavailable()))
    })
  )

const history = Effect.fnUntraced(function*(frame: History, { user }: UserRef, store: MessageStore["Service"]) {
  const recipient = recipientOf(frame, user)
  if (typeof recipient !== "string") return yield* recipient
  const conversation: ConversationId = Conversation.direct(user, recipient)
  // A name that was erased and is used again does not see what its former owner saw.
  const from = (yield* store.membership(conversation, user))?.firstVisible ?? 1
  const { entries, firstSeq, hasMore, headSeq } = yield* store.history({
    conversation,
    from,
    limit: frame.limit ?? 50,
    ...(frame.before === undefined ? undefined : { before: frame.before }),
    ...(frame.after === undefined ? undefined : { after: frame.after })
  })
  return new Outbound({
    type: "history_page",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversation,
    messages: entries,
    has_more: hasMore,
    first_seq: firstSeq,
    head_seq: headSeq
  })
})

const conversations = Effect.fnUntraced(function*(
  frame: Conversations,
  { device, user }: UserRef,
  store: MessageStore["Service"]
) {
  const { hasMore, items } = yield* store.conversations({
    user,
    device,
    limit: frame.limit ?? 50,
    ...(frame.after === undefined ? undefined : { after: frame.after })
  })
  return new Outbound({
    type: "conversation_list",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversations: items,
    has_more: hasMore
  })
})
