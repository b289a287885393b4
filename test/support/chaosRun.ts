/** One seed of chaos as a result: for the test of it, and for `npm run chaos`, which makes a report of many. */
import { Cause, Effect, Exit, Random } from "effect"
import { story, type Told } from "./clusterChaos.ts"
import { House } from "./house.ts"

export interface Outcome {
  readonly seed: number
  readonly bus: "postgres" | "redis"
  readonly seconds: number
  /** Messages that somebody was told are kept. */
  readonly accepted: number
  readonly struck: { readonly [fault: string]: number }
  readonly held: ReadonlyArray<string>
  /** What broke, and after which laws. */
  readonly broken?: string
}

export const runSeed = Effect.fnUntraced(function*(seed: number) {
  const bus = seed % 2 === 0 ? "postgres" as const : "redis" as const
  const told: Told = { struck: new Map(), held: [], accepted: 0 }
  const begin = performance.now()
  const exit = yield* Effect.exit(
    story(seed, told).pipe(Effect.provide(House.layer({ bus })), Effect.scoped, Random.withSeed(seed))
  )
  // Whoever stops it wants no result.
  if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
  return {
    seed,
    bus,
    seconds: Math.round((performance.now() - begin) / 1_000),
    accepted: told.accepted,
    struck: Object.fromEntries(told.struck),
    held: told.held,
    ...(Exit.isFailure(exit) ? { broken: Cause.pretty(exit.cause) } : {})
  } satisfies Outcome
})
