/** How fast a body that may be long has to come, and has to be taken. */
import { Effect, Schema, type Stream } from "effect"
import { leastBytesPerSecond } from "../files/Uploads.ts"

export class BodyError extends Schema.TaggedError<BodyError>()("BodyError", {
  /** `slow` may still hear why, and so may whoever sends to a place that is `idle`: it takes nothing. */
  kind: Schema.Literals(["gone", "slow", "idle"])
}) {}

/** How often it is looked whether enough has come, in milliseconds. */
const lookMillis = 500

/** How many times as long as its client whoever takes the body may be silent: it may be a disk that wakes up. */
const idlePatience = 4

export interface RequestBody {
  readonly content: Stream.Stream<Uint8Array, BodyError>
  /**
   * Fails when it comes too slowly, which is nothing for as long as a request may take or less than the least pace on the
   * whole, and when it is not taken: a socket that is not read does not hear that its client has gone.
   */
  readonly pace: Effect.Effect<never, BodyError>
}

interface Reading {
  readonly bytes: number
  /** Waited for more in all, and at this moment, in milliseconds; how long nobody has asked for more. */
  readonly progress: { readonly waited: number; readonly silent: number; readonly idle: number }
}

export const paceOf = (reader: Reading, patience: number): Effect.Effect<never, BodyError> =>
  patience === 0
    ? Effect.never
    : Effect.suspend(() => {
      const { idle, silent, waited } = reader.progress
      const isSlow = silent > patience || waited > patience + reader.bytes / leastBytesPerSecond * 1_000
      if (isSlow) return Effect.fail(new BodyError({ kind: "slow" }))
      if (idle > idlePatience * patience) return Effect.fail(new BodyError({ kind: "idle" }))
      return Effect.sleep(Math.min(lookMillis, patience))
    }).pipe(Effect.forever)
