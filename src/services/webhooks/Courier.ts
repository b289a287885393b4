/** Carries events to the receiver, so many at once, and knows how it is. Whoever has something to tell asks it. */
import { Effect, Random, Redacted, type Scope, Semaphore } from "effect"
import { createHash } from "node:crypto"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeReceiver, type Outcome } from "./Receiver.ts"
import { Target } from "./retrying.ts"
import type { WebhookMessage } from "./WebhookMessage.ts"
import { type WebhookCounts, WebhookNumbers } from "./WebhookNumbers.ts"
import type { WebhookOptions } from "./WebhookOptions.ts"

export const maxRequests = 8
/** As many that fail are told apart, for the log. */
const maxFailing = 10_000

/** It was not tried: the receiver is not to be asked now. */
export interface NotNow {
  readonly _tag: "NotNow"
}
const notNow: NotNow = { _tag: "NotNow" }

export interface Courier {
  readonly target: Target
  readonly inFlight: () => number
  readonly isStopped: () => boolean
  /** The receiver wants nothing any more; or again. */
  readonly stopped: (isStopped: boolean) => Effect.Effect<void>
  /** Tells it once. `what` is what must not be overtaken: its next events wait for this one. */
  readonly tell: (what: string, message: WebhookMessage) => Effect.Effect<Outcome | NotNow>
  /** It will not be tried again. */
  readonly gaveUp: (what: string) => Effect.Effect<void>
  /** The receiver takes events again that it did not take. */
  readonly onBack: (listener: () => void) => Effect.Effect<void, never, Scope.Scope>
  /** Names the receiver, without what may be in its address. */
  readonly fingerprint: string
}

export const makeCourier = Effect.fnUntraced(function*(options: WebhookOptions) {
  const now = yield* Monotonic.now
  const counts: WebhookCounts = (yield* WebhookNumbers).counts
  const receiver = yield* makeReceiver(options)
  const slots = yield* Semaphore.make(maxRequests)
  const target = new Target()
  const failing = new Set<string>()
  const backListeners = new Set<() => void>()
  const address = Redacted.value(options.url)
  let tries = 0
  let inFlight = 0
  let isStopped = false

  const settled = (what: string): Effect.Effect<void> => {
    if (!failing.delete(what) || failing.size > 0) return Effect.void
    const failed = tries
    tries = 0
    return Effect.annotateLogs(Effect.logInfo("Webhook.back"), { host: address.host, failed_tries: failed })
  }

  const note = Effect.fnUntraced(function*(what: string, outcome: Outcome) {
    if (outcome._tag === "Taken") {
      counts.delivered++
      const wasDown = target.taken()
      yield* settled(what)
      if (wasDown) { for (const listener of backListeners) listener() }
      return
    }
    if (outcome._tag === "Gone") {
      counts.stopped++
      return
    }
    target.failed(what, now(), yield* Random.next, outcome.retryAfterMillis)
    tries++
    const isNew = failing.size === 0
    if (failing.size < maxFailing) failing.add(what)
    if (isNew) {
      yield* Effect.annotateLogs(Effect.logWarning("Webhook.failing"), { host: address.host, reason: outcome.error })
    }
  })

  const courier: Courier = {
    target,
    inFlight: () => inFlight,
    isStopped: () => isStopped,
    stopped: (value) =>
      Effect.suspend(() => {
        if (isStopped === value) return Effect.void
        isStopped = value
        return value
          ? Effect.annotateLogs(Effect.logError("Webhook.stopped"), {
            host: address.host,
            reason: "The receiver answered 410. Retry one of its events, or give another --webhook-url."
          })
          : Effect.annotateLogs(Effect.logInfo("Webhook.started"), { host: address.host })
      }),
    tell: (what, message) =>
      slots.withPermits(1)(Effect.suspend((): Effect.Effect<Outcome | NotNow> => {
        if (isStopped || !target.mayTry(now(), inFlight)) return Effect.succeed(notNow)
        inFlight++
        return receiver(message).pipe(
          Effect.ensuring(Effect.sync(() => void inFlight--)),
          Effect.tap((outcome) => note(what, outcome))
        )
      })),
    gaveUp: (what) => settled(what),
    onBack: (listener) =>
      Effect.acquireRelease(
        Effect.sync(() => void backListeners.add(listener)),
        () => Effect.sync(() => void backListeners.delete(listener))
      ),
    fingerprint: createHash("sha256").update(address.href).digest("base64url").slice(0, 22)
  }
  return courier
})
