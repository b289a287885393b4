/** What is said to a store, and what it answers, in few words. */
import { Array, Effect } from "effect"
import assert from "node:assert/strict"
import * as Conversation from "../../domain/Conversation.ts"
import type { Mentions } from "../../domain/entries/Mentions.ts"
import type { Entry, GroupChange, GroupHistory, Role } from "../../domain/Entry.ts"
import {
  ClientId,
  type ConversationId,
  DeviceId,
  type GroupId,
  type Invite,
  type MessageId,
  UserId
} from "../../domain/Ids.ts"
import type { ConversationSummary } from "../../domain/ServerFrame.ts"
import { type Append, type Behind, type CursorMove, MessageStore } from "../../services/storage/MessageStore.ts"
import { lastOf } from "./lastOf.ts"

export const phone = DeviceId.make("phone")

let counter = 0

interface Stamp {
  readonly id?: string
  readonly at?: number
}

const stamp = (sender: UserId, conversation: ConversationId, { at = 1_000, id }: Stamp = {}) => ({
  conversation,
  sender,
  clientId: id === undefined ? undefined : ClientId.make(id),
  messageId: `m${counter++}` as MessageId,
  at
})

interface TextOptions extends Stamp {
  readonly replyTo?: number
  readonly mentions?: ReadonlyArray<string>
  /** As JSON. */
  readonly data?: string
}

export const text = (sender: UserId, conversation: ConversationId, body = "hi", options: TextOptions = {}): Append => ({
  ...stamp(sender, conversation, options),
  kind: "text",
  text: body,
  replyTo: options.replyTo,
  // What a frame could not have asked for is asked of the store, too.
  ...(options.mentions === undefined ? undefined : { mentions: options.mentions as Mentions }),
  ...(options.data === undefined ? undefined : { data: options.data })
})

export const edit = (
  sender: UserId,
  conversation: ConversationId,
  target: number,
  body: string,
  { data, ...options }: Stamp & { readonly data?: string } = {}
): Append => ({
  ...stamp(sender, conversation, options),
  kind: "edit",
  target,
  text: body,
  ...(data === undefined ? undefined : { data })
})

export const remove = (sender: UserId, conversation: ConversationId, target: number, options?: Stamp): Append => ({
  ...stamp(sender, conversation, options),
  kind: "delete",
  target
})

export const react = (
  sender: UserId,
  conversation: ConversationId,
  target: number,
  emoji: string,
  off = false,
  options?: Stamp
): Append => ({ ...stamp(sender, conversation, options), kind: "reaction", target, emoji, remove: off })

interface ChangeOptions extends Stamp {
  readonly maxMembers?: number
  readonly invite?: Invite
}

export const change = (
  sender: UserId,
  group: GroupId,
  change: GroupChange,
  { invite, maxMembers, ...options }: ChangeOptions = {}
) => ({
  ...stamp(sender, Conversation.group(group), options),
  kind: "group" as const,
  group,
  change,
  ...(maxMembers === undefined ? undefined : { maxMembers }),
  ...(invite === undefined ? undefined : { invite })
})

/** A group of that owner and of others in these roles. */
export const created = (
  group: GroupId,
  owner: UserId,
  others: { readonly [user: string]: Role } = {},
  history?: GroupHistory,
  options?: Stamp
) =>
  change(owner, group, {
    action: "created",
    name: "tea",
    members: [
      { user: owner, role: "owner" },
      ...Object.entries(others).map(([user, role]) => ({ user: UserId.make(user), role }))
    ],
    ...(history === undefined ? undefined : { history })
  }, options)

/** As many in one batch. */
const batch = 500

/** What became of each: its place, `again` if it was there before, or why it was refused. */
export const commit = Effect.fnUntraced(function*(...appends: ReadonlyArray<Append>) {
  const store = yield* MessageStore
  const results = yield* Effect.forEach(Array.chunksOf(appends, batch), (chunk) => store.commit(chunk, []))
  return results.flatMap(({ appends }) =>
    appends.map((result) =>
      result._tag === "Rejected" ? result.error.code : `${result.seq}${result.duplicate ? " again" : ""}`
    )
  )
})

/** As many texts, said a millisecond after another. */
export const many = (sender: UserId, conversation: ConversationId, count: number, since = 0) =>
  commit(...Array.range(1, count).map((i) => text(sender, conversation, `text ${i}`, { at: since + i })))

export const received = (user: UserId, conversation: ConversationId, upTo: number, device = phone): CursorMove => ({
  kind: "received",
  user,
  device,
  conversation,
  upTo
})

export const read = (user: UserId, conversation: ConversationId, upTo: number): CursorMove => ({
  kind: "read",
  user,
  conversation,
  upTo
})

/** What became of each: where the user stands then, or why it was refused. */
export const move = Effect.fnUntraced(function*(...moves: ReadonlyArray<CursorMove>) {
  const store = yield* MessageStore
  const results = yield* Effect.forEach(Array.chunksOf(moves, batch), (chunk) => store.commit([], chunk))
  return results.flatMap(({ moves }) =>
    moves.map((result) =>
      result._tag === "Moved"
        ? { moved: result.moved, delivered: result.delivered, read: result.read }
        : result.error.code
    )
  )
})

/** All pages, and how many of them there were. */
export const behindPages = Effect.fnUntraced(function*(user: UserId, limit: number, device = phone) {
  const store = yield* MessageStore
  const found: Array<Behind> = []
  let after: ConversationId | undefined
  let pages = 0
  do {
    const page = yield* store.behind({ user, device, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(page.items.length <= limit)
    assert.ok(page.next === undefined || after === undefined || page.next > after)
    found.push(...page.items)
    after = page.next
    pages++
  } while (after !== undefined)
  return { found, pages }
})

export const behind = (user: UserId, limit = 10, device = phone) =>
  Effect.map(behindPages(user, limit, device), ({ found }) => found)

export const entries = Effect.fnUntraced(function*(conversation: ConversationId, from = 1) {
  const store = yield* MessageStore
  return (yield* store.history({ conversation, after: 0, limit: 100, from })).entries
})

export const shown = (entry: Entry): string => {
  switch (entry.kind) {
    case "text":
      return entry.text ?? "deleted"
    case "edit":
      return `edit ${entry.text ?? "gone"}`
    case "reaction":
      return `${entry.remove === true ? "-" : "+"}${entry.emoji}`
    case "group":
      return entry.change.action
    default:
      return entry.kind
  }
}

export const texts = (conversation: ConversationId) => Effect.map(entries(conversation), (all) => all.map(shown))

/** The user's conversations, page by page. */
export const listed = Effect.fnUntraced(function*(user: UserId, limit = 10) {
  const store = yield* MessageStore
  const found: Array<ConversationSummary> = []
  let after: ConversationId | undefined
  while (true) {
    const page = yield* store.conversations({ user, device: phone, limit, ...(after === undefined ? {} : { after }) })
    assert.ok(page.items.length <= limit)
    found.push(...page.items)
    if (!page.hasMore) return found
    after = lastOf(page.items, found.length).conversation
  }
})
