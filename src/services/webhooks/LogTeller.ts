/**
 * Tells what the log says: `message.accepted` and `group.changed`, each at least once, in the order of its conversation.
 * One that fails holds up its own conversation, until it is taken or given up, and no other.
 */
import { Effect, Random, type Scope } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import type { Following } from "../events/Following.ts"
import type { Sign } from "../files/signing.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { MessageStore, StoreError } from "../storage/MessageStore.ts"
import { atOnce, type KeptEvent, type Subscriptions } from "../storage/Subscriptions.ts"
import type { Courier } from "./Courier.ts"
import { giveUpMillis, retryMillis } from "./retrying.ts"
import { ofEntry } from "./WebhookMessage.ts"
import type { WebhookMeter } from "./WebhookNumbers.ts"
import { askedMillis, entryAt, keepWorking, restOf, steadyClock, type Then } from "./working.ts"

export const logName = "webhook"

export interface TellerOptions {
  readonly courier: Courier
  readonly subscriptions: Subscriptions["Service"]
  readonly history: MessageStore["Service"]["history"]
  readonly meter: WebhookMeter
  readonly withText: boolean
  readonly sign: Sign
  /** Whether an entry is told at all. */
  readonly tells: (entry: Entry) => boolean
}

const longestRest = retryMillis(Number.MAX_SAFE_INTEGER, 1)
const taken = { _tag: "Taken" } as const

/** Events of one conversation on their way, one after the other. */
const handing = Effect.fnUntraced(function*(
  { isHeld, now, read, took }: Following,
  { courier, meter, sign, subscriptions, tells, withText }: TellerOptions
) {
  const steady = yield* steadyClock

  /** Gives it up, or says when it is tried again. */
  const failed = Effect.fnUntraced(function*(
    conversation: ConversationId,
    seq: number,
    kept: KeptEvent | undefined,
    { error, retryAfterMillis = 0 }: { readonly error: string; readonly retryAfterMillis?: number }
  ) {
    const attempts = (kept?.attempts ?? 0) + 1
    const at = steady()
    const event = { name: logName, conversation, seq, attempts, error, firstAt: kept?.firstAt ?? at }
    if (at - event.firstAt >= giveUpMillis) {
      yield* subscriptions.putEvent({ ...event, state: "failed" })
      meter.count("failed")
      yield* courier.gaveUp(conversation)
      yield* Effect.annotateLogs(Effect.logError("Webhook.failed"), { conversation, seq, attempts, reason: error })
      return undefined
    }
    meter.count("retried")
    const millis = Math.max(retryMillis(attempts, yield* Random.next), retryAfterMillis)
    yield* subscriptions.putEvent({ ...event, state: "waiting", nextAt: at + millis })
    return millis
  })

  return Effect.fnUntraced(function*(conversation: ConversationId): Effect.fn.Return<Then, StoreError> {
    const names = [logName]
    const [kept] = yield* subscriptions.events({ names, conversation, state: "waiting", limit: 1 })
    const { entries, hasMore } = yield* read(conversation)
    // Trimmed since.
    if (kept !== undefined && kept.seq < (entries[0]?.seq ?? Infinity)) {
      yield* subscriptions.removeEvent(kept)
      yield* courier.gaveUp(conversation)
    }
    for (const entry of entries) {
      const { seq } = entry
      const known = kept?.seq === seq ? kept : undefined
      const rest = known === undefined ? 0 : restOf(known, steady(), longestRest)
      if (rest > 0) return { until: now() + rest }
      if (!isHeld()) return "again"
      const outcome = tells(entry)
        ? yield* courier.tell(conversation, ofEntry(conversation, sign(entry), withText))
        : taken
      if (outcome._tag === "NotNow") return "again"
      if (outcome._tag === "Gone") {
        yield* courier.stopped(true)
        yield* subscriptions.stop(logName, courier.fingerprint)
        return "again"
      }
      if (outcome._tag === "Failed") {
        const millis = yield* failed(conversation, seq, known, outcome)
        if (millis !== undefined) return { until: now() + millis }
      } else if (known !== undefined) {
        yield* subscriptions.removeEvent(known)
      }
      took(conversation, seq)
    }
    return hasMore ? "again" : "done"
  })
})

/** What somebody has asked for: one that waits is tried now, and one that had failed is told out of its order. */
const askedFor = (
  { backlog }: Following,
  { courier, history, sign, subscriptions, withText }: TellerOptions
): Effect.Effect<void, StoreError> => {
  const again = Effect.fnUntraced(function*(event: KeptEvent) {
    const { conversation, nextAt: _, seq, ...rest } = event
    const entry = yield* entryAt(history, conversation, seq)
    if (entry === undefined) return yield* subscriptions.removeEvent(event)
    const outcome = yield* courier.tell(conversation, ofEntry(conversation, sign(entry), withText))
    if (outcome._tag === "Taken") return yield* subscriptions.removeEvent(event)
    if (outcome._tag !== "Failed") return
    const { error } = outcome
    yield* subscriptions.putEvent({ ...rest, conversation, seq, attempts: event.attempts + 1, error })
  })
  return Effect.gen(function*() {
    const events = yield* subscriptions.dueEvents(logName, atOnce, 100)
    // Once for each that was asked for: what is asked for and fails has another time then.
    if (events.length > 0) courier.target.lift()
    for (const event of events) {
      if (event.state === "failed") yield* again(event)
      else {
        backlog.rouse(event.conversation)
        backlog.note(event.conversation)
      }
    }
  })
}

/** As long as this process is the one that tells. */
export const tellLog = (options: TellerOptions) => (following: Following): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { backlog } = following
    const { courier, meter } = options
    const asked = askedFor(following, options)
    const hand = yield* handing(following, options)
    yield* courier.onBack(() => backlog.rouse())
    yield* Effect.acquireRelease(
      Effect.sync(() => meter.watch(logName, () => backlog.size)),
      () => Effect.sync(() => meter.watch(logName, undefined))
    )
    yield* Effect.forkScoped(repeatForever(`${logName}.asked`, Effect.ignore(asked), askedMillis))
    return yield* keepWorking(following, courier, hand)
  })
