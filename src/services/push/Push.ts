/**
 * Web Push: a text that no connection of a user confirms in time is told to the user's browsers. Best effort: the server
 * that committed a text tells of it, once, and what it had not told when it stopped is not told.
 */
import { Clock, Context, Effect, Exit, FiberSet, Layer, Option, Semaphore } from "effect"
import { Spans } from "../../domain/blockSpans.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { Entry } from "../../domain/Entry.ts"
import { maxPushSubscriptions, type PushSubscription } from "../../domain/frames/Push.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { nextTurn } from "../kernel/ActorScheduler.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Directory } from "../storage/Directory.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { type PushReader, PushRecords } from "../storage/PushRecords.ts"
import { ServerKeys } from "../storage/ServerKeys.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { dueOf, payloadOf } from "./dueTexts.ts"
import { makePushClient } from "./PushClient.ts"
import { makePushKeys } from "./PushKeys.ts"
import { PushNetwork } from "./PushNetwork.ts"
import { makePushSender } from "./PushSender.ts"
import { makeSubscribers } from "./PushSubscribers.ts"
import { Unconfirmed, type Waiting } from "./Unconfirmed.ts"

export interface PushOptions {
  /** Whom a push service may write to: an address with `mailto:` or `https:`. */
  readonly contact: string
}

/** Without them there is no Web Push. */
export const PushSettings = Context.Reference<PushOptions | undefined>("switchboard/services/push/PushSettings", {
  defaultValue: () => undefined
})

/** What is confirmed within this time is not told. */
export const waitMillis = 10_000
/** How often it is looked what has waited for so long. */
const lookMillis = 500
/** Entries looked at, the last of a conversation; and conversations at once. */
const maxEntries = 200
const looksAtOnce = 4

export interface PushService {
  readonly publicKey: Effect.Effect<string, StoreError>
  readonly subscribe: (user: UserId, subscription: PushSubscription) => Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly unsubscribe: (user: UserId, endpoint: string) => Effect.Effect<ReadonlyArray<string>, StoreError>
  readonly endpoints: (user: UserId) => Effect.Effect<ReadonlyArray<string>, StoreError>
}

export class Push extends Context.Service<Push, {
  /** `undefined` where it is off. */
  readonly service: PushService | undefined
  /** This server has committed an entry for these. Never waits, and costs next to nothing where nobody has subscribed. */
  readonly accepted: (conversation: ConversationId, entry: Entry, users: ReadonlyArray<UserId>) => void
}>()("switchboard/services/push/Push") {
  static readonly layer = Layer.effect(
    Push,
    Effect.gen(function*() {
      const options = yield* PushSettings
      const records = yield* Effect.serviceOption(PushRecords)
      const keys = yield* Effect.serviceOption(ServerKeys)
      if (options === undefined) return off
      if (Option.isNone(records) || Option.isNone(keys)) {
        yield* Effect.logWarning("This store keeps no push subscriptions, so there is no Web Push.")
        return off
      }
      return yield* make(options, records.value, keys.value)
    })
  )
}

const off = Push.of({ service: undefined, accepted: () => {} })

const make = Effect.fnUntraced(function*(
  { contact }: PushOptions,
  records: PushRecords["Service"],
  serverKeys: ServerKeys["Service"]
) {
  const meters = yield* CurrentMeters
  const persistence = yield* PersistenceActor
  const now = yield* Monotonic.now
  const run = yield* FiberSet.makeRuntime<never>()
  const keys = makePushKeys(serverKeys, contact)
  const { add, subscribers } = yield* makeSubscribers(records)
  const client = yield* makePushClient(keys, yield* PushNetwork)
  const send = yield* makePushSender({
    client,
    meters,
    gone: ({ record: { endpoint, user } }) => Effect.ignore(records.remove(user, endpoint))
  })
  const unconfirmed = new Unconfirmed(waitMillis, () => meters.pushes.add("dropped"))
  const tell = yield* telling({ records, send, keys })

  const lookAt = Effect.fnUntraced(function*(waiting: Waiting) {
    const at = now()
    const ripeSeq = unconfirmed.ripeSeq(waiting, at)
    // What the store does not answer now is late by the time it does.
    if (Exit.isFailure(yield* Effect.exit(tell(waiting, ripeSeq)))) meters.pushes.add("dropped")
    unconfirmed.settle(waiting, ripeSeq)
  })
  const ticker = yield* makeTicker("Push", {
    turn: Effect.suspend(() =>
      Effect.forEach(unconfirmed.ripe(now()), lookAt, { concurrency: looksAtOnce, discard: true })
    ),
    pause: lookMillis,
    isIdle: () => unconfirmed.isEmpty
  })

  const endpoints = (user: UserId) => Effect.map(records.of([user]), (found) => found.map(({ endpoint }) => endpoint))

  return Push.of({
    service: {
      publicKey: Effect.map(keys, ({ publicKey }) => publicKey),
      endpoints,
      subscribe: Effect.fnUntraced(function*(user, { endpoint, keys: { auth, p256dh } }) {
        const at = yield* Clock.currentTimeMillis
        const left = yield* records.put({ user, endpoint, p256dh, auth }, { max: maxPushSubscriptions, now: at })
        add(user)
        run(Effect.ignore(persistence.note({ _tag: "PushSubscribed", user })))
        return left
      }),
      unsubscribe: (user, endpoint) => records.remove(user, endpoint)
    },
    accepted: (conversation, entry, users) => {
      if (entry.kind !== "text" || subscribers.isEmpty) return
      const found = subscribers.among(users)
      if (found.length === 0 || (found.length === 1 && found[0] === entry.sender)) return
      unconfirmed.add(conversation, entry.seq, found, now())
      ticker.wake()
    }
  })
})

interface TellingOptions {
  readonly records: PushRecords["Service"]
  readonly send: Effect.Success<ReturnType<typeof makePushSender>>
  readonly keys: ReturnType<typeof makePushKeys>
}

/** Tells all who have not confirmed what waits in a conversation. */
const telling = Effect.fnUntraced(function*({ keys, records, send }: TellingOptions) {
  const store = yield* MessageStore
  const directory = Option.getOrUndefined(yield* Effect.serviceOption(Directory))
  const oneATurn = (yield* Semaphore.make(1)).withPermits(1)

  const nameOf = Effect.fnUntraced(function*(user: UserId) {
    return directory === undefined ? undefined : (yield* directory.profiles([user]))[0]?.name
  })

  /** Reads nothing more than it has to where everything is confirmed, as it mostly is. */
  return Effect.fnUntraced(
    function*({ conversation, from, told, users }: Waiting, ripeSeq: number): Effect.fn.Return<void, StoreError> {
      const behindOf = (users: ReadonlyArray<UserId>) =>
        Effect.map(
          records.readers(conversation, users),
          (readers) => readers.filter((reader) => Math.max(reader.delivered, told.get(reader.user) ?? 0) < ripeSeq)
        )
      const waiting = yield* behindOf(Array.from(users))
      if (waiting.length === 0) return
      const { entries } = yield* store.history({
        conversation,
        before: Number.MAX_SAFE_INTEGER,
        limit: maxEntries,
        from
      })
      // Whoever was taken out before all of these were read is not told of them.
      const behind = yield* behindOf(waiting.map(({ user }) => user))
      const at = yield* Clock.currentTimeMillis
      const { topicOf } = yield* keys
      const isGroup = Conversation.isGroup(conversation)
      const names = new Map<UserId, string | undefined>()
      const one = Effect.fnUntraced(function*(reader: PushReader) {
        const { user } = reader
        const spans = new Spans(yield* store.blocks(user))
        const due = dueOf({
          reader,
          entries,
          from: Math.max(from, (told.get(user) ?? 0) + 1),
          ripeSeq,
          now: at,
          withholds: (entry) => spans.withholds(entry)
        })
        if (due === undefined) return
        told.set(user, due.latest.seq)
        const { sender } = due.latest
        if (!names.has(sender)) names.set(sender, yield* nameOf(sender))
        const payload = JSON.stringify(
          payloadOf(conversation, due, { sender: names.get(sender), group: reader.groupName })
        )
        const topic = topicOf(conversation)
        const urgency = isGroup && !due.mentions ? "normal" : "high"
        for (const record of yield* records.of([user])) send({ record, payload, topic, urgency })
      })
      // A database in this thread answers at once, and groups may have thousands who are away.
      yield* Effect.forEach(behind, (reader) => oneATurn(Effect.andThen(one(reader), nextTurn)), { discard: true })
    }
  )
})
