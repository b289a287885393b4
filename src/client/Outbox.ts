/** Messages that were said and have no answer yet: kept before they are sent, forgotten once they are answered. */
import { Clock, Deferred, Effect, Exit, Queue } from "effect"
import { defined } from "../domain/defined.ts"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import { ChatError } from "../domain/Errors.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import { ClientError } from "./ClientError.ts"
import type { Events } from "./Events.ts"
import type { Incoming } from "./Incoming.ts"
import type { OutboxStorage } from "./OutboxStorage.ts"
import type { PendingRequests } from "./PendingRequests.ts"
import type { Answer, Command, LogEvent, PendingMessage, SentFile, Target } from "./types.ts"

type Failure = ChatError | ClientError

interface Entry {
  readonly message: PendingMessage
  readonly result: Deferred.Deferred<MessageAccepted, Failure>
}

/** `Data` is what the client's Schema makes of `data`; without one, a JSON object. */
export interface SendOptions<Data = JsonObject> {
  /** The `seq` that this answers. */
  readonly replyTo?: number
  /** Names the message; one that was sent under this name already is not sent twice. */
  readonly id?: string
  /** At most ten, each as `upload` answered it. With files the text may be empty. */
  readonly attachments?: ReadonlyArray<SentFile>
  /** Members who are meant by it, at most 50; to a group, `["@all"]` by an owner or admin. */
  readonly mentions?: ReadonlyArray<string>
  /** The app's own, at most 4 KiB as JSON. With it the text may be empty. */
  readonly data?: Data
}

export interface OutboxOptions {
  readonly storage: OutboxStorage
  readonly events: Events
  readonly incoming: Incoming
  readonly requests: PendingRequests
  /** What the others are pushed, once the message is accepted. */
  readonly echo: (message: PendingMessage, accepted: MessageAccepted) => Effect.Effect<LogEvent>
  readonly makeId: () => string
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

export interface Outbox {
  readonly pending: () => ReadonlyArray<PendingMessage>
  readonly send: (target: Target, text: string, options?: SendOptions) => Answer<MessageAccepted>
}

export const commandOf = ({ attachments, data, id, mentions, replyTo, target, text }: PendingMessage): Command => ({
  type: "chat_message",
  id,
  ...target,
  text,
  ...defined({ reply_to: replyTo, mentions, data }),
  ...(attachments === undefined ? undefined : {
    // What the server knows itself is not said.
    attachments: attachments.map(({ file, height, preview, width }) => ({
      file,
      ...defined({ width, height, preview })
    }))
  })
})

/** What is worth keeping of what it was called with. */
const keptOf = (files: ReadonlyArray<SentFile> | undefined): { readonly attachments?: ReadonlyArray<SentFile> } =>
  files === undefined || files.length === 0 ? {} : {
    attachments: files.map(({ file, height, name, preview, size, type, width }) => ({
      file,
      ...defined({ name, type, size, width, height, preview })
    }))
  }

/** To mention nobody is not to mention. */
const meantOf = (mentions: ReadonlyArray<string> | undefined): { readonly mentions?: ReadonlyArray<string> } =>
  mentions === undefined || mentions.length === 0 ? {} : { mentions }

/** Calls a storage of either kind. */
const callStorage = <A>(call: () => A | Promise<A>): Effect.Effect<A, ClientError> =>
  Effect.suspend(() => {
    const answer = call()
    return answer instanceof Promise ? Effect.promise(() => answer) : Effect.succeed(answer)
  }).pipe(
    Effect.catchDefect((defect) =>
      Effect.fail(
        new ClientError({
          reason: "storage",
          message: `The outbox cannot be written: ${defect instanceof Error ? defect.message : String(defect)}`
        })
      )
    )
  )

/** A storage that cannot be read has nothing to say. */
const unlessUnreadable = (effect: Effect.Effect<void>) =>
  Effect.catchDefect(effect, (defect) => Effect.logWarning("Outbox.unreadable", defect))

export const makeOutbox = Effect.fnUntraced(function*(options: OutboxOptions) {
  const { echo, events, incoming, makeId, requests, run, storage } = options
  const clock = yield* Clock.Clock
  const entries = new Map<string, Entry>()
  /** One after the other, so that they are kept and said in the order in which they were given. */
  const toKeep = yield* Queue.unbounded<Entry>()
  let lastAt = 0

  const settle = Effect.fnUntraced(function*({ message, result }: Entry, exit: Exit.Exit<MessageAccepted, Failure>) {
    const failure = Exit.isFailure(exit)
      ? exit.cause.reasons.find((reason) => reason._tag === "Fail")?.error
      : undefined
    // A client that closes leaves its messages where they are kept.
    if (Exit.isSuccess(exit) || failure?._tag === "ChatError") {
      const pushed = Exit.isSuccess(exit) ? yield* echo(message, exit.value) : undefined
      entries.delete(message.id)
      if (Exit.isSuccess(exit) && pushed !== undefined) {
        incoming.tell({ type: "accepted", message, accepted: exit.value, pushed }, exit.value)
      } else if (failure?._tag === "ChatError") {
        events.offerOwn({ type: "failed", message, code: failure.code, reason: failure.message })
      }
      // If it stays there, it is said again after a restart, under the same name.
      yield* Effect.ignore(callStorage(() => storage.remove(message.id)))
    }
    yield* Deferred.done(result, exit)
  })

  const say = (entry: Entry) =>
    requests.ask<MessageAccepted>(commandOf(entry.message)).pipe(
      Effect.exit,
      Effect.flatMap((exit) => settle(entry, exit))
    )

  const keep = Effect.fnUntraced(function*(entry: Entry) {
    const { message, result } = entry
    const failure = yield* callStorage(() => storage.put(message)).pipe(
      Effect.as(undefined),
      Effect.catch(Effect.succeed)
    )
    if (failure === undefined) return run(say(entry))
    entries.delete(message.id)
    events.offerOwn({ type: "failed", message, code: failure.reason, reason: failure.message })
    yield* Deferred.fail(result, failure)
  })

  const add = (message: PendingMessage): Entry => {
    const entry: Entry = { message, result: Deferred.makeUnsafe() }
    entries.set(message.id, entry)
    lastAt = Math.max(lastAt, message.at)
    events.offerOwn({ type: "pending", message })
    return entry
  }

  const send: Outbox["send"] = (target, text, { attachments, data, id, mentions, replyTo } = {}) =>
    Effect.suspend(() => {
      if (requests.closed !== undefined) return Effect.fail(requests.closed)
      const known = id === undefined ? undefined : entries.get(id)
      if (known !== undefined) return Deferred.await(known.result)
      // Rising, so that a storage that sorts by it keeps the order.
      const at = Math.max(clock.currentTimeMillisUnsafe(), lastAt + 1)
      const entry = add({
        id: id ?? makeId(),
        target,
        text,
        at,
        ...defined({ replyTo, data }),
        ...meantOf(mentions),
        ...keptOf(attachments)
      })
      Queue.offerUnsafe(toKeep, entry)
      return Deferred.await(entry.result)
    })

  const addLoaded = (messages: ReadonlyArray<PendingMessage>) => {
    for (const message of messages) if (!entries.has(message.id)) run(say(add(message)))
  }

  // What was left by an earlier run goes first. It is there at once if the storage is synchronous.
  let loading: Promise<ReadonlyArray<PendingMessage>> | undefined
  yield* unlessUnreadable(Effect.sync(() => {
    const loaded = storage.load()
    if (loaded instanceof Promise) loading = loaded
    else addLoaded(loaded)
  }))
  yield* unlessUnreadable(
    Effect.suspend(() => loading === undefined ? Effect.void : Effect.map(Effect.promise(() => loading!), addLoaded))
  ).pipe(
    Effect.andThen(Effect.forever(Effect.flatMap(Queue.take(toKeep), keep))),
    Effect.forkScoped
  )

  return { pending: () => Array.from(entries.values(), ({ message }) => message), send } satisfies Outbox
})
