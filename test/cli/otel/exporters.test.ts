import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Metric, Scope } from "effect"
import { layerOf } from "../../../src/cli/otel/exporters.ts"
import type { OtelSettings, Signal } from "../../../src/cli/otel/variables.ts"
import { MetricCollectors } from "../../../src/services/telemetry/MetricCollectors.ts"
import { eventually } from "../../support/eventually.ts"
import { startReceiver } from "../../support/OtlpReceiver.ts"

const settingsOf = (url: string, signal: Signal, more: Partial<OtelSettings> = {}): OtelSettings => ({
  targets: {
    [signal]: {
      url: `${url}/v1/${signal}`,
      timeout: 60_000,
      headers: {},
      protocol: "http/json",
      compression: "none",
      interval: 20
    }
  },
  serviceName: undefined,
  attributes: {},
  sampler: { ratio: 1, parentBased: true },
  temporality: "cumulative",
  ...more
})

describe("exporters", () => {
  it.live("however many spans end while the receiver is silent, few of them wait", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver(() => {})
      yield* Effect.gen(function*() {
        for (let i = 0; i < 200; i++) {
          // Bodies are made and sent meanwhile.
          yield* Effect.forEach(Array.from({ length: 500 }), () =>
            Effect.withSpan(Effect.void, "span", { kind: "server" }), {
            discard: true
          })
          yield* Effect.sleep(1)
        }
        yield* eventually(Effect.sync(() =>
          receiver.spans.length > 0
        ))
        // Of 100,000; 28,000 may wait for these, and another thousand may be gathered.
        assert.isAtMost(receiver.requests.length, 4)
      }).pipe(Effect.provide(layerOf(settingsOf(receiver.url, "traces"))))
    }), 120_000)

  it.live("gauges are looked up before each export, for as long as somebody wants them", () =>
    Effect.gen(function*() {
      const receiver = yield* startReceiver()
      const gauge = Metric.gauge("switchboard_otel_test")
      const valueOf = (metrics: any): number | undefined =>
        metrics.resourceMetrics[0].scopeMetrics[0].metrics.find(({ name }: any) => name === "switchboard_otel_test")
          ?.gauge
          .dataPoints[0].asDouble
      yield* Effect.gen(function*() {
        const collectors = (yield* MetricCollectors)!
        const scope = yield* Scope.make()
        let looks = 0
        yield* collectors.add(Effect.suspend(() => Metric.update(gauge, ++looks))).pipe(Scope.provide(scope))
        yield* eventually(Effect.sync(() => receiver.metrics.length >= 3))
        const values = receiver.metrics.map(valueOf)
        assert.deepStrictEqual(values, values.map((_, i) => i + 1))
      }).pipe(Effect.provide(layerOf(settingsOf(receiver.url, "metrics"))))
    }), 60_000)

  it.live(
    "a gauge that cannot be looked up takes the others with it neither now nor later",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const gauge = Metric.gauge("switchboard_otel_broken_test")
        yield* Effect.gen(function*() {
          const collectors = (yield* MetricCollectors)!
          let looks = 0
          const look = Effect.suspend(() => {
            looks++
            if (looks < 3) throw new Error("a defect")
            return Metric.update(gauge, looks)
          })
          yield* Metric.update(gauge, 0)
          yield* collectors.add(look)
          yield* eventually(Effect.sync(() => looks > 3))
          yield* eventually(Effect.sync(() => receiver.metrics.length > 3))
          assert.isTrue(
            receiver.metrics.every((metrics) => JSON.stringify(metrics).includes("switchboard_otel_broken_test"))
          )
        }).pipe(Effect.scoped, Effect.provide(Layer.fresh(layerOf(settingsOf(receiver.url, "metrics")))))
      }),
    60_000
  )

  it.live(
    "without metrics nobody looks anything up, and the resource has a name and a version",
    () =>
      Effect.gen(function*() {
        const receiver = yield* startReceiver()
        const attributes = { "service.version": "ours", "service.instance.id": "one" }
        yield* Effect.gen(function*() {
          assert.isUndefined(yield* MetricCollectors)
          yield* Effect.withSpan(Effect.void, "span", { kind: "server" })
          const [span] = yield* receiver.heard("span")
          assert.strictEqual(span!.resource["service.name"], "switchboard")
          assert.strictEqual(span!.resource["service.version"], "ours")
          assert.strictEqual(span!.resource["service.instance.id"], "one")
        }).pipe(Effect.provide(Layer.fresh(layerOf(settingsOf(receiver.url, "traces", { attributes })))))
      }),
    60_000
  )
})
