/**
 * Who follows the log of all conversations, and how far each has come: a name, and of each conversation the last `seq`
 * that was taken. It costs a commit nothing. Bring your own beside a `MessageStore` of your own; `subscriptionsContract`
 * is the suite that it has to pass. A store that has none can be followed by nobody.
 */
import { Context, type Effect } from "effect"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { StoreError } from "./MessageStore.ts"

/** Where a new subscription begins: with what is said from now on, or with all that is kept. */
export type From = "now" | "beginning"

/** A conversation with entries after `after` that were not taken. */
export interface BehindConversation {
  readonly conversation: ConversationId
  readonly after: number
  readonly head: number
}

export interface Taken {
  readonly conversation: ConversationId
  readonly seq: number
}

/** What names an event that could not be handed on: an entry, and for whom it was where it is for one of several. */
export interface EventKey {
  readonly name: string
  readonly conversation: ConversationId
  readonly seq: number
  readonly user?: UserId
}

/** `waiting` will be tried again; `failed` was given up, and is kept for whoever looks after the server. */
export type EventState = "waiting" | "failed"

/** What is kept of it. What it says is in the log, and is read from there, so an erasure reaches it. */
export interface KeptEvent extends EventKey {
  readonly state: EventState
  /** How often it was tried. */
  readonly attempts: number
  /** Why the last try failed, in one sentence. */
  readonly error: string
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  /** When it is tried next; of one that failed, only once somebody has asked for it. */
  readonly nextAt?: number
}

/** As many that failed are kept of each name; then the oldest are forgotten. */
export const maxFailedEvents = 10_000

/** When somebody wants an event to be tried again: before anything else. */
export const atOnce = 0

export class Subscriptions extends Context.Service<Subscriptions, {
  /** Makes the subscription unless it is there. One that was cut short is made whole by the next call. */
  open(name: string, from: From): Effect.Effect<void, StoreError>

  /**
   * Takes the subscription for this holder, or keeps it, for so long by the clock of the database; false while another
   * has it. Where a store is one process's alone, whoever asks is the only one.
   */
  lease(name: string, holder: string, millis: number): Effect.Effect<boolean, StoreError>

  /** Lets go of it, if it is this holder's. */
  release(name: string, holder: string): Effect.Effect<void, StoreError>

  /**
   * Conversations whose head is beyond the position, in rising order of id, after `after`; none for a name that was never
   * opened. One call looks at a bounded number of conversations: a page may be empty and have a `next`.
   */
  behind(name: string, options: { readonly after?: ConversationId; readonly limit: number }): Effect.Effect<
    { readonly items: ReadonlyArray<BehindConversation>; readonly next?: ConversationId },
    StoreError
  >

  /** The last `seq` that was taken; 0 where nothing was. */
  position(name: string, conversation: ConversationId): Effect.Effect<number, StoreError>

  /** Moves positions forward, all or none, and never back. False, and nothing, where somebody else has the subscription. */
  move(name: string, holder: string, taken: ReadonlyArray<Taken>): Effect.Effect<boolean, StoreError>

  /** Keeps an event, in place of what is kept of it. Of those that failed the oldest go, past `maxFailedEvents`. */
  putEvent(event: KeptEvent): Effect.Effect<void, StoreError>

  removeEvent(key: EventKey): Effect.Effect<void, StoreError>

  /** Of these names, in rising order of name, conversation, `seq` and user, after `after`. */
  events(options: {
    readonly names: ReadonlyArray<string>
    readonly state?: EventState
    readonly conversation?: ConversationId
    readonly after?: EventKey
    readonly limit: number
  }): Effect.Effect<ReadonlyArray<KeptEvent>, StoreError>

  /** Those of this name whose `nextAt` has come, the earliest first; of one conversation in the order of its log. */
  dueEvents(name: string, now: number, limit: number): Effect.Effect<ReadonlyArray<KeptEvent>, StoreError>

  /** Has an event tried again `atOnce`. Returns whether there is one. */
  retryEvent(key: EventKey): Effect.Effect<boolean, StoreError>

  /** Who must not be told anything under this name any more, as whoever stopped it says; without a reason nobody. */
  stop(name: string, reason: string | undefined): Effect.Effect<void, StoreError>

  stopped(name: string): Effect.Effect<string | undefined, StoreError>

  /**
   * The members who may see this text, said by `sender` at `at`, and of whom no device has confirmed it. Whoever blocked
   * the sender then is not among them. In rising order.
   */
  unconfirmed(text: {
    readonly conversation: ConversationId
    readonly seq: number
    readonly sender: UserId
    readonly at: number
  }): Effect.Effect<ReadonlyArray<UserId>, StoreError>
}>()("switchboard/services/storage/Subscriptions") {}
