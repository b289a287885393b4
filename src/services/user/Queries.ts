/** What a client may ask, and whether it may ask it: each command is checked, not only the first (P8). */
import { Effect } from "effect"
import { redact } from "../../domain/blockSpans.ts"
import type { Conversations, History, Receipts, Targeted } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ConversationId, DeviceId, UserId } from "../../domain/Ids.ts"
import * as ListCursor from "../../domain/ListCursor.ts"
import type { ConversationList, ConversationSummary } from "../../domain/ServerFrame.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { bounded, fitting, place } from "../session/pageBounds.ts"
import { groupOf, recipientOf } from "../session/targets.ts"
import type { MessageStore, Page, StoreError } from "../storage/MessageStore.ts"
import type { Blocks } from "./Blocks.ts"
import type { UserRef } from "./UserRef.ts"

export type Question = History | Conversations | Receipts

/** Answers a question about what is stored. Never fails: what goes wrong is an `error` frame. */
export const answer = (
  frame: Question,
  ref: UserRef,
  store: MessageStore["Service"],
  pageBytes: number
): Effect.Effect<EncodedFrame> =>
  (frame.type === "history"
    ? history(frame, ref, store, pageBytes)
    : frame.type === "receipts"
    ? receipts(frame, ref, store)
    : conversations(frame, ref, store, pageBytes)).pipe(
      Effect.catchTags({
        ChatError: (error) => Effect.sync(() => ref.refusal(frame.id, error)),
        StoreError: () => Effect.sync(() => ref.refusal(frame.id, Errors.storeSilent()))
      })
    )

/** The conversation that a frame addresses and the first entry of it that the user may see, if there is any. */
const readable = Effect.fnUntraced(function*(frame: Targeted, user: UserId, store: MessageStore["Service"]) {
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

/** A conversation before the first word. */
const nothing: Page = { entries: [], firstSeq: 0, hasMore: false, headSeq: 0 }

const history = Effect.fnUntraced(function*(
  frame: History,
  ref: UserRef,
  store: MessageStore["Service"],
  pageBytes: number
) {
  const { conversation, from } = yield* readable(frame, ref.user, store)
  const { entries, firstSeq, hasMore, headSeq } = from === undefined ? nothing : yield* store.history({
    conversation,
    from,
    limit: frame.limit ?? 50,
    ...(frame.before === undefined ? undefined : { before: place(frame.before) }),
    ...(frame.after === undefined ? undefined : { after: place(frame.after) })
  })
  // A frame may come before they have been read for the backlog.
  yield* ref.blocks.known()
  const seen = entries.map((entry) => redact(ref.blocks, entry))
  const messages = bounded(seen, frame.before !== undefined, pageBytes)
  return new EncodedFrame({
    type: "history_page",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversation,
    messages,
    has_more: hasMore || messages.length < seen.length,
    first_seq: firstSeq,
    head_seq: headSeq
  })
})

const receipts = Effect.fnUntraced(function*(frame: Receipts, { user }: UserRef, store: MessageStore["Service"]) {
  const { conversation, from } = yield* readable(frame, user, store)
  return new EncodedFrame({
    type: "receipt_list",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversation,
    receipts: from === undefined ? [] : yield* store.positions(conversation, user)
  })
})

/** Whoever a list is for, and what their blocks keep from them. */
export interface Reader {
  readonly user: UserId
  readonly device: DeviceId
  readonly blocks: Pick<Blocks, "known" | "withholds">
}

type ListFrame = Omit<Conversations, "type" | "id">
type List = Omit<ConversationList, "type" | "id">

const redacted = ({ blocks }: Reader, item: ConversationSummary): ConversationSummary => {
  if (item.last_message === undefined) return item
  // What is redacted is a text.
  const last = redact(blocks, item.last_message) as typeof item.last_message
  return last === item.last_message ? item : { ...item, last_message: last }
}

/** The latest first, as many as fit with their last words, at least one. */
const recent = Effect.fnUntraced(function*(
  { cursor, limit = 50 }: ListFrame,
  reader: Reader,
  store: MessageStore["Service"],
  pageBytes: number
) {
  const { device, user } = reader
  const before = cursor === undefined ? undefined : ListCursor.parse(cursor)
  const { hasMore, items } = yield* store.recent({
    user,
    device,
    limit,
    ...(before === undefined ? undefined : { before })
  })
  yield* reader.blocks.known()
  const seen = items.map((item) => redacted(reader, item))
  const shown = seen.slice(0, fitting(seen.map(({ last_message }) => last_message), pageBytes))
  const last = shown.at(-1)
  const more = hasMore || shown.length < seen.length
  return {
    conversations: shown,
    has_more: more,
    ...(more && last !== undefined
      ? { cursor: ListCursor.make({ at: last.last_at ?? 0, conversation: last.conversation }) }
      : undefined)
  }
})

/** A page of somebody's conversations, as `conversations` asks for it. */
export const conversationList = Effect.fnUntraced(function*(
  frame: ListFrame,
  reader: Reader,
  store: MessageStore["Service"],
  pageBytes: number
): Effect.fn.Return<List, StoreError> {
  if (frame.order === "recent") return yield* recent(frame, reader, store, pageBytes)
  const { device, user } = reader
  const { after, limit = 50 } = frame
  const { hasMore, items } = yield* store.conversations({
    user,
    device,
    limit,
    ...(after === undefined ? undefined : { after })
  })
  return { conversations: items, has_more: hasMore }
})

const conversations = (frame: Conversations, ref: UserRef, store: MessageStore["Service"], pageBytes: number) =>
  Effect.map(conversationList(frame, ref, store, pageBytes), (list) =>
    new EncodedFrame({
      type: "conversation_list",
      ...(frame.id === undefined ? undefined : { id: frame.id }),
      ...list
    }))
