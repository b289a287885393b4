/**
 * Carries news from server to server, at once and without a promise: it may lose, repeat, delay and reorder what it is
 * given, and holds nothing. What it loses is read from the journal. Bring your own by providing this service; `busContract`
 * of `switchboard/testing` is the suite that an implementation has to pass.
 */
import { Context, type Effect, type Queue, Schema } from "effect"

export type BusEvent =
  /** What somebody published, maybe oneself, maybe somebody who has no business here. */
  | { readonly _tag: "Heard"; readonly message: string }
  /** After every subscription, the first too: something may have been missed until now. */
  | { readonly _tag: "Gap" }

/** What may wait to be published, in bytes. Overflow policy: the oldest goes. */
export const maxWaitingBytes = 8_388_608

/** Longer messages are not published, nor heard. In bytes of UTF-8. */
export const maxMessageBytes = 262_144

/** What is asked of the bus can never work. */
export class BusError extends Schema.TaggedError<BusError>()("BusError", { message: Schema.String }) {}

export class Bus extends Context.Service<Bus, {
  /** Never waits and never fails. The message is well-formed text without NUL; any other may be lost. */
  readonly publish: (message: string) => void
  /** Bounded. Overflow policy: the oldest goes, and a `Gap` says so. */
  readonly events: Queue.Dequeue<BusEvent>
  /** Whether it is believed to work: what is published now should be heard by those who subscribe now. */
  readonly healthy: Effect.Effect<boolean>
  /** Its name in logs and health: `postgres`, `redis`, `memory`. */
  readonly name: string
}>()("switchboard/services/cluster/Bus") {}
