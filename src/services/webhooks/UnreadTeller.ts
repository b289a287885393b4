/**
 * Tells of texts that nobody has confirmed on any device of a member for a while: where push notifications hang. It
 * follows the log by itself, a little behind. What was read meanwhile is not told, also where a try had failed.
 */
import { Effect, Option, Random, type Scope } from "effect"
import type { Entry, TextEntry } from "../../domain/Entry.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { Following } from "../events/Following.ts"
import { limited } from "../kernel/LogLimit.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { isSilent, PushRecords } from "../storage/PushRecords.ts"
import type { EventKey, KeptEvent } from "../storage/Subscriptions.ts"
import { Ages } from "./Ages.ts"
import { maxRequests } from "./Courier.ts"
import type { TellerOptions } from "./LogTeller.ts"
import { giveUpMillis, retryMillis } from "./retrying.ts"
import { maxWaiting, surplusOf } from "./surplus.ts"
import { ofUnread } from "./WebhookMessage.ts"
import { entryAt, keepWorking, type Steady, steadyClock, type Then, wallClock } from "./working.ts"

export const unreadName = "webhook-unread"

/** Nobody wants to be called for what is older. */
const oldMillis = 86_400_000
/** How often those that failed are looked up, and how many. */
const retryEvery = 1_000
const retryPage = 256
/** Of texts that are half told, so many are remembered. */
const maxHalf = 1_000

export interface UnreadOptions extends Omit<TellerOptions, "tells"> {
  readonly unreadMillis: number
}

type Told = "done" | "notNow" | { readonly nextAt: number }

const isText = (entry: Entry | undefined): entry is TextEntry => entry?.kind === "text" && entry.deleted === undefined

/** It is kept for whoever looks after the server. */
const giveUp = Effect.fnUntraced(function*({ courier, meter, subscriptions }: UnreadOptions, event: KeptEvent) {
  const { nextAt: _, ...rest } = event
  const { attempts, conversation, error: reason, seq, user } = event
  yield* subscriptions.putEvent({ ...rest, state: "failed" })
  meter.count("failed")
  yield* courier.gaveUp(`${conversation} ${user}`)
  yield* limited(
    "Webhook.failed",
    Effect.annotateLogs(Effect.logError("Webhook.failed"), { conversation, seq, user, attempts, reason })
  )
})

/** Tells one user of one text, and keeps what came of it where it was not taken. */
const telling = Effect.fnUntraced(function*(
  options: UnreadOptions,
  steady: Steady
) {
  const { courier, meter, sign, subscriptions, withText } = options
  const wall = yield* wallClock
  const readers = yield* Effect.serviceOption(PushRecords)
  /** By now: it may be a while since it was said. */
  const isMuted = Effect.fnUntraced(function*(conversation: ConversationId, text: TextEntry, user: UserId) {
    if (Option.isNone(readers)) return false
    const [reader] = yield* readers.value.readers(conversation, [user])
    return reader !== undefined && isSilent(reader, text, wall())
  })
  return Effect.fnUntraced(function*(
    conversation: ConversationId,
    text: TextEntry,
    user: UserId,
    kept: KeptEvent | undefined
  ): Effect.fn.Return<Told, StoreError> {
    const what = `${conversation} ${user}`
    const muted = yield* isMuted(conversation, text, user)
    const key: EventKey = { name: unreadName, conversation, seq: text.seq, user }
    const outcome = yield* courier.tell(what, ofUnread(conversation, sign(text), { user, muted }, withText))
    if (outcome._tag === "NotNow") return "notNow"
    if (outcome._tag === "Gone") {
      yield* courier.stopped(true)
      yield* subscriptions.stop("webhook", courier.fingerprint)
      return "notNow"
    }
    if (outcome._tag === "Taken") {
      if (kept !== undefined) yield* subscriptions.removeEvent(key)
      return "done"
    }
    const attempts = (kept?.attempts ?? 0) + 1
    const at = steady()
    const event = { ...key, attempts, error: outcome.error, firstAt: kept?.firstAt ?? at }
    if (at - event.firstAt >= giveUpMillis) {
      yield* giveUp(options, { ...event, state: "failed" })
      return "done"
    }
    meter.count("retried")
    const millis = Math.max(retryMillis(attempts, yield* Random.next), outcome.retryAfterMillis ?? 0)
    yield* subscriptions.putEvent({ ...event, state: "waiting", nextAt: at + millis })
    return { nextAt: at + millis }
  })
})

type Tell = Effect.Success<ReturnType<typeof telling>>

const handing = Effect.fnUntraced(function*(
  { isHeld, now, read, took }: Following,
  options: UnreadOptions,
  tell: Tell,
  steady: Steady
) {
  const { subscriptions, unreadMillis } = options
  const ages = new Ages(now, yield* wallClock)
  /** Who was told of a text before the receiver went away in the middle of it. */
  const half = new Map<ConversationId, { readonly seq: number; readonly users: Set<UserId> }>()

  /** False where the receiver cannot be asked for all of them now. */
  const tellAll = Effect.fnUntraced(function*(conversation: ConversationId, text: TextEntry) {
    const { at, sender, seq } = text
    const begun = half.get(conversation)
    const done = begun?.seq === seq ? begun.users : new Set<UserId>()
    const users = yield* subscriptions.unconfirmed({ conversation, seq, sender, at })
    const due = users.filter((user) => !done.has(user))
    if (due.length === 0) return true
    const waiting = yield* subscriptions.events({
      names: [unreadName],
      conversation,
      state: "waiting",
      limit: maxWaiting + due.length
    })
    // A receiver that takes nothing for some of them makes a row of each text, and none is tried before those in front.
    const surplus = new Set(surplusOf(waiting, due))
    yield* Effect.forEach(surplus, (event) => giveUp(options, event), { discard: true })
    const behind = new Map(waiting.filter((event) => !surplus.has(event)).map((event) => [event.user, event]))
    let isWhole = true
    yield* Effect.forEach(due, (user) => {
      const earlier = behind.get(user)
      // In the order of the log for each of them.
      const told: Effect.Effect<Told, StoreError> = earlier !== undefined && earlier.seq < seq
        ? Effect.as(
          subscriptions.putEvent({ ...earlier, seq, attempts: 0, firstAt: steady() }),
          "done" as const
        )
        : tell(conversation, text, user, earlier?.seq === seq ? earlier : undefined)
      return Effect.map(told, (result) => {
        if (result === "notNow") isWhole = false
        else done.add(user)
      })
    }, { concurrency: maxRequests, discard: true })
    if (isWhole) half.delete(conversation)
    else if (half.size < maxHalf || half.has(conversation)) half.set(conversation, { seq, users: done })
    return isWhole
  })

  return Effect.fnUntraced(function*(conversation: ConversationId): Effect.fn.Return<Then, StoreError> {
    const { entries, hasMore } = yield* read(conversation)
    const last = entries.at(-1)?.seq ?? 0
    for (const entry of entries) {
      const age = ages.of(conversation, entry, last)
      if (isText(entry) && age < oldMillis) {
        if (age < unreadMillis) return { until: now() + unreadMillis - age }
        if (!isHeld() || !(yield* tellAll(conversation, entry))) return "again"
      }
      took(conversation, entry.seq)
    }
    if (hasMore) return "again"
    ages.forget(conversation)
    return "done"
  })
})

/** Those that failed, when their time has come. */
const retrying = (
  { now }: Following,
  { courier, history, subscriptions }: UnreadOptions,
  tell: Tell,
  steady: Steady
) => {
  /** Of one user in one conversation, in the order of the log. */
  const retryUser = Effect.fnUntraced(function*(events: ReadonlyArray<KeptEvent>) {
    for (const [i, event] of events.entries()) {
      const { conversation, seq, user } = event
      const text = yield* entryAt(history, conversation, seq)
      const isDue = user !== undefined && isText(text) &&
        (yield* subscriptions.unconfirmed({ conversation, seq, sender: text.sender, at: text.at })).includes(user)
      if (!isDue) {
        yield* subscriptions.removeEvent(event)
        yield* courier.gaveUp(`${conversation} ${user}`)
        continue
      }
      const told = yield* tell(conversation, text, user, event)
      if (told === "notNow") return
      if (told === "done") continue
      for (const later of events.slice(i + 1)) yield* subscriptions.putEvent({ ...later, nextAt: told.nextAt })
      return
    }
  })

  return Effect.gen(function*() {
    const { inFlight, isStopped, target } = courier
    if (isStopped() || !target.mayTry(now(), inFlight())) return
    const due = yield* subscriptions.dueEvents(unreadName, steady(), target.isDown ? 1 : retryPage)
    const groups = Map.groupBy(
      due.toSorted((a, b) => a.seq - b.seq),
      ({ conversation, user }) => `${conversation} ${user}`
    )
    yield* Effect.forEach(groups.values(), retryUser, { concurrency: maxRequests, discard: true })
  })
}

/** As long as this process is the one that tells. */
export const tellUnread = (options: UnreadOptions) => (following: Following): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { courier } = options
    const steady = yield* steadyClock
    const tell = yield* telling(options, steady)
    const hand = yield* handing(following, options, tell, steady)
    const retry = retrying(following, options, tell, steady)
    yield* courier.onBack(() => following.backlog.rouse())
    yield* Effect.forkScoped(repeatForever(`${unreadName}.retry`, Effect.ignore(retry), retryEvery))
    return yield* keepWorking(following, courier, hand)
  })
