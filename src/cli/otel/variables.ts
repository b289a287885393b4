/** What the standard variables of OpenTelemetry say. A value that will not do is one sentence. */
import { Config, Effect, Option } from "effect"
import type { CliError } from "effect/cli"
import { everything, type Sampler } from "../../services/telemetry/Sampler.ts"
import { userError } from "../errors.ts"

export const signals = ["traces", "metrics", "logs"] as const
export type Signal = typeof signals[number]

/** Where one signal goes, and how. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocol: "http/protobuf" | "http/json"
  readonly compression: "gzip" | "none"
  /** How long one request may take, in milliseconds. */
  readonly timeout: number
  /** How often it is told, in milliseconds. */
  readonly interval: number
}

export interface OtelSettings {
  readonly targets: Readonly<Partial<Record<Signal, Target>>>
  readonly serviceName: string | undefined
  readonly attributes: Readonly<Record<string, string>>
  readonly sampler: Sampler
  /** Whether counters are told as they stand, or what they grew by. */
  readonly temporality: "cumulative" | "delta"
}

type Read<A> = Effect.Effect<A, CliError.UserError>

/** A variable that is set to nothing counts as not set. */
const read = (name: string): Effect.Effect<string | undefined> =>
  Config.option(Config.String(name)).pipe(
    Effect.map(Option.getOrUndefined),
    Effect.orElseSucceed(() => undefined),
    Effect.map((value) => value === undefined || value.trim() === "" ? undefined : value.trim())
  )

const bad = (name: string, value: string | undefined, wanted: string) =>
  userError(`${value === undefined ? name : `${name}=${value}`} will not do; give it ${wanted}.`)

/** The first of these that is set, with its name. */
const firstOf = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  for (const name of names) {
    const value = yield* read(name)
    if (value !== undefined) return { name, value }
  }
  return undefined
})

const choice = Effect.fnUntraced(function*<const L extends string>(
  names: ReadonlyArray<string>,
  values: ReadonlyArray<L>,
  fallback: L
): Effect.fn.Return<L, CliError.UserError> {
  const found = yield* firstOf(names)
  if (found === undefined) return fallback
  const value = values.find((each) => each === found.value.toLowerCase())
  return value ?? (yield* bad(found.name, found.value, `one of ${values.join(", ")}`))
})

const millis = Effect.fnUntraced(function*(
  names: ReadonlyArray<string>,
  fallback: number
): Effect.fn.Return<number, CliError.UserError> {
  const found = yield* firstOf(names)
  if (found === undefined) return fallback
  const isGood = /^\d{1,9}$/.test(found.value) && Number(found.value) > 0
  return isGood
    ? Number(found.value)
    : yield* bad(found.name, found.value, "a whole number of milliseconds, at least 1")
})

const decodedPart = (text: string): Option.Option<string> =>
  Option.liftThrowable(() => decodeURIComponent(text.trim()))()

/** `name=value` with commas between; each is decoded as a part of a URL. */
const pairs = (text: string): Record<string, string> | undefined => {
  const found: Array<readonly [string, string]> = []
  for (const pair of text.split(",").filter((each) => each.trim() !== "")) {
    const at = pair.indexOf("=")
    const name = decodedPart(pair.slice(0, Math.max(at, 0)))
    const value = decodedPart(pair.slice(at + 1))
    if (Option.isNone(name) || Option.isNone(value) || name.value === "") return undefined
    found.push([name.value, value.value])
  }
  return Object.fromEntries(found)
}

const pairsOf = Effect.fnUntraced(function*(
  names: ReadonlyArray<string>,
  { isGood = () => true, isSecret }: {
    readonly isSecret: boolean
    readonly isGood?: (name: string, value: string) => boolean
  }
): Effect.fn.Return<Record<string, string>, CliError.UserError> {
  const found = yield* firstOf(names)
  if (found === undefined) return {}
  const parsed = pairs(found.value)
  if (parsed !== undefined && Object.entries(parsed).every(([name, value]) => isGood(name, value))) return parsed
  return yield* bad(found.name, isSecret ? undefined : found.value, "name=value, with commas between")
})

/** What HTTP takes for a header. */
const isHeader = (name: string, value: string): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value)

const endpointOf = Effect.fnUntraced(
  function*(signal: Signal): Effect.fn.Return<string | undefined, CliError.UserError> {
    const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`
    const found = yield* firstOf([own, "OTEL_EXPORTER_OTLP_ENDPOINT"])
    if (found === undefined) return undefined
    const url = URL.canParse(found.value) ? new URL(found.value) : undefined
    if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
      return yield* bad(found.name, found.value, "an address such as http://localhost:4318")
    }
    if (url.username !== "" || url.password !== "") {
      return yield* bad(found.name, undefined, "no password: OTEL_EXPORTER_OTLP_HEADERS is for credentials")
    }
    if (found.name !== own) url.pathname += `${url.pathname.endsWith("/") ? "" : "/"}v1/${signal}`
    return url.href
  }
)

/** The signal's own variable, then the one for all. */
const named = (signal: Signal, what: string) => [
  `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`,
  `OTEL_EXPORTER_OTLP_${what}`
]

const intervals: Readonly<Record<Signal, readonly [variable: string, millis: number]>> = {
  traces: ["OTEL_BSP_SCHEDULE_DELAY", 5_000],
  metrics: ["OTEL_METRIC_EXPORT_INTERVAL", 60_000],
  logs: ["OTEL_BLRP_SCHEDULE_DELAY", 1_000]
}

const targetOf = Effect.fnUntraced(function*(signal: Signal): Effect.fn.Return<Target | undefined, CliError.UserError> {
  const url = yield* endpointOf(signal)
  if (url === undefined) return undefined
  // Metrics for a scraper are at /metrics all the same.
  const exporters = signal === "metrics" ? ["otlp", "none", "prometheus"] as const : ["otlp", "none"] as const
  if ((yield* choice([`OTEL_${signal.toUpperCase()}_EXPORTER`], exporters, "otlp")) !== "otlp") return undefined
  const [interval, usual] = intervals[signal]
  return {
    url,
    headers: yield* pairsOf(named(signal, "HEADERS"), { isSecret: true, isGood: isHeader }),
    protocol: yield* choice(named(signal, "PROTOCOL"), ["http/protobuf", "http/json"], "http/protobuf"),
    compression: yield* choice(named(signal, "COMPRESSION"), ["gzip", "none"], "none"),
    timeout: yield* millis(named(signal, "TIMEOUT"), 10_000),
    interval: yield* millis([interval], usual)
  }
})

const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio"
] as const

const samplerOf: Read<Sampler> = Effect.gen(function*() {
  const name = yield* choice(["OTEL_TRACES_SAMPLER"], samplers, "parentbased_always_on")
  const parentBased = name.startsWith("parentbased_")
  if (name.endsWith("always_on")) return { ...everything, parentBased }
  if (name.endsWith("always_off")) return { ratio: 0, parentBased }
  const argument = yield* read("OTEL_TRACES_SAMPLER_ARG")
  if (argument === undefined) return { ratio: 1, parentBased }
  const ratio = Number(argument)
  if (!(ratio >= 0 && ratio <= 1)) return yield* bad("OTEL_TRACES_SAMPLER_ARG", argument, "a number from 0 to 1")
  return { ratio, parentBased }
})

/** `undefined` where nothing is to be told to anybody, and nothing more is read then. */
export const otelSettings: Read<OtelSettings | undefined> = Effect.gen(function*() {
  if ((yield* choice(["OTEL_SDK_DISABLED"], ["true", "false"], "false")) === "true") return undefined
  const targets: Partial<Record<Signal, Target>> = {}
  for (const signal of signals) {
    const target = yield* targetOf(signal)
    if (target !== undefined) targets[signal] = target
  }
  if (Object.keys(targets).length === 0) return undefined
  const { "service.name": named, ...attributes } = yield* pairsOf(["OTEL_RESOURCE_ATTRIBUTES"], { isSecret: false })
  return {
    targets,
    serviceName: (yield* read("OTEL_SERVICE_NAME")) ?? named,
    attributes,
    sampler: yield* samplerOf,
    temporality: yield* choice(
      ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"],
      ["cumulative", "delta"],
      "cumulative"
    )
  }
})
