/** What was not taken, page by page, and how it is tried again. */
import { Clock, Effect, Schema } from "effect"
import { defined } from "../../domain/defined.ts"
import { ConversationId, UserId } from "../../domain/Ids.ts"
import type { MessageStore, StoreError } from "../storage/MessageStore.ts"
import { atOnce, type EventKey, type EventState, type KeptEvent, type Subscriptions } from "../storage/Subscriptions.ts"
import { logName } from "./LogTeller.ts"
import { unreadName } from "./UnreadTeller.ts"
import { entryAt } from "./working.ts"

/** What waits, with the kind of event that it is. */
export interface PendingEvent extends Omit<KeptEvent, "error" | "firstAt"> {
  readonly type: "message.accepted" | "group.changed" | "message.unread"
  readonly error?: string
  readonly firstAt?: number
}

const prefixes = { log: logName, unread: unreadName } as const

/** Users' names may have a `~`, which stands between the parts here. Of earlier names, none changes. */
const toPart = (name: string): string => name.replace(/[%~]/g, (c) => c === "~" ? "%7E" : "%25")
const fromPart = (part: string): string => part.replace(/%7E/g, "~").replace(/%25/g, "%")

export const idOf = ({ conversation, name, seq, user }: EventKey): string =>
  [
    name === unreadName ? "unread" : "log",
    toPart(conversation),
    seq,
    ...(user === undefined ? [] : [toPart(user)])
  ].join("~")

const isConversation = Schema.is(ConversationId)
const isUser = Schema.is(UserId)

export const keyOf = (id: string): EventKey | undefined => {
  const [, prefix, first, seq, second] = /^(log|unread)~([!-}]+)~([1-9]\d{0,14})(?:~([!-}]+))?$/.exec(id) ?? []
  if (prefix === undefined || first === undefined) return undefined
  const conversation = fromPart(first)
  const user = second === undefined ? undefined : fromPart(second)
  if (!isConversation(conversation) || user !== undefined && !isUser(user)) return undefined
  return {
    name: prefix === "unread" ? prefixes.unread : prefixes.log,
    conversation,
    seq: Number(seq),
    ...defined({ user })
  }
}

type Found = Omit<PendingEvent, "type">

export const makeWebhookEvents = (subscriptions: Subscriptions["Service"], store: MessageStore["Service"]) => {
  const typed = Effect.fnUntraced(function*(event: Found): Effect.fn.Return<PendingEvent, StoreError> {
    if (event.name === unreadName) return { ...event, type: "message.unread" }
    const entry = yield* entryAt((page) => store.history(page), event.conversation, event.seq)
    return { ...event, type: entry?.kind === "group" ? "group.changed" : "message.accepted" }
  })

  /** The next event of conversations after that one that have something to tell. Each is looked up once. */
  const heads = Effect.fnUntraced(function*(from: ConversationId | undefined, limit: number) {
    const found: Array<Found> = []
    let after = from
    do {
      const { items, next }: Effect.Success<ReturnType<typeof subscriptions.behind>> = yield* subscriptions.behind(
        logName,
        { limit, ...defined({ after }) }
      )
      for (const { after, conversation } of items) {
        found.push({ name: logName, conversation, seq: after + 1, state: "waiting", attempts: 0 })
      }
      after = next
    } while (after !== undefined && found.length < limit)
    return found
  })

  /** `limit` and one more, so that it is known whether there are more. */
  const list = Effect.fnUntraced(function*(
    { after, limit, state }: { readonly after?: EventKey; readonly state?: EventState; readonly limit: number }
  ) {
    const kept = yield* subscriptions.events({
      names: [logName, unreadName],
      limit: limit + 1,
      ...defined({ after, state })
    })
    const all: Array<Found> = [...kept]
    if (state !== "failed" && (after === undefined || after.name === logName)) {
      const waiting = yield* heads(after?.conversation, limit + 1)
      for (const head of waiting) {
        const [known] = yield* subscriptions.events({
          names: [logName],
          state: "waiting",
          conversation: head.conversation,
          limit: 1
        })
        if (known === undefined) all.push(head)
      }
    }
    const sorted = all.sort((a, b) =>
      a.name < b.name ? -1 : a.name > b.name ?
        1 :
        a.conversation < b.conversation
        ? -1
        : a.conversation > b.conversation
        ? 1
        : a.seq - b.seq
    )
    const events = yield* Effect.forEach(sorted.slice(0, limit), typed)
    return { events, hasMore: sorted.length > limit }
  })

  /** `undefined` where nothing of this name waits or has failed. */
  const retry = Effect.fnUntraced(function*(key: EventKey) {
    if (!(yield* subscriptions.retryEvent(key))) {
      const { conversation, name, seq } = key
      if (name !== logName || key.user !== undefined) return undefined
      // Nothing waits where there was never a webhook.
      const { items, next } = yield* subscriptions.behind(logName, { limit: 1 })
      if (items.length === 0 && next === undefined) return undefined
      const isNext = (yield* subscriptions.position(name, conversation)) === seq - 1 &&
        (yield* store.history({ conversation, after: seq - 1, limit: 1 })).headSeq >= seq
      if (!isNext) return undefined
      const firstAt = yield* Clock.currentTimeMillis
      yield* subscriptions.putEvent({ ...key, state: "waiting", attempts: 0, error: "", firstAt, nextAt: atOnce })
    }
    yield* subscriptions.stop(logName, undefined)
    const { name, conversation } = key
    const kept = yield* subscriptions.events({ names: [name], conversation, limit: 10_000 })
    const event = kept.find(({ seq, user }) => seq === key.seq && user === key.user)
    return event === undefined ? undefined : yield* typed(event)
  })

  return { list, retry }
}
