import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { otelSettings } from "../../../src/cli/otel/variables.ts"

const read = (env: Record<string, string>) =>
  otelSettings.pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:4318" }

describe("OpenTelemetry's variables", () => {
  it.effect("without an endpoint nothing is on, and nothing else is looked at", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* read({}))
      assert.isUndefined(yield* read({ OTEL_TRACES_SAMPLER: "nonsense", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }))
      assert.isUndefined(yield* read({ OTEL_EXPORTER_OTLP_ENDPOINT: " " }))
      assert.isUndefined(yield* read({ ...endpoint, OTEL_SDK_DISABLED: "TRUE", OTEL_TRACES_SAMPLER: "nonsense" }))
    }))

  it.effect("with one all three signals are on, as the standard has it", () =>
    Effect.gen(function*() {
      const settings = (yield* read(endpoint))!
      const how = { headers: {}, protocol: "http/protobuf", compression: "none", timeout: 10_000 } as const
      assert.deepStrictEqual(settings.targets, {
        traces: { url: "http://localhost:4318/v1/traces", ...how, interval: 5_000 },
        metrics: { url: "http://localhost:4318/v1/metrics", ...how, interval: 60_000 },
        logs: { url: "http://localhost:4318/v1/logs", ...how, interval: 1_000 }
      })
      assert.deepStrictEqual(settings.sampler, { ratio: 1, parentBased: true })
      assert.strictEqual(settings.temporality, "cumulative")
      assert.isUndefined(settings.serviceName)
    }))

  it.effect("each signal may have its own place and way, and may be left out", () =>
    Effect.gen(function*() {
      const { targets } = (yield* read({
        OTEL_EXPORTER_OTLP_ENDPOINT: "https://one.example/otlp/",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://two.example:9/traces?x=1",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc, x-tenant = a%2Cb ",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-tenant=2",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
        OTEL_EXPORTER_OTLP_TIMEOUT: "500",
        OTEL_BSP_SCHEDULE_DELAY: "100",
        OTEL_METRICS_EXPORTER: "prometheus"
      }))!
      assert.deepStrictEqual(targets.traces, {
        url: "http://two.example:9/traces?x=1",
        headers: { "x-tenant": "2" },
        protocol: "http/protobuf",
        compression: "gzip",
        timeout: 500,
        interval: 100
      })
      assert.strictEqual(targets.logs?.url, "https://one.example/otlp/v1/logs")
      assert.strictEqual(targets.logs?.protocol, "http/json")
      assert.deepStrictEqual(targets.logs?.headers, { authorization: "Bearer abc", "x-tenant": "a,b" })
      assert.isUndefined(targets.metrics)
      const only = (yield* read({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://localhost:1/logs" }))!
      assert.deepStrictEqual(Object.keys(only.targets), ["logs"])
    }))

  it.effect("the service is what they say", () =>
    Effect.gen(function*() {
      const attributes = { OTEL_RESOURCE_ATTRIBUTES: "service.name=chat,deployment.environment=a%20b,constructor=x" }
      const settings = (yield* read({ ...endpoint, ...attributes }))!
      assert.strictEqual(settings.serviceName, "chat")
      assert.deepStrictEqual(settings.attributes, { "deployment.environment": "a b", constructor: "x" } as object)
      assert.strictEqual((yield* read({ ...endpoint, ...attributes, OTEL_SERVICE_NAME: "ours" }))!.serviceName, "ours")
    }))

  it.effect("samplers, by their names", () =>
    Effect.gen(function*() {
      const expected = {
        always_on: { ratio: 1, parentBased: false },
        always_off: { ratio: 0, parentBased: false },
        traceidratio: { ratio: 0.25, parentBased: false },
        parentbased_always_on: { ratio: 1, parentBased: true },
        parentbased_always_off: { ratio: 0, parentBased: true },
        parentbased_traceidratio: { ratio: 0.25, parentBased: true }
      }
      for (const [name, sampler] of Object.entries(expected)) {
        const settings = yield* read({ ...endpoint, OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: "0.25" })
        assert.deepStrictEqual(settings!.sampler, sampler, name)
      }
      const all = yield* read({ ...endpoint, OTEL_TRACES_SAMPLER: "traceidratio" })
      assert.deepStrictEqual(all!.sampler, { ratio: 1, parentBased: false })
    }))

  it.effect("a bad value is one sentence that names the variable and the value, unless that is a secret", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [variable: string, value: string, wanted: RegExp]> = [
        ["OTEL_SDK_DISABLED", "maybe", /one of true, false/],
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", /an address such as http/],
        ["OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://localhost", /an address such as http/],
        ["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "collector", /an address such as http/],
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", /one of http\/protobuf, http\/json/],
        ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "udp", /one of http\/protobuf, http\/json/],
        ["OTEL_EXPORTER_OTLP_COMPRESSION", "zip", /one of gzip, none/],
        ["OTEL_EXPORTER_OTLP_TIMEOUT", "10s", /a whole number of milliseconds/],
        ["OTEL_BSP_SCHEDULE_DELAY", "0", /a whole number of milliseconds/],
        ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "lowmemory", /one of cumulative, delta/],
        ["OTEL_TRACES_EXPORTER", "zipkin", /one of otlp, none/],
        ["OTEL_TRACES_SAMPLER", "sometimes", /one of always_on, always_off, traceidratio, parentbased_always_on/],
        ["OTEL_RESOURCE_ATTRIBUTES", "deployment", /name=value, with commas between/],
        ["OTEL_RESOURCE_ATTRIBUTES", "a=%E0%A4%A", /name=value, with commas between/]
      ]
      for (const [variable, value, wanted] of cases) {
        const { userMessage = "" } = yield* Effect.flip(read({ ...endpoint, [variable]: value }))
        assert.isTrue(userMessage.startsWith(`${variable}=${value} will not do; give it `), userMessage)
        assert.match(userMessage, wanted)
        assert.match(userMessage, /\.$/)
      }
      const ratio = { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "1.5" }
      for (const argument of ["1.5", "-1", "half", "NaN"]) {
        const { userMessage = "" } = yield* Effect.flip(
          read({ ...endpoint, ...ratio, OTEL_TRACES_SAMPLER_ARG: argument })
        )
        assert.strictEqual(
          userMessage,
          `OTEL_TRACES_SAMPLER_ARG=${argument} will not do; give it a number from 0 to 1.`
        )
      }
      for (const secret of ["hunter2", "x=hunter2%", "a b=hunter2", "x=hunter2%0A"]) {
        const { userMessage = "" } = yield* Effect.flip(read({ ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: secret }))
        assert.strictEqual(
          userMessage,
          "OTEL_EXPORTER_OTLP_HEADERS will not do; give it name=value, with commas between."
        )
      }
      const { userMessage = "" } = yield* Effect.flip(
        read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://me:hunter2@localhost" })
      )
      assert.notInclude(userMessage, "hunter2")
    }))
})
