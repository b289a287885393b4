/**
 * Flags with their environment variables and defaults, all of which `--help` shows. What is made here is a setting too: a
 * file of `--config` may have it, and `switchboard config` tells it.
 */
import { Config, Console, Effect, Option, type Redacted, Schema } from "effect"
import { type Command, Flag, type Param } from "effect/cli"
import { UserId } from "../domain/Ids.ts"
import {
  environmentName,
  type SettingName,
  settingNames,
  settingsTable,
  type SettingValues
} from "../services/Settings.ts"
import { type Declared, Sources } from "./configuration/Sources.ts"
import { userError } from "./errors.ts"

/** What a handler gets for the flags of its command. */
export type Input<Flags extends Command.Command.Config> = Command.Command.Config.Infer<Flags>

/** Of several with one name the first, which is the server's. */
const registry = new Map<string, Declared>()

const declare = (declared: Declared): Declared => {
  if (!registry.has(declared.name)) registry.set(declared.name, declared)
  return declared
}

export const declaredAs = (name: string): Declared | undefined => registry.get(name)

const nameOf = (flag: Param.Any): string => {
  // All kinds of flags but the innermost stand around another one.
  let inner = flag as Param.Any & { readonly param?: Param.Any; readonly name?: string }
  while (inner.param !== undefined) inner = inner.param
  return inner.name ?? ""
}

/** The settings among the flags of a command. */
export const declaredIn = (flags: { readonly [key: string]: Param.Any }): ReadonlyArray<Declared> =>
  Object.values(flags).flatMap((flag) => registry.get(nameOf(flag)) ?? [])

const describe = (flag: string, description: string, fallback: string): string =>
  `${description} [env: ${environmentName(flag)}] (default: ${fallback})`

/** Who asks later is told what it became, and by what. */
const settled =
  <A>(declared: Declared, shown: (value: A) => string | number | boolean | Redacted.Redacted<string> | undefined) =>
  (flag: Flag.Flag<A>): Flag.Flag<A> =>
    Flag.mapEffect(
      flag,
      (value) => Effect.as(Effect.flatMap(Sources, (sources) => sources.settle(declared, shown(value))), value)
    )

const given = (name: string) => <A>(flag: Flag.Flag<A>): Flag.Flag<A> =>
  Flag.mapEffect(flag, (value) =>
    Effect.map(Sources, (sources) => {
      sources.given(name)
      return value
    }))

const withFallback = <A extends string | number | boolean>(
  flag: Flag.Flag<A>,
  declared: Declared,
  config: Config.Config<A>,
  value: A,
  description: string
) =>
  flag.pipe(
    given(declared.name),
    Flag.withFallbackConfig(config),
    Flag.withDefault(value),
    Flag.withDescription(describe(declared.name, description, String(value))),
    settled(declare(declared), (found) => found)
  )

/** What timers and counters take. A number below 0 means nothing here: "for ever" and "no limit" are 0. */
const most = 2_147_483_647

export const int = (name: string, value: number, description: string, max = most) =>
  withFallback(Flag.Int(name), { name, kind: "number" }, Config.Int(environmentName(name)), value, description).pipe(
    Flag.filter((n) => n >= 0 && n <= max, () => `Give --${name} a number from 0 to ${max}.`)
  )

const words = (name: string, kind: "text" | "list", value: string, description: string) =>
  withFallback(Flag.String(name), { name, kind }, Config.String(environmentName(name)), value, description)

export const text = (name: string, value: string, description: string) => words(name, "text", value, description)

export const choice = <const L extends ReadonlyArray<string>>(
  name: string,
  values: L,
  value: L[number],
  description: string
) =>
  withFallback<L[number]>(
    Flag.Literals(name, values),
    { name, kind: "choice", choices: values },
    Config.schema(Schema.Literals(values), environmentName(name)),
    value,
    description
  )

export const toggle = (name: string, description: string) =>
  withFallback(Flag.Boolean(name), { name, kind: "toggle" }, Config.Boolean(environmentName(name)), false, description)

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

/** As many values as the command line has. */
export const several = (name: string, description: string): Flag.Flag<ReadonlyArray<string>> =>
  Flag.String(name).pipe(Flag.atLeast(0), Flag.withDescription(description))

/** Values with commas between. */
export const list = (name: string, description: string) =>
  words(name, "list", "", description).pipe(
    Flag.map((value) => value.split(",").map((each) => each.trim()).filter((each) => each !== ""))
  )

/** A value that must not appear in logs, or nothing. */
export const secret = (name: string, description: string) =>
  Flag.Redacted(name).pipe(
    given(name),
    Flag.withFallbackConfig(Config.Redacted(environmentName(name))),
    Flag.optional,
    Flag.withDescription(describe(name, description, "none")),
    settled(declare({ name, kind: "secret" }), Option.getOrUndefined)
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

/** Where the file is named that stands behind flags and environment. */
export const configVariable = environmentName("config")

const readFile = Effect.fnUntraced(function*(path: Option.Option<string>) {
  if (Option.isNone(path)) return undefined
  const { readSettings } = yield* Effect.promise(() => import("./configuration/settingsFile.ts"))
  const sources = yield* Sources
  const { file, warnings } = yield* Effect.catchTag(
    readSettings(path.value, yield* sources.known),
    "SettingsFileError",
    (error) => Effect.fail(userError(error.message, error))
  )
  sources.useFile(file)
  for (const warning of warnings) yield* Console.error(`Warning: ${warning}`)
  return file.path
})

const file = Flag.String("config").pipe(
  Flag.withFallbackConfig(Config.String(configVariable)),
  Flag.optional,
  Flag.withDescription(
    `A file with settings, TOML or JSON; flags and environment count before it [env: ${configVariable}] (default: none)`
  ),
  Flag.mapEffect(readFile)
)

/** First, because what the file has is there for the flags that come after. */
export const withFile = <Flags extends Command.Command.Config>(flags: Flags) => ({ config: file, ...flags })
