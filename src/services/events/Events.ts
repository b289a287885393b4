/** The log of all conversations as a stream of typed events that an app may leave and come back to. */
import { Context, Deferred, Effect, Layer, Stream } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { signing } from "../files/signing.ts"
import type { MessageStore } from "../storage/MessageStore.ts"
import type { StoreHealth } from "../storage/StoreHealth.ts"
import type { From } from "../storage/Subscriptions.ts"
import { type Following, makeFollow } from "./Following.ts"
import { eventOf, type LogEvent } from "./LogEvent.ts"
import type { LogSignals } from "./LogSignals.ts"

export interface SubscribeOptions {
  /**
   * Where a name that was never used begins: with what is said from `now` on (the default), or at the `beginning` of all
   * that is kept. One that was used goes on where it was.
   */
  readonly from?: From
}

/** An event, and how it is said that it was taken. */
interface Handed {
  readonly event: LogEvent
  readonly taken: Deferred.Deferred<void>
}

/** From whoever reads the log to whoever hears of it: one event at a time, and the next when that was taken. */
class Hands {
  #laid: Handed | undefined
  #wanted: Deferred.Deferred<Handed> | undefined
  #last: Handed | undefined

  /** Returns when it was taken. */
  lay(event: LogEvent): Effect.Effect<void> {
    return Effect.suspend(() => {
      const handed = { event, taken: Deferred.makeUnsafe<void>() }
      const wanted = this.#wanted
      // Before: whoever has it may want the next at once.
      this.#wanted = undefined
      if (wanted === undefined) this.#laid = handed
      else Deferred.doneUnsafe(wanted, Effect.succeed(handed))
      return Deferred.await(handed.taken)
    })
  }

  empty(): void {
    this.#laid = undefined
  }

  /** Whoever asks for the next has taken the one before. */
  readonly next = Effect.suspend(() => {
    if (this.#last !== undefined) Deferred.doneUnsafe(this.#last.taken, Effect.void)
    return Effect.map(this.#find(), (handed) => {
      this.#last = handed
      return [handed.event] as const
    })
  })

  #find(): Effect.Effect<Handed> {
    const laid = this.#laid
    this.#laid = undefined
    if (laid !== undefined) return Effect.succeed(laid)
    this.#wanted = Deferred.makeUnsafe<Handed>()
    return Deferred.await(this.#wanted)
  }
}

/** One conversation after the other, each page of it in one go. */
const tell = (following: Following, hand: (conversation: ConversationId, entry: Entry) => Effect.Effect<void>) => {
  const { backlog, bells, read, took } = following
  return Effect.gen(function*() {
    const bell = yield* bells.listen
    while (true) {
      bell.reset()
      const conversation = backlog.take(0)
      if (conversation === undefined) {
        yield* bell.wait()
        continue
      }
      const page = yield* Effect.catchTag(
        read(conversation),
        "StoreError",
        () => Effect.as(Effect.sleep("1 second"), undefined)
      )
      for (const entry of page?.entries ?? []) {
        yield* hand(conversation, entry)
        took(conversation, entry.seq)
      }
      if (page === undefined || page.hasMore) backlog.again(conversation)
      else backlog.done(conversation)
    }
  })
}

export class Events extends Context.Service<Events, {
  /**
   * Everything that happens in the log, at least once, and in the order of each conversation: texts as they are when they
   * are told, edits, deletes and reactions, and changes of groups. It never ends.
   *
   * How far the name has come is kept in the store. An event counts as taken when the next one is pulled, and that is
   * written within a fraction of a second; so what an app had in hand when it died comes again, and what was said while
   * it was down comes then. Operators that pull ahead (`Stream.buffer`, `concurrency`) take what they have pulled.
   *
   * A name is read in one place at a time. Another reader of the same name, here or on another server of the same store,
   * waits, and takes over within ten seconds when the first is gone.
   */
  subscribe(name: string, options?: SubscribeOptions): Stream.Stream<LogEvent>
}>()("switchboard/services/events/Events") {
  static readonly layer: Layer.Layer<Events, never, LogSignals | MessageStore | StoreHealth> = Layer.effect(
    Events,
    Effect.gen(function*() {
      const follow = yield* makeFollow
      const sign = yield* signing
      return Events.of({
        subscribe: (name, { from = "now" } = {}) =>
          Stream.fromPull(Effect.gen(function*() {
            const hands = new Hands()
            const run = (following: Following) =>
              Effect.suspend(() => {
                // What was laid out before somebody else had the name is theirs.
                hands.empty()
                return tell(following, (conversation, entry) => hands.lay(eventOf(conversation, sign(entry))))
              })
            yield* Effect.forkScoped(follow({ name: `app:${name}`, from, run }))
            return hands.next
          })).pipe(Stream.scoped)
      })
    })
  )
}
