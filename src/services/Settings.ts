/** The numbers that shape a server: limits, sizes, times. One table feeds the flags, the environment and the docs. */
import { Config, Context, Effect, Layer } from "effect"
import { usualTextBytes } from "../domain/Limit.ts"
import { isLoopback } from "./kernel/addresses.ts"

interface Setting {
  /** The command line's name, without the dashes; `--max-frame-bytes` is `SWITCHBOARD_MAX_FRAME_BYTES`. */
  readonly flag: string
  readonly default: number
  readonly description: string
  /** The default is meant for the world: it does not count addresses of this machine, another number does. */
  readonly exceptLoopback?: true
}

const setting = (flag: string, value: number, description: string): Setting => ({
  flag,
  default: value,
  description
})

/** A limit whose default does not count the addresses of this machine, where proxies and tests live. */
const publicLimit = (flag: string, value: number, description: string): Setting => ({
  ...setting(flag, value, `${description}. The default does not count loopback addresses`),
  exceptLoopback: true
})

export const settingsTable = {
  heartbeatMillis: setting(
    "heartbeat-ms",
    25_000,
    "Silence after which the server pings a client, in milliseconds; 0 lifts it"
  ),
  heartbeatTimeoutMillis: setting(
    "heartbeat-timeout-ms",
    10_000,
    "Further silence after which the connection is closed with 4005, in milliseconds; 0 lifts it"
  ),
  maxFrameBytes: setting("max-frame-bytes", 65_536, "Largest frame a client may send, in bytes; 0 lifts it"),
  maxTextBytes: setting("max-text-bytes", usualTextBytes, "Longest text of a message, in bytes of UTF-8; 0 lifts it"),
  maxOutboundBytes: setting(
    "max-outbound-bytes",
    1_048_576,
    "Bytes that may wait for one slow connection before it is closed with 4008; 0 lifts it"
  ),
  maxMessagesPerSecond: setting(
    "max-messages-per-second",
    500,
    "Frames a second that one connection may send; 0 lifts it"
  ),
  maxMessagesPerSecondPerUser: setting(
    "max-messages-per-second-per-user",
    1_000,
    "Frames a second that all connections of a user may send; 0 lifts it"
  ),
  maxMessagesPerSecondPerAddress: publicLimit(
    "max-messages-per-second-per-address",
    5_000,
    "Frames a second that all connections of an address may send; 0 lifts it"
  ),
  maxConnectionsPerUser: setting(
    "max-connections-per-user",
    50,
    "Connections that one user may have open; 0 lifts it"
  ),
  maxConnectionsPerAddress: publicLimit(
    "max-connections-per-address",
    500,
    "Connections that one address may have open; 0 lifts it"
  ),
  maxConnectionsPerSecond: publicLimit(
    "max-connections-per-second",
    500,
    "Connections that are accepted in a second, and a tenth of it of one address; 0 lifts it"
  ),
  maxRequestsPerSecondPerAddress: publicLimit(
    "max-requests-per-second-per-address",
    200,
    "HTTP requests a second that one address may make; 0 lifts it"
  ),
  maxPendingConnections: setting(
    "max-pending-connections",
    1_000,
    "Connections that have not finished their request; past it the oldest is closed; 0 lifts it"
  ),
  handshakeMillis: setting(
    "handshake-ms",
    10_000,
    "Longest time for a request or a handshake, in milliseconds; 0 lifts it"
  ),
  maxInvalidFrames: setting(
    "max-invalid-frames",
    20,
    "Invalid frames in a row after which a connection is closed with 4510; 0 lifts it"
  ),
  maxGroupMembers: setting("max-group-members", 1_024, "Members that a group may have; 0 lifts it"),
  maxNewConversationsPerHour: setting(
    "max-new-conversations-per-hour",
    1_000,
    "Conversations that one user may begin in an hour with people who do not answer; 0 lifts it"
  ),
  maxAdditionsPerHour: setting(
    "max-additions-per-hour",
    10_000,
    "Groups made and members added by one user in an hour; 0 lifts it"
  ),
  maxAdditionsOfUserPerHour: setting(
    "max-additions-of-user-per-hour",
    200,
    "Groups that others may put one user into in an hour; 0 lifts it"
  ),
  maxDevicesPerUser: setting(
    "max-devices-per-user",
    100,
    "Named devices of a user that are remembered, those used last; 0 lifts it"
  ),
  maxFileBytes: setting("max-file-bytes", 26_214_400, "Largest file that may be uploaded, in bytes; 0 lifts it"),
  maxFileBytesPerUser: setting(
    "max-file-bytes-per-user",
    1_073_741_824,
    "Bytes that all files of one user may have; 0 lifts it"
  ),
  drainMillis: setting(
    "drain-ms",
    1_000,
    "Longest wait for clients that a stopping server has closed to be gone, in milliseconds"
  ),
  reconnectSpreadMillis: setting(
    "reconnect-spread-ms",
    5_000,
    "Time over which clients of a stopping server are told to reconnect, in milliseconds; longer for many"
  )
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settingsTable
export const settingNames = Object.keys(settingsTable) as ReadonlyArray<SettingName>

/** The environment variable behind a flag. */
export const environmentName = (flag: string): string => `SWITCHBOARD_${flag.replaceAll("-", "_").toUpperCase()}`

export type SettingValues = { readonly [K in SettingName]: number }

const fromTable = <A>(f: (setting: Setting) => A): { readonly [K in SettingName]: A } =>
  Object.fromEntries(settingNames.map((name) => [name, f(settingsTable[name])])) as { readonly [K in SettingName]: A }

/** The part of what all may do that is one address's: a tenth, and of little at least some. */
export const shareOf = (ofAll: number): number => Math.min(ofAll, Math.max(10, ofAll / 10))

/** The limit as it is for an address; 0 is no limit. */
export const limitOf = (settings: SettingValues, name: SettingName, address: string): number => {
  const { default: value, exceptLoopback }: Setting = settingsTable[name]
  return exceptLoopback === true && settings[name] === value && isLoopback(address) ? 0 : settings[name]
}

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
