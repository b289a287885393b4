/** What a client may ask, and whether it may ask it: each command is checked, not only the first (P8). */
import { Clock, Effect } from "effect"
import { redact } from "../../domain/blockSpans.ts"
import type { Conversations, History, Receipts } from "../../domain/ClientFrame.ts"
import * as Errors from "../../domain/Errors.ts"
import type { DeviceId, UserId } from "../../domain/Ids.ts"
import * as ListCursor from "../../domain/ListCursor.ts"
import type { ConversationList, ConversationSummary } from "../../domain/ServerFrame.ts"
import type { ShownPeople } from "../files/ShownPeople.ts"
import { costOfCounting } from "../limits/FrameLimits.ts"
import { asOf } from "../preferences/passed.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { bounded, fitting, place } from "../session/pageBounds.ts"
import { readAs } from "../session/readable.ts"
import type { MessageStore, Page, StoreError } from "../storage/MessageStore.ts"
import { countedFor } from "../storage/unread.ts"
import type { Blocks } from "./Blocks.ts"
import type { UserRef } from "./UserRef.ts"

type People = Pick<ShownPeople["Service"], "shown" | "pictureUrl">

export type Question = History | Conversations | Receipts

/** Answers a question about what is stored. Never fails: what goes wrong is an `error` frame. */
export const answer = (
  frame: Question,
  ref: UserRef,
  store: MessageStore["Service"],
  people: People,
  pageBytes: number
): Effect.Effect<EncodedFrame> =>
  (frame.type === "history"
    ? history(frame, ref, store, pageBytes)
    : frame.type === "receipts"
    ? receipts(frame, ref, store)
    : conversations(frame, ref, store, people, pageBytes)).pipe(
      Effect.catchTags({
        ChatError: (error) => Effect.sync(() => ref.refusal(frame.id, error)),
        StoreError: () => Effect.sync(() => ref.refusal(frame.id, Errors.storeSilent()))
      })
    )

/** A conversation before the first word. */
const nothing: Page = { entries: [], firstSeq: 0, hasMore: false, headSeq: 0 }

const history = Effect.fnUntraced(function*(
  frame: History,
  ref: UserRef,
  store: MessageStore["Service"],
  pageBytes: number
) {
  const { conversation, page } = yield* readAs(frame, ref.user, store, ({ conversation, from }) =>
    Effect.map(
      from === undefined ? Effect.succeed(nothing) : store.history({
        conversation,
        from,
        limit: frame.limit ?? 50,
        ...(frame.before === undefined ? undefined : { before: place(frame.before) }),
        ...(frame.after === undefined ? undefined : { after: place(frame.after) })
      }),
      (page) => ({ conversation, page })
    ))
  const { entries, firstSeq, hasMore, headSeq } = page
  // A frame may come before they have been read for the backlog, or while it is open what becomes of a block.
  yield* ref.blocks.isChanging ? ref.blocks.decided() : ref.blocks.known()
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
  const { conversation, positions } = yield* readAs(frame, user, store, ({ conversation, from }) =>
    Effect.map(
      from === undefined ? Effect.succeed([]) : store.positions(conversation, user),
      (positions) => ({ conversation, positions })
    ))
  return new EncodedFrame({
    type: "receipt_list",
    ...(frame.id === undefined ? undefined : { id: frame.id }),
    conversation,
    receipts: positions
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

/** With how those are shown whom one talks with, and the pictures of groups. */
const named = Effect.fnUntraced(function*(list: List, { user }: Reader, people: People): Effect.fn.Return<List> {
  const peers = list.conversations.flatMap(({ peer }) => peer ?? [])
  const shown = yield* people.shown(user, peers)
  if (shown.size === 0 && list.conversations.every(({ avatar }) => avatar === undefined)) return list
  return {
    ...list,
    conversations: list.conversations.map((each) => {
      if (each.peer !== undefined) return Object.assign(each, shown.get(each.peer))
      if (each.avatar === undefined) return each
      return Object.assign(each, { avatar_url: people.pictureUrl({ file: each.avatar, name: "picture" }) })
    })
  }
})

/** A page of somebody's conversations, as `conversations` asks for it. */
export const conversationList = (
  frame: ListFrame,
  reader: Reader,
  store: MessageStore["Service"],
  people: People,
  pageBytes: number
): Effect.Effect<List, StoreError> =>
  Effect.flatMap(unnamedList(frame, reader, store, pageBytes), (list) => named(list, reader, people))

const unnamedList = Effect.fnUntraced(function*(
  frame: ListFrame,
  reader: Reader,
  store: MessageStore["Service"],
  pageBytes: number
): Effect.fn.Return<List, StoreError> {
  const now = yield* Clock.currentTimeMillis
  if (frame.order === "recent") {
    const list = yield* recent(frame, reader, store, pageBytes)
    return { ...list, conversations: list.conversations.map((item) => asOf(now, item)) }
  }
  const { device, user } = reader
  const { after, limit = 50 } = frame
  const { hasMore, items } = yield* store.conversations({
    user,
    device,
    limit,
    ...(after === undefined ? undefined : { after })
  })
  return { conversations: items.map((item) => asOf(now, item)), has_more: hasMore }
})

const conversations = (
  frame: Conversations,
  ref: UserRef,
  store: MessageStore["Service"],
  people: People,
  pageBytes: number
) =>
  Effect.map(conversationList(frame, ref, store, people, pageBytes), (list) => {
    ref.charge(costOfCounting(countedFor(list.conversations)))
    return new EncodedFrame({
      type: "conversation_list",
      ...(frame.id === undefined ? undefined : { id: frame.id }),
      ...list
    })
  })
