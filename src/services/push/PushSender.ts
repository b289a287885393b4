/**
 * Hands messages to push services, a few at once of each and of all, so that a slow one holds up nobody but its own. What
 * is late is worth nothing: it is tried a few times and given up. Overflow policy: past the bounds a message is dropped,
 * and counted.
 */
import { Effect, FiberSet, Random, Semaphore } from "effect"
import { limited } from "../kernel/LogLimit.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import type { Meters } from "../telemetry/Meters.ts"
import type { PushClient, PushMessage, PushOutcome } from "./PushClient.ts"

/** Under way at once: to one host, and to all. */
const atOnceOfHost = 8
const atOnce = 64
/** Waiting, those under way among them: for one host, and for all. Most browsers have one of three push services. */
export const maxWaitingOfHost = 5_000
const maxWaiting = 20_000

/** Then it is given up. */
const maxTries = 4
export const lateMillis = 300_000
const firstRetryMillis = 1_000

const tooLate: PushOutcome = { _tag: "Refused", reason: "Too much waits for this push service." }

export interface PushSenderOptions {
  readonly client: PushClient
  readonly meters: Meters
  /** Its push service does not know the subscription any more. */
  readonly gone: (message: PushMessage) => Effect.Effect<void>
}

interface Host {
  readonly slots: Semaphore.Semaphore
  waiting: number
}

export const makePushSender = Effect.fnUntraced(function*({ client, gone, meters }: PushSenderOptions) {
  const now = yield* Monotonic.now
  const run = yield* FiberSet.makeRuntime<never>()
  const slots = yield* Semaphore.make(atOnce)
  const hosts = new Map<string, Host>()
  let waiting = 0
  meters.gauges.pushesWaiting = () => waiting

  /** Of an endpoint only its host is told: whoever knows the rest may push to it. */
  const failed = (host: string, reason: string) =>
    limited("Push.failed", Effect.annotateLogs(Effect.logWarning("Push.failed"), { host, reason }))

  const deliver = Effect.fnUntraced(function*(message: PushMessage, host: string, of: Host) {
    const since = now()
    const oneTry = Effect.suspend((): Effect.Effect<PushOutcome> =>
      now() - since > lateMillis ? Effect.succeed(tooLate) : client(message)
    )
    for (let tries = 1;; tries++) {
      const outcome: PushOutcome = yield* of.slots.withPermits(1)(slots.withPermits(1)(oneTry))
      switch (outcome._tag) {
        case "Taken":
          return meters.pushes.add("sent")
        case "Gone":
          meters.pushes.add("gone")
          return yield* gone(message)
        case "Refused":
          meters.pushes.add("failed")
          return yield* failed(host, outcome.reason)
      }
      const spread = yield* Random.nextBetween(0.8, 1.2)
      const rest = Math.max(firstRetryMillis * 4 ** (tries - 1) * spread, outcome.retryAfterMillis ?? 0)
      const late = now() + rest - since > lateMillis
      if (tries === maxTries || late) {
        meters.pushes.add("failed")
        return yield* failed(host, outcome.reason)
      }
      meters.pushes.add("retried")
      yield* Effect.sleep(rest)
    }
  })

  /** Waits for nothing. */
  return (message: PushMessage): void => {
    const { host } = new URL(message.record.endpoint)
    let of = hosts.get(host)
    if (waiting >= maxWaiting || (of !== undefined && of.waiting >= maxWaitingOfHost)) {
      return meters.pushes.add("dropped")
    }
    if (of === undefined) hosts.set(host, of = { slots: Semaphore.makeUnsafe(atOnceOfHost), waiting: 0 })
    const its = of
    its.waiting++
    waiting++
    run(Effect.ensuring(
      deliver(message, host, its),
      Effect.sync(() => {
        waiting--
        if (--its.waiting === 0) hosts.delete(host)
      })
    ))
  }
})

export type PushSender = Effect.Success<ReturnType<typeof makePushSender>>
