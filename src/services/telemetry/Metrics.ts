/** The metrics of one server, for whoever wants them: as a page for Prometheus, or for an exporter of Effect's own. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Clock, Context, Effect, FileSystem, Layer, Metric, Semaphore } from "effect"
import { PrometheusMetrics } from "effect/observability"
import { type Collected, register } from "./definitions.ts"
import { makeEventLoopDelay } from "./EventLoopDelay.ts"
import { CurrentMeters, Meters } from "./Meters.ts"
import { MetricCollectors } from "./MetricCollectors.ts"

/** However often somebody asks, this is the part of the time that goes into pages for them. */
const share = 0.02
/** Nobody gets one that is older, in milliseconds. */
const maxAgeMillis = 1_000

const openFilesOf = (fs: FileSystem.FileSystem): Effect.Effect<number | undefined> =>
  fs.readDirectory("/proc/self/fd").pipe(
    // One of them is the folder, while it is read.
    Effect.map((files) => files.length - 1),
    Effect.orElseSucceed(() => undefined)
  )

export class Metrics extends Context.Service<Metrics, {
  /** Where they are registered: the `Metric.MetricRegistry` that the app provides to `Switchboard.layer`, or one of its own. */
  readonly registry: Metric.MetricRegistry
  /** Looks at what takes a moment to find out. All else is read with the registry. */
  readonly collect: Effect.Effect<void>
  /** All of the registry in Prometheus' text format. Asked for often, it is made anew as often as is cheap. */
  readonly text: Effect.Effect<string>
}>()("switchboard/services/telemetry/Metrics") {
  /** Provides `CurrentMeters`, too. */
  static readonly layer: Layer.Layer<Metrics> = Layer.effectContext(
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const clock = yield* Clock.Clock
      const now = () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
      const given = (yield* Effect.context<never>()).mapUnsafe.has(Metric.MetricRegistry.key)
      // Effect's default is one for all of the process, in which two servers could not be told apart.
      const registry = given ? yield* Metric.MetricRegistry : new Map()
      const meters = new Meters()
      const collected: Collected = { bus: yield* meters.gauges.bus, openFiles: yield* openFilesOf(fs) }
      const eventLoopDelay = yield* makeEventLoopDelay(now)
      yield* Effect.acquireRelease(
        Effect.sync(() => register({ meters, collected, eventLoopDelay }, registry)),
        (registrations) => Effect.sync(() => registrations.forEach((each) => each.remove()))
      )

      const collect = Effect.gen(function*() {
        collected.bus = yield* meters.gauges.bus
        if (collected.openFiles !== undefined) collected.openFiles = yield* openFilesOf(fs)
      })

      const collectors = yield* MetricCollectors
      if (collectors !== undefined) yield* collectors.add(collect)

      const context = Context.make(Metric.MetricRegistry, registry)
      const oneAtATime = yield* Semaphore.make(1)
      let page = ""
      let goodUntil = Number.NEGATIVE_INFINITY
      const text = oneAtATime.withPermit(Effect.gen(function*() {
        const begun = now()
        if (begun < goodUntil) return page
        yield* collect
        page = PrometheusMetrics.formatUnsafe(context)
        const done = now()
        goodUntil = done + Math.min(maxAgeMillis, (done - begun) / share)
        return page
      }))

      return Context.make(Metrics, { registry, collect, text }).pipe(Context.add(CurrentMeters, meters))
    })
  ).pipe(Layer.provide(NodeFileSystem.layer))

  /** For an exporter of Effect's metrics: what it is built with sees those of this server. */
  static readonly layerRegistry: Layer.Layer<never, never, Metrics> = Layer.effect(
    Metric.MetricRegistry,
    Metrics.use(({ registry }) => Effect.succeed(registry))
  )
}
