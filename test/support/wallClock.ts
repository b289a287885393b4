/** A wall clock that somebody sets back and forth, over a `TestClock` whose time goes on. */
import { Clock, Effect } from "effect"

export interface WallClock {
  /** Sets it by that many milliseconds, back when they are negative. No time passes. */
  readonly step: (millis: number) => Effect.Effect<void>
}

/** Layers that `use` builds within have this clock, too. */
export const withWallClock = <A, E, R>(use: (wall: WallClock) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.clockWith((clock) => {
    let off = 0
    const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + off
    const currentTimeNanosUnsafe = () => clock.currentTimeNanosUnsafe() + BigInt(off) * 1_000_000n
    const stepped: Clock.Clock = {
      ...clock,
      currentTimeMillisUnsafe,
      currentTimeNanosUnsafe,
      currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
      currentTimeNanos: Effect.sync(currentTimeNanosUnsafe)
    }
    const step = (millis: number) =>
      Effect.sync(() => {
        off += millis
      })
    return Effect.provideService(use({ step }), Clock.Clock, stepped)
  })
