/**
 * Tells of users and of what they report. That they came or went is told at most once: it waits in memory, and what is too much is left out. That
 * they were erased or banned, or reported something, is told at least once, in the order in which it happened.
 */
import { Effect, Queue, Random, type Scope } from "effect"
import { ConversationId, type UserId } from "../../domain/Ids.ts"
import type { BanList } from "../access/BanList.ts"
import type { Following } from "../events/Following.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { Presence } from "../presence/Presence.ts"
import type { MessageStore, StoreError } from "../storage/MessageStore.ts"
import type { Reports } from "../storage/Reports.ts"
import type { Subscriptions } from "../storage/Subscriptions.ts"
import type { Courier } from "./Courier.ts"
import { giveUpMillis, retryMillis } from "./retrying.ts"
import { ofBan, ofErasure, ofPresence, ofReport, type WebhookMessage } from "./WebhookMessage.ts"
import type { WebhookEventType } from "./WebhookOptions.ts"
import { wallClock } from "./working.ts"

export interface UserTellerOptions {
  readonly courier: Courier
  readonly presence: Presence["Service"]
  readonly banList: BanList["Service"]
  readonly store: Pick<MessageStore["Service"], "erasures">
  readonly subscriptions: Subscriptions["Service"]
  /** `undefined` where the store keeps none. */
  readonly reports: Reports["Service"] | undefined
  readonly wants: (type: WebhookEventType) => boolean
  /** Whether texts are told. */
  readonly withText: boolean
}

/** Several at once, each user in one of them. */
const lines = 4
const maxPresence = 2_500

const lookMillis = 2_000
/** An erasure takes a while, and is noted several times. */
const ripeMillis = 5_000
/** Servers' clocks may differ by so much. */
const skewMillis = 60_000

/** Where these stand, beside the positions in conversations. */
const erasures = ConversationId.make("@erasures")
const bans = ConversationId.make("@bans")
const reportsPlace = ConversationId.make("@reports")
/** Reports that are read at once. */
const someReports = 50

interface Change {
  readonly user: UserId
  readonly isOnline: boolean
  readonly at: number
}

const lineOf = (user: UserId): number => user.charCodeAt(user.length - 1) % lines

/** Listens as long as the server is there, so that whoever takes over knows who was online; keeps what is to be told. */
export const presenceLines = Effect.fnUntraced(function*({ courier, presence, wants }: UserTellerOptions) {
  const wall = yield* wallClock
  const queues = yield* Effect.all(Array.from({ length: lines }, () => Queue.sliding<Change>(maxPresence)))
  let isTelling = false
  yield* presence.listen((user, isOnline) => {
    if (!isTelling || !wants(isOnline ? "user.online" : "user.offline")) return
    Queue.offerUnsafe(queues[lineOf(user)]!, { user, isOnline, at: wall() })
  })

  const next = (queue: Queue.Dequeue<Change>) =>
    Effect.gen(function*() {
      const { at, isOnline, user } = yield* Queue.take(queue)
      const unique = yield* Random.next
      yield* courier.tell("presence", ofPresence(user, isOnline, at, `${at} ${unique}`))
    })

  /** While this process is the one that tells. */
  return Effect.gen(function*() {
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        isTelling = true
      }),
      () =>
        Effect.sync(() => {
          isTelling = false
        })
    )
    for (const queue of queues) yield* Effect.forkScoped(repeatForever("webhook.presence", next(queue)))
  })
})

/** One that is due, and what is to be noted when it was told. */
export interface Due {
  readonly message: WebhookMessage
  readonly told: () => void
}

/** Tells what is due, in its order; what fails is tried again, and given up after a day. */
const feeding = (
  { now }: Following,
  courier: Courier,
  due: Effect.Effect<ReadonlyArray<Due>, StoreError>
): Effect.Effect<void, StoreError> => {
  let attempts = 0
  let firstAt = 0
  return Effect.gen(function*() {
    for (const { message, told } of yield* due) {
      const outcome = yield* courier.tell("users", message)
      if (outcome._tag === "NotNow" || outcome._tag === "Gone") return
      if (outcome._tag === "Failed") {
        if (attempts === 0) firstAt = now()
        attempts++
        if (now() - firstAt < giveUpMillis) return yield* Effect.sleep(retryMillis(attempts, yield* Random.next))
        yield* Effect.annotateLogs(Effect.logError("Webhook.failed"), { type: message.type, reason: outcome.error })
        yield* courier.gaveUp("users")
      }
      attempts = 0
      told()
    }
  })
}

const erased = Effect.fnUntraced(function*({ now, took }: Following, { store, subscriptions }: UserTellerOptions) {
  const wall = yield* wallClock
  /** One more than the last that was told, so that 0 says that there is none yet. */
  let position: number | undefined
  const seen = new Map<UserId, { readonly id: number; readonly at: number }>()
  return Effect.gen(function*() {
    const known = position ?? (yield* subscriptions.position("webhook", erasures))
    if (known === 0) {
      position = ((yield* store.erasures(undefined))[0]?.id ?? 0) + 1
      took(erasures, position)
      return []
    }
    position = known
    const rows = yield* store.erasures(known - 1)
    const due: Array<Due> = []
    for (const { conversation, id, user } of rows) {
      const told = () => {
        position = id + 1
        took(erasures, id + 1)
        seen.delete(user)
      }
      // Of a conversation nothing is said; it only has to be passed.
      if (conversation !== undefined) {
        if (due.length === 0) told()
        continue
      }
      const before = seen.get(user)
      if (before?.id !== id) seen.set(user, { id, at: now() })
      if (before?.id !== id || now() - before.at < ripeMillis) break
      due.push({ message: ofErasure(user, id, wall()), told })
    }
    return due
  })
})

const banned = Effect.fnUntraced(function*({ took }: Following, { banList, subscriptions }: UserTellerOptions) {
  const wall = yield* wallClock
  let position: number | undefined
  /** Those of the time in which clocks may differ. */
  const done = new Map<string, number>()
  return Effect.gen(function*() {
    const all = banList.list(wall()).filter(({ kind }) => kind === "user").sort((a, b) => a.at - b.at)
    if (position === undefined) {
      position = yield* subscriptions.position("webhook", bans)
      if (position === 0) {
        position = Math.max(1, wall())
        took(bans, position)
        for (const { at, id } of all) done.set(`${id} ${at}`, at)
      }
    }
    const since = position - skewMillis
    for (const [key, at] of done) if (at < since) done.delete(key)
    return all.filter(({ at, id }) => at > since && !done.has(`${id} ${at}`)).map((ban): Due => ({
      message: ofBan(ban),
      told: () => {
        done.set(`${ban.id} ${ban.at}`, ban.at)
        position = Math.max(position ?? 0, ban.at)
        took(bans, position)
      }
    }))
  })
})

/** Their numbers rise with their commits, so none is missed; one that is gone with its message is not told. */
const reported = Effect.fnUntraced(function*(
  { took }: Following,
  { reports, subscriptions, withText }: UserTellerOptions & { readonly reports: Reports["Service"] }
) {
  let position: number | undefined
  return Effect.gen(function*() {
    const known = position ?? (yield* subscriptions.position("webhook", reportsPlace))
    // One more than the last that was told, so that 0 says that there is none yet.
    position = known === 0 ? (yield* reports.last) + 1 : known
    if (known === 0) took(reportsPlace, position)
    return (yield* reports.since(position - 1, someReports)).map((report): Due => ({
      message: ofReport(report, withText),
      told: () => {
        position = report.id + 1
        took(reportsPlace, position)
      }
    }))
  })
})

/** As long as this process is the one that tells. */
export const tellUsers = Effect.fnUntraced(function*(
  following: Following,
  options: UserTellerOptions
): Effect.fn.Return<void, never, Scope.Scope> {
  const { courier, reports, wants } = options
  const feeds = [
    ...(wants("user.erased") ? [yield* erased(following, options)] : []),
    ...(wants("user.banned") ? [yield* banned(following, options)] : []),
    ...(reports !== undefined && wants("message.reported") ? [yield* reported(following, { ...options, reports })] : [])
  ]
  for (const due of feeds) {
    const feed = feeding(following, courier, due)
    yield* Effect.forkScoped(repeatForever("webhook.users", Effect.ignore(feed), lookMillis))
  }
})
