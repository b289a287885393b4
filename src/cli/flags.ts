/** Flags with their environment variables and defaults, all of which `--help` shows. */
import { Config, Schema } from "effect"
import { type Command, Flag } from "effect/cli"
import { UserId } from "../domain/Ids.ts"
import {
  environmentName,
  type SettingName,
  settingNames,
  settingsTable,
  type SettingValues
} from "../services/Settings.ts"

/** What a handler gets for the flags of its command. */
export type Input<Flags extends Command.Command.Config> = Command.Command.Config.Infer<Flags>

const describe = (flag: string, description: string, fallback: string): string =>
  `${description} [env: ${environmentName(flag)}] (default: ${fallback})`

const withFallback = <A>(flag: Flag.Flag<A>, name: string, config: Config.Config<A>, value: A, description: string) =>
  flag.pipe(
    Flag.withFallbackConfig(config),
    Flag.withDefault(value),
    Flag.withDescription(describe(name, description, String(value)))
  )

/** What timers and counters take. A number below 0 means nothing here: "for ever" and "no limit" are 0. */
const most = 2_147_483_647

export const int = (name: string, value: number, description: string, max = most) =>
  withFallback(Flag.Int(name), name, Config.Int(environmentName(name)), value, description).pipe(
    Flag.filter((n) => n >= 0 && n <= max, () => `Give --${name} a number from 0 to ${max}.`)
  )

export const text = (name: string, value: string, description: string) =>
  withFallback(Flag.String(name), name, Config.String(environmentName(name)), value, description)

export const choice = <const L extends ReadonlyArray<string>>(
  name: string,
  values: L,
  value: L[number],
  description: string
) =>
  Flag.Literals(name, values).pipe(
    Flag.withFallbackConfig(Config.schema(Schema.Literals(values), environmentName(name))),
    Flag.withDefault(value),
    Flag.withDescription(describe(name, description, value))
  )

export const toggle = (name: string, description: string) =>
  withFallback(Flag.Boolean(name), name, Config.Boolean(environmentName(name)), false, description)

/** A number of the command line alone, at least 1. */
export const count = (name: string, value: number, max: number, description: string) =>
  Flag.Int(name).pipe(
    Flag.filter((n) => n > 0 && n <= max, () => `Give --${name} a number from 1 to ${max}.`),
    Flag.withDefault(value),
    Flag.withDescription(`${description} (default: ${value})`)
  )

/** A user's id, of the command line alone. */
export const user = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withSchema(UserId), Flag.withDescription(description))

/** Any value of the command line alone, or nothing. */
export const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.optional, Flag.withDescription(description))

/** Values with commas between. */
export const list = (name: string, description: string) =>
  text(name, "", description).pipe(
    Flag.map((value) => value.split(",").map((each) => each.trim()).filter((each) => each !== ""))
  )

/** A value that must not appear in logs, or nothing. */
export const secret = (name: string, description: string) =>
  Flag.Redacted(name).pipe(
    Flag.withFallbackConfig(Config.Redacted(environmentName(name))),
    Flag.optional,
    Flag.withDescription(describe(name, description, "none"))
  )

/** One flag for each of the settings. */
export const settings = Object.fromEntries(
  settingNames.map((key) => {
    const { default: value, description, flag } = settingsTable[key]
    return [key, int(flag, value, description)]
  })
) as { readonly [K in SettingName]: Flag.Flag<number> }

// `Object.fromEntries` forgets which keys it was given; these are exactly the settings' names.
export const pickSettings = (flags: SettingValues): SettingValues =>
  Object.fromEntries(settingNames.map((name) => [name, flags[name]])) as unknown as SettingValues
