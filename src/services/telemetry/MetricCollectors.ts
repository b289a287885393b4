/** What has to be looked up before metrics are told to anybody: gauges that nobody keeps up to date meanwhile. */
import { Context, Effect, type Scope } from "effect"

export class Collectors {
  readonly #all = new Set<Effect.Effect<void>>()

  /** Asked before each export, until the scope closes. It must not fail, and should not wait. */
  readonly add = (collect: Effect.Effect<void>): Effect.Effect<void, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => void this.#all.add(collect)),
      () => Effect.sync(() => this.#all.delete(collect))
    )

  readonly collect: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach(Array.from(this.#all), (collect) => collect, { discard: true })
  )
}

/** `undefined` where nothing is exported by itself. */
export const MetricCollectors = Context.Reference<Collectors | undefined>(
  "switchboard/services/telemetry/MetricCollectors",
  { defaultValue: () => undefined }
)
