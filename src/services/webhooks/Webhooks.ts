/**
 * Tells another program what happens, over HTTP, in the form of Standard Webhooks. What it tells comes from the log with
 * a position in the store, so nothing is lost with a process; the chat waits for none of it. Of several servers on one
 * store one tells, and another takes over when that is gone.
 */
import { Context, Effect, Layer, Option } from "effect"
import type { HttpClient } from "effect/http"
import { BanList } from "../access/BanList.ts"
import { makeFollow } from "../events/Following.ts"
import type { LogSignals } from "../events/LogSignals.ts"
import { signing } from "../files/signing.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { Presence } from "../presence/Presence.ts"
import { makeAsking } from "../storage/asking.ts"
import { bounded, boundedSubscriptions } from "../storage/bounded.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { Reports } from "../storage/Reports.ts"
import type { StoreHealth } from "../storage/StoreHealth.ts"
import { Subscriptions } from "../storage/Subscriptions.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { makeCourier } from "./Courier.ts"
import { logName, tellLog } from "./LogTeller.ts"
import { tellUnread, unreadName } from "./UnreadTeller.ts"
import { presenceLines, tellUsers } from "./UserTeller.ts"
import { WebhookMeter, WebhookNumbers } from "./WebhookNumbers.ts"
import { usualUnreadMillis, webhookEventTypes, type WebhookOptions } from "./WebhookOptions.ts"
import { askedMillis } from "./working.ts"

const start = Effect.fnUntraced(function*(options: WebhookOptions) {
  const { events = webhookEventTypes, unreadMillis = usualUnreadMillis, withText = true } = options
  const found = yield* Effect.serviceOption(Subscriptions)
  if (Option.isNone(found)) {
    return yield* Effect.die(new Error("This store has no Subscriptions, so it has no webhooks."))
  }
  // A question that is never answered would hold up what it is about for as long as this process tells.
  const asking = yield* makeAsking
  const store = yield* MessageStore
  const subscriptions = boundedSubscriptions(asking, found.value)
  const history = asking.asked((options: Parameters<typeof store.history>[0]) => store.history(options))
  const erasures = asking.asked((after: Parameters<typeof store.erasures>[0]) => store.erasures(after))
  const sign = yield* signing
  const meter = yield* WebhookNumbers
  const courier = yield* makeCourier(options)
  const follow = yield* makeFollow
  const wanted = new Set<string>(events)
  const common = { courier, subscriptions, history, meter, sign, withText }

  // Before the first client comes: what is said from here on is told.
  const names = wanted.has("message.unread") ? [logName, unreadName] : [logName]
  yield* Effect.ignore(Effect.forEach(names, (name) => subscriptions.open(name, "now"), { discard: true }))

  // Another server may have been told that nothing is wanted, and an operator may have lifted it.
  const look = Effect.flatMap(
    subscriptions.stopped(logName),
    (stopped) => courier.stopped(stopped === courier.fingerprint)
  )
  yield* Effect.ignore(look)
  yield* Effect.forkScoped(repeatForever("Webhooks.look", Effect.ignore(look), askedMillis))

  const users = {
    courier,
    subscriptions,
    presence: yield* Presence,
    banList: yield* BanList,
    store: { erasures },
    reports: Option.getOrUndefined(Option.map(yield* Effect.serviceOption(Reports), (all) => bounded(asking, all))),
    withText,
    wants: (type: string) => wanted.has(type)
  }
  const tellsPresence = wanted.has("user.online") || wanted.has("user.offline")
  const tellPresence = tellsPresence ? yield* presenceLines(users) : Effect.void
  const log = tellLog({
    ...common,
    tells: ({ kind }) => wanted.has(kind === "group" ? "group.changed" : "message.accepted")
  })
  // The log is followed also where nothing of it is told, so that what is chosen later begins then.
  yield* Effect.forkScoped(follow({
    name: logName,
    from: "now",
    run: (following) => tellPresence.pipe(Effect.andThen(tellUsers(following, users)), Effect.andThen(log(following)))
  }))
  if (!wanted.has("message.unread")) return
  yield* Effect.forkScoped(follow({ name: unreadName, from: "now", run: tellUnread({ ...common, unreadMillis }) }))
})

/** Webhooks of an app. It needs a store with `Subscriptions`, as those of this package are. */
const layer = (
  options: WebhookOptions
): Layer.Layer<never, never, BanList | HttpClient.HttpClient | LogSignals | MessageStore | Presence | StoreHealth> =>
  Layer.effectContext(
    Effect.flatMap(CurrentMeters, (meters) => {
      const meter = new WebhookMeter(meters)
      return Effect.as(
        Effect.provideService(start(options), WebhookNumbers, meter),
        Context.make(WebhookNumbers, meter)
      )
    })
  )

export const Webhooks = { layer }
