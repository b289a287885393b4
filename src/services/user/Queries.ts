/** What a client may ask, and whether it may ask it: each command is checked, not only the first (P8). */
import { Effect } from "effect"
import { redact } from "../../domain/blockSpans.ts"
import type { Conversations, History, Receipts, Targeted } from "../../domain/ClientFrame.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { Entry } from "../../domain/Entry.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
import { isOver } from "../../domain/Limit.ts"
import * as ListCursor from "../../domain/ListCursor.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { errorFrame } from "../session/errorFrame.ts"
import type { MessageStore, Page } from "../storage/MessageStore.ts"
import type { UserRef } from "./UserRef.ts"

/** The group that a frame addresses, if it is one. */
export const groupOf = (frame: Targeted): GroupId | undefined => {
  if (frame.group !== undefined) return frame.group
  if (frame.conversation === undefined || !Conversation.isGroup(frame.conversation)) return undefined
  const parsed = Conversation.parse(frame.conversation)
  return parsed?.kind === "group" ? parsed.group : undefined
}

/** The other user of the direct conversation that a frame addresses. */
export const recipientOf = (frame: Targeted, user: UserId): UserId | ChatError => {
  if (frame.recipient !== undefined) return frame.recipient
  const parsed = frame.conversation === undefined ? undefined : Conversation.parse(frame.conversation)
  if (parsed?.kind !== "direct") return Errors.noConversation()
  return Conversation.peerOf(parsed.users, user) ?? Errors.noConversation()
}

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
        ChatError: (error) => Effect.succeed(errorFrame(frame.id, error)),
        StoreError: () => Effect.succeed(errorFrame(frame.id, Errors.storeSilent()))
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

/**
 * Bytes of a page of history. One of long texts has fewer of them, and says that there are more: 100 of 16 KiB would hold
 * up everybody else, and what is much of a connection's outbound memory would close it (P9).
 */
export const pageBytesOf = (maxOutboundBytes: number): number =>
  isOver(maxOutboundBytes, 4 * maxPageBytes) ? Math.floor(maxOutboundBytes / 4) : maxPageBytes

const maxPageBytes = 262_144

/** As it is encoded: a control character is six bytes. */
const bytesOf = (entry: Entry): number => Buffer.byteLength(JSON.stringify(entry))

/** At least as many, and cheap to know: what is not text or a list of members is never longer than this. */
const mostBytesOf = (entry: Entry): number =>
  entry.kind === "group" ? bytesOf(entry) : 512 + ("text" in entry ? 6 * (entry.text?.length ?? 0) : 0)

/** How many of these fit, at least one. What is not there takes next to nothing. */
const fitting = (entries: ReadonlyArray<Entry | undefined>, pageBytes: number): number => {
  let most = 0
  for (const entry of entries) most += entry === undefined ? 0 : mostBytesOf(entry)
  if (most <= pageBytes) return entries.length
  let bytes = 0
  for (const [count, entry] of entries.entries()) {
    bytes += entry === undefined ? 0 : bytesOf(entry)
    if (bytes > pageBytes && count > 0) return count
  }
  return entries.length
}

/** As many entries as fit; from the newest end where the page was asked for backwards. */
const bounded = (entries: ReadonlyArray<Entry>, backwards: boolean, pageBytes: number): ReadonlyArray<Entry> => {
  const count = fitting(backwards ? entries.toReversed() : entries, pageBytes)
  if (count === entries.length) return entries
  return backwards ? entries.slice(entries.length - count) : entries.slice(0, count)
}

/** A conversation before the first word. */
const nothing: Page = { entries: [], firstSeq: 0, hasMore: false, headSeq: 0 }

/** A place in a log that stores can hold; what is further is beyond every log. */
const place = (n: number): number => Math.min(n, Number.MAX_SAFE_INTEGER)

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

const redacted = (ref: UserRef, item: ConversationSummary): ConversationSummary => {
  if (item.last_message === undefined) return item
  // What is redacted is a text.
  const last = redact(ref.blocks, item.last_message) as typeof item.last_message
  return last === item.last_message ? item : { ...item, last_message: last }
}

/** The latest first, as many as fit with their last words, at least one. */
const recent = Effect.fnUntraced(function*(
  frame: Conversations,
  ref: UserRef,
  store: MessageStore["Service"],
  pageBytes: number
) {
  const before = frame.cursor === undefined ? undefined : ListCursor.parse(frame.cursor)
  const { hasMore, items } = yield* store.recent({
    user: ref.user,
    device: ref.device,
    limit: frame.limit ?? 50,
    ...(before === undefined ? undefined : { before })
  })
  yield* ref.blocks.known()
  const seen = items.map((item) => redacted(ref, item))
  const shown = seen.slice(0, fitting(seen.map(({ last_message }) => last_message), pageBytes))
  const last = shown.at(-1)
  const more = hasMore || shown.length < seen.length
  return new EncodedFrame({
    type: "conversation_list",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversations: shown,
    has_more: more,
    ...(more && last !== undefined
      ? { cursor: ListCursor.make({ at: last.last_at ?? 0, conversation: last.conversation }) }
      : undefined)
  })
})

const conversations = Effect.fnUntraced(function*(
  frame: Conversations,
  ref: UserRef,
  store: MessageStore["Service"],
  pageBytes: number
) {
  const { device, user } = ref
  if (frame.order === "recent") return yield* recent(frame, ref, store, pageBytes)
  const { hasMore, items } = yield* store.conversations({
    user,
    device,
    limit: frame.limit ?? 50,
    ...(frame.after === undefined ? undefined : { after: frame.after })
  })
  return new EncodedFrame({
    type: "conversation_list",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversations: items,
    has_more: hasMore
  })
})
