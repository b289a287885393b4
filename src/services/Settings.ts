/** The numbers that shape a server: limits, sizes, times. One table feeds the flags, the environment and the docs. */
import { Config, Context, Effect, Layer } from "effect"

interface Setting {
  /** The command line's name, without the dashes; `--max-frame-bytes` is `SWITCHBOARD_MAX_FRAME_BYTES`. */
  readonly flag: string
  readonly default: number
  readonly description: string
}

const setting = (flag: string, value: number, description: string): Setting => ({
  flag,
  default: value,
  description
})

export const settingsTable = {
  heartbeatMillis: setting("heartbeat-ms", 25_000, "Silence after which the server pings a client, in milliseconds"),
  heartbeatTimeoutMillis: setting(
    "heartbeat-timeout-ms",
    10_000,
    "Further silence after which the connection is closed with 4005, in milliseconds"
  ),
  maxFrameBytes: setting("max-frame-bytes", 65_536, "Largest frame a client may send, in bytes"),
  maxTextBytes: setting("max-text-bytes", 16_384, "Longest text of a message, in bytes of UTF-8"),
  maxOutboundBytes: setting(
    "max-outbound-bytes",
    1_048_576,
    "Bytes that may wait for one slow connection before it is closed with 4008"
  ),
  maxInvalidFrames: setting(
    "max-invalid-frames",
    20,
    "Invalid frames in a row after which a connection is closed with 4510"
  ),
  drainMillis: setting("drain-ms", 1_000, "Longest wait for clients to leave when the server stops, in milliseconds"),
  reconnectSpreadMillis: setting(
    "reconnect-spread-ms",
    5_000,
    "Time over which clients of a stopping server are told to reconnect, in milliseconds"
  )
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settingsTable
export const settingNames = Object.keys(settingsTable) as ReadonlyArray<SettingName>

/** The environment variable behind a flag. */
export const environmentName = (flag: string): string => `SWITCHBOARD_${flag.replaceAll("-", "_").toUpperCase()}`

export type SettingValues = { readonly [K in SettingName]: number }

const fromTable = <A>(f: (setting: Setting) => A): { readonly [K in SettingName]: A } =>
  Object.fromEntries(settingNames.map((name) => [name, f(settingsTable[name])])) as { readonly [K in SettingName]: A }

export class Settings extends Context.Service<Settings, SettingValues>()("switchboard/services/Settings") {
  static readonly defaults: SettingValues = fromTable((s) => s.default)

  /** What `Config` finds under the `SWITCHBOARD_` names, the defaults elsewhere. */
  static readonly layer = Layer.effect(
    Settings,
    Effect.map(
      Config.all(fromTable((s) => Config.Int(environmentName(s.flag)).pipe(Config.withDefault(s.default)))),
      Settings.of
    )
  )

  /** Chosen by the app; what is left out has its default. */
  static readonly layerOf = (values: Partial<SettingValues>) =>
    Layer.succeed(Settings, { ...Settings.defaults, ...values })
}
