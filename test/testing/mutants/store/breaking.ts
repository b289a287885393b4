/** How a `MessageStore` breaks the laws of its commits and of what it shows. */
import { Effect } from "effect"
import type { Entry } from "../../../../src/domain/Entry.ts"
import { ChatError, type ErrorCode } from "../../../../src/domain/Errors.ts"
import type { ConversationId, MessageId, UserId } from "../../../../src/domain/Ids.ts"
import type { ConversationSummary } from "../../../../src/domain/ServerFrame.ts"
import {
  type Append,
  type AppendResult,
  type CursorMove,
  type CursorResult,
  MessageStore
} from "../../../../src/services/storage/MessageStore.ts"
import { breaking, type Mutant } from "../Mutant.ts"

export const store = breaking(MessageStore)

export const isIn = (kind: "dm" | "group") => ({ conversation }: { readonly conversation: ConversationId }): boolean =>
  conversation.startsWith("dm:") === (kind === "dm")

/** What an entry is about, or answers. */
export const isAbout = (append: Append): boolean =>
  "target" in append || (append.kind === "text" && append.replyTo !== undefined)

type Action = Extract<Append, { readonly kind: "group" }>["change"]["action"]

export const does = (...actions: ReadonlyArray<Action>) => (append: Append): boolean =>
  append.kind === "group" && actions.includes(append.change.action)

/** Whether one of a batch is like that. */
export const some = (is: (append: Append) => boolean) => (appends: ReadonlyArray<Append>): boolean => appends.some(is)

const rejected = (code: ErrorCode): AppendResult & CursorResult => ({
  _tag: "Rejected",
  error: new ChatError({ code, message: "A mutant says so.", temporary: false })
})

const accepted: AppendResult = {
  _tag: "Accepted",
  seq: 1,
  messageId: "mutant" as MessageId,
  at: 1,
  duplicate: false
}

export const isFresh = (result: AppendResult): boolean => result._tag === "Accepted" && !result.duplicate

export const results = (change: (result: AppendResult, append: Append) => AppendResult): Mutant =>
  store.answers("commit", (answer, appends) => ({
    ...answer,
    appends: answer.appends.map((result, i) => change(result, appends[i]!))
  }))

export const moves = (change: (result: CursorResult, move: CursorMove) => CursorResult): Mutant =>
  store.answers("commit", (answer, _, moves) => ({
    ...answer,
    moves: answer.moves.map((result, i) => change(result, moves[i]!))
  }))

export const appends = (change: (append: Append) => Append): Mutant =>
  store.asks("commit", (appends, ...rest) => [appends.map(change), ...rest])

/** Takes what it has to refuse with this. */
export const lets = (code: ErrorCode, when: (append: Append) => boolean = () => true): Mutant =>
  results((result, append) =>
    result._tag === "Rejected" && result.error.code === code && when(append) ? accepted : result
  )

/** Refuses with this what it has to take. */
export const refuses = (code: ErrorCode, when: (append: Append, result: AppendResult) => boolean): Mutant =>
  results((result, append) => result._tag === "Accepted" && when(append, result) ? rejected(code) : result)

/** Lets cursors go where it has to refuse them with this. */
export const letsMove = (code: ErrorCode): Mutant =>
  moves((result, { upTo }) =>
    result._tag === "Rejected" && result.error.code === code
      ? { _tag: "Moved", moved: true, delivered: upTo, read: 0 }
      : result
  )

/** Ids mean nothing. */
export const forgetsIds = (when: (append: Append) => boolean = () => true): Mutant =>
  appends((append) => when(append) ? { ...append, clientId: undefined } : append)

/** Ids mean for ever what they meant first, where that was something like this. */
export const keepsIds = (
  like: (first: Append) => boolean,
  keyOf: (append: Append) => string = ({ clientId, sender }) => `${sender} ${clientId}`
): Mutant =>
(services) => {
  const first = new Map<string, Append>()
  return results((result, append) => {
    if (append.clientId === undefined || !isFresh(result)) return result
    const known = first.get(keyOf(append))
    if (known !== undefined && like(known)) return rejected("id_conflict")
    first.set(keyOf(append), append)
    return result
  })(services)
}

export const entries = (change: (entry: Entry) => Entry): Mutant =>
  store.answers("history", (page) => ({ ...page, entries: page.entries.map(change) }))

export const items = (
  change: (item: ConversationSummary, user: UserId) => ConversationSummary,
  list: "conversations" | "recent" = "conversations"
): Mutant => store.answers(list, (page, { user }) => ({ ...page, items: page.items.map((item) => change(item, user)) }))

/** Positions as they are, also where a block hides them from the reader. */
export const showsPositions = (
  when: (conversation: ConversationId, reader: UserId, blocked: ReadonlyArray<UserId>) => boolean
): Mutant =>
  store.changed((own) => ({
    positions: Effect.fnUntraced(function*(conversation, reader) {
      const seen = yield* own.positions(conversation, reader)
      const blocked = (yield* own.blocks(reader)).flatMap((span) => span.until === undefined ? [span.blocked] : [])
      if (!when(conversation, reader, blocked)) return seen
      return yield* Effect.forEach(seen, ({ user }) =>
        Effect.map(own.positions(conversation, user), (all) => all.find((each) => each.user === user)!))
    })
  }))
