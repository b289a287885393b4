/** Traces, metrics and logs for an OpenTelemetry receiver, by Effect's own exporters. The only place that knows them. */
import { ConfigProvider, Context, Duration, Effect, Layer, Logger, Metric, Scope, Tracer } from "effect"
import { HttpMiddleware } from "effect/http"
import { OtlpExporter, OtlpLogger, OtlpMetrics, OtlpSerialization, OtlpTracer } from "effect/observability"
import { randomUUID } from "node:crypto"
import { version } from "../../domain/version.ts"
import { repeatForever } from "../../services/kernel/repeatForever.ts"
import { Collectors, MetricCollectors } from "../../services/telemetry/MetricCollectors.ts"
import { sampling } from "../../services/telemetry/samplingTracer.ts"
import { receiverOf } from "./receiver.ts"
import type { OtelSettings, Signal, Target } from "./variables.ts"

/** What a stop waits for whatever is still to be told, in milliseconds. */
const stopMillis = 1_000

const serialization = { "http/json": OtlpSerialization.layerJson, "http/protobuf": OtlpSerialization.layerProtobuf }

const resourceOf = ({ attributes, serviceName = "switchboard" }: OtelSettings) => ({
  serviceName,
  serviceVersion: attributes["service.version"] ?? version,
  attributes: { "service.instance.id": randomUUID(), ...attributes }
})

/** What all three exporters are given. */
type ExporterOptions = Parameters<typeof OtlpMetrics.make>[0]

/** What an exporter of one signal needs. */
const partsOf = (signal: Signal, target: Target) =>
  Layer.mergeAll(receiverOf(signal, target), serialization[target.protocol], OtlpExporter.layerFlusher)

type Parts = Layer.Success<ReturnType<typeof partsOf>>

/** Gauges are looked up before each export, so the turns are taken here and not by the exporter. */
const metricsExporter = (collectors: Collectors) =>
  Effect.fnUntraced(function*({ exportInterval = 0, ...options }: ExporterOptions) {
    yield* OtlpMetrics.make({ ...options, exportInterval: Duration.infinity })
    const { flush } = yield* OtlpExporter.Flusher
    // What cannot be looked up is told as it was before, and everything else as it is.
    const turn = Effect.flatMap(Effect.exit(collectors.collect), (looked) => Effect.andThen(flush, looked))
    yield* Effect.sleep(exportInterval).pipe(
      Effect.andThen(repeatForever("Otlp.metrics", turn, exportInterval)),
      Effect.forkScoped
    )
  })

const make = Effect.fnUntraced(function*(settings: OtelSettings) {
  const { sampler, targets, temporality } = settings
  const resource = resourceOf(settings)
  // Of this server alone, which registers its metrics there and looks up its gauges before each export.
  const registry: Metric.MetricRegistry = new Map()
  // They end side by side, so that a stop waits for a dead receiver once.
  const all = yield* Scope.fork(yield* Effect.scope, "parallel")

  const begin = Effect.fnUntraced(function*<A>(
    signal: Signal,
    exporter: (options: ExporterOptions) => Effect.Effect<A, never, Parts | Scope.Scope>
  ) {
    const target = targets[signal]
    if (target === undefined) return undefined
    const { compression, headers, interval, url } = target
    const scope = yield* Scope.fork(all)
    const when = { exportInterval: interval, shutdownTimeout: stopMillis }
    const options = { url, headers, compression, resource, temporality, ...when }
    const parts = yield* Layer.buildWithScope(Layer.fresh(partsOf(signal, target)), scope)
    return yield* exporter(options).pipe(
      // Everything was read from the environment already.
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
      Effect.provideService(Metric.MetricRegistry, registry),
      Effect.provide(parts),
      Scope.provide(scope)
    )
  })

  const tracer = yield* begin("traces", OtlpTracer.make)
  const logger = yield* begin("logs", OtlpLogger.make)
  const collectors = targets.metrics === undefined ? undefined : new Collectors()
  if (collectors !== undefined) yield* begin("metrics", metricsExporter(collectors))

  const loggers = yield* Logger.CurrentLoggers
  return Context.make(MetricCollectors, collectors).pipe(
    Context.add(Metric.MetricRegistry, registry),
    Context.add(Logger.CurrentLoggers, logger === undefined ? loggers : new Set([...loggers, logger])),
    Context.add(Tracer.Tracer, tracer === undefined ? Tracer.nativeTracer : sampling(tracer, sampler)),
    // Pages, probes and scrapers are not what anybody looks for.
    Context.add(HttpMiddleware.TracerDisabledWhen, ({ url }) => !url.split("?")[0]!.includes("/v1/"))
  )
})

/** For everything that is built on it. */
export const layerOf = (settings: OtelSettings): Layer.Layer<never> => Layer.effectContext(make(settings))
