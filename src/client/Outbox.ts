/** Messages that were said and have no answer yet: kept before they are sent, forgotten once they are answered. */
import { Clock, Deferred, Effect, Exit, Queue } from "effect"
import { defined } from "../domain/defined.ts"
import { ChatError } from "../domain/Errors.ts"
import type { MessageAccepted } from "../domain/ServerFrame.ts"
import { ClientError } from "./ClientError.ts"
import type { Events } from "./Events.ts"
import type { OutboxStorage } from "./OutboxStorage.ts"
import type { PendingRequests } from "./PendingRequests.ts"
import type { Answer, Command, LogEvent, PendingMessage, Target } from "./types.ts"

type Failure = ChatError | ClientError

interface Entry {
  readonly message: PendingMessage
  readonly result: Deferred.Deferred<MessageAccepted, Failure>
}

export interface SendOptions {
  /** The `seq` that this answers. */
  readonly replyTo?: number
  /** Names the message; one that was sent under this name already is not sent twice. */
  readonly id?: string
}

export interface OutboxOptions {
  readonly storage: OutboxStorage
  readonly events: Events
  readonly requests: PendingRequests
  /** What the others are pushed, once the command is accepted. */
  readonly pushOf: (command: Command, accepted: MessageAccepted) => LogEvent
  readonly makeId: () => string
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

export interface Outbox {
  readonly pending: () => ReadonlyArray<PendingMessage>
  readonly send: (target: Target, text: string, options?: SendOptions) => Answer<MessageAccepted>
}

const commandOf = ({ id, replyTo, target, text }: PendingMessage): Command => ({
  type: "chat_message",
  id,
  ...target,
  text,
  ...defined({ reply_to: replyTo })
})

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
  const { pushOf, events, makeId, requests, run, storage } = options
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
      entries.delete(message.id)
      if (Exit.isSuccess(exit)) {
        const accepted = exit.value
        events.offerOwn({ type: "accepted", message, accepted, pushed: pushOf(commandOf(message), accepted) })
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

  const send: Outbox["send"] = (target, text, { id, replyTo } = {}) =>
    Effect.suspend(() => {
      if (requests.closed !== undefined) return Effect.fail(requests.closed)
      const known = id === undefined ? undefined : entries.get(id)
      if (known !== undefined) return Deferred.await(known.result)
      // Rising, so that a storage that sorts by it keeps the order.
      const at = Math.max(clock.currentTimeMillisUnsafe(), lastAt + 1)
      const entry = add({ id: id ?? makeId(), target, text, at, ...defined({ replyTo }) })
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
