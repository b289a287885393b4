/** What `serve` tells an OpenTelemetry receiver, where the standard variables name one; nothing, where they don't. */
import { Effect, Layer } from "effect"
import type { CliError } from "effect/cli"
import * as MessageTraces from "../services/telemetry/MessageTraces.ts"
import { otelSettings } from "./otel/variables.ts"

export interface Otel {
  /** Beneath everything. */
  readonly exporters: Layer.Layer<never>
  /** Beneath the chat, above what names its users. */
  readonly messages: Layer.Layer<never>
}

const off: Otel = { exporters: Layer.empty, messages: Layer.empty }

/** A server that tells nobody anything does not read in what would. */
const exporters = Effect.promise(() => import("./otel/exporters.ts"))

export const otel: Effect.Effect<Otel, CliError.UserError> = Effect.gen(function*() {
  const settings = yield* otelSettings
  if (settings === undefined) return off
  const { layerOf } = yield* exporters
  return {
    exporters: layerOf(settings),
    messages: settings.targets.traces === undefined
      ? Layer.empty
      : MessageTraces.layer({ sampler: settings.sampler })
  }
})
