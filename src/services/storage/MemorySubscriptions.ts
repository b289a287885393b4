/** Those who follow the log of the memory store; gone with the process, like the log. */
import { Effect } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"
import type { MemoryTables } from "./MemoryTables.ts"
import {
  atOnce,
  type BehindConversation,
  type EventKey,
  type KeptEvent,
  maxFailedEvents,
  Subscriptions
} from "./Subscriptions.ts"

interface Subscription {
  readonly positions: Map<ConversationId, number>
  holder: string | undefined
  until: number
  stopped: string | undefined
}

const partsOf = ({ conversation, name, seq, user }: EventKey) => [name, conversation, seq, user ?? ""] as const

const compare = (a: EventKey, b: EventKey): number => {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (const [i, part] of left.entries()) {
    const other = right[i]!
    if (part !== other) return part < other ? -1 : 1
  }
  return 0
}

const keyOf = (key: EventKey): string => partsOf(key).join(" ")

/** `now` is good for intervals only. */
export const memorySubscriptions = (tables: MemoryTables, now: () => number): Subscriptions["Service"] => {
  const all = new Map<string, Subscription>()
  const events = tables.subscriptionEvents

  const put = (event: KeptEvent) => {
    events.set(keyOf(event), event)
    if (event.state === "waiting") return
    const failed = Array.from(events.values()).filter(({ name, state }) => state === "failed" && name === event.name)
    for (const old of failed.sort((a, b) => b.firstAt - a.firstAt).slice(maxFailedEvents)) events.delete(keyOf(old))
  }

  return Subscriptions.of({
    open: (name, from) =>
      Effect.sync(() => {
        if (all.has(name)) return
        const positions = new Map<ConversationId, number>()
        if (from === "now") { for (const { conversation, head } of tables.heads()) positions.set(conversation, head) }
        all.set(name, { positions, holder: undefined, until: 0, stopped: undefined })
      }),

    lease: (name, holder, millis) =>
      Effect.sync(() => {
        const subscription = all.get(name)
        if (subscription === undefined) return false
        const isFree = subscription.holder === undefined || subscription.holder === holder ||
          subscription.until <= now()
        if (isFree) Object.assign(subscription, { holder, until: now() + millis })
        return isFree
      }),

    release: (name, holder) =>
      Effect.sync(() => {
        const subscription = all.get(name)
        if (subscription?.holder === holder) subscription.holder = undefined
      }),

    behind: (name, { after = "", limit }) =>
      Effect.sync(() => {
        const positions = all.get(name)?.positions
        const items: Array<BehindConversation> = []
        if (positions === undefined) return { items }
        for (const { conversation, head } of tables.heads()) {
          const position = positions.get(conversation) ?? 0
          if (head > position && conversation > after) items.push({ conversation, after: position, head })
        }
        items.sort((a, b) => a.conversation < b.conversation ? -1 : 1)
        const page = items.slice(0, limit)
        const last = page.at(-1)
        return last === undefined || items.length <= limit
          ? { items: page }
          : { items: page, next: last.conversation }
      }),

    position: (name, conversation) => Effect.sync(() => all.get(name)?.positions.get(conversation) ?? 0),

    move: (name, holder, taken) =>
      Effect.sync(() => {
        const subscription = all.get(name)
        if (taken.length === 0) return true
        if (subscription?.holder !== holder) return false
        const { positions } = subscription
        for (const { conversation, seq } of taken) {
          positions.set(conversation, Math.max(seq, positions.get(conversation) ?? 0))
        }
        return true
      }),

    putEvent: (event) => Effect.sync(() => put(event)),

    removeEvent: (key) => Effect.sync(() => void events.delete(keyOf(key))),

    events: ({ after, conversation, limit, names, state }) =>
      Effect.sync(() =>
        Array.from(events.values()).filter((event) =>
          names.includes(event.name) &&
          (state === undefined || event.state === state) &&
          (conversation === undefined || event.conversation === conversation) &&
          (after === undefined || compare(event, after) > 0)
        ).sort(compare).slice(0, limit)
      ),

    dueEvents: (name, at, limit) =>
      Effect.sync(() =>
        Array.from(events.values()).filter((event) =>
          event.name === name && event.nextAt !== undefined && event.nextAt <= at
        ).sort((a, b) => a.nextAt! - b.nextAt! || compare(a, b)).slice(0, limit)
      ),

    retryEvent: (key) =>
      Effect.sync(() => {
        const event = events.get(keyOf(key))
        if (event !== undefined) events.set(keyOf(key), { ...event, nextAt: atOnce })
        return event !== undefined
      }),

    stop: (name, reason) =>
      Effect.sync(() => {
        const subscription = all.get(name)
        if (subscription !== undefined) subscription.stopped = reason
      }),

    stopped: (name) => Effect.sync(() => all.get(name)?.stopped),

    unconfirmed: ({ at, conversation, sender, seq }) =>
      Effect.sync(() =>
        tables.membersOf(conversation).filter((member) =>
          member.left_seq === null && member.joined_seq <= seq && member.delivered_seq < seq &&
          member.user_id !== sender &&
          !tables.spansWith(member.user_id, sender).some(({ since, until }) =>
            since <= at && (until === undefined || until > at)
          )
        ).map(({ user_id }) => user_id).sort()
      )
  })
}
