/** Log lines for people or for machines. They carry ids and reasons, never texts or credentials. */
import { Config, Effect, Logger, Option, References } from "effect"
import { GlobalFlag } from "effect/cli"
import { environmentName } from "../services/Settings.ts"
import { type Declared, Sources } from "./configuration/Sources.ts"
import { userError } from "./errors.ts"

/** Bytes that may wait for whoever reads the log and does not; past it lines are lost. */
const maxWaiting = 1_048_576

/** The chat goes on without its log where nobody takes it. */
const whileTaken = (logger: Logger.Logger<unknown, void>): Logger.Logger<unknown, void> =>
  Logger.make((options) => {
    if (process.stdout.writableLength < maxWaiting) logger.log(options)
  })

export const loggerOf = (format: "pretty" | "json" | "logfmt") =>
  Logger.layer([whileTaken(
    format === "json" ? Logger.consoleJson : format === "logfmt" ? Logger.consoleLogFmt : Logger.consolePretty()
  )])

const levels = {
  all: "All",
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  warning: "Warn",
  error: "Error",
  fatal: "Fatal",
  none: "None"
} as const

type Level = keyof typeof levels

const isLevel = (name: string): name is Level => Object.hasOwn(levels, name)

/** Every command has the flag; a server can be told by its variable and its file too. */
export const logLevelDeclared: Declared = { name: "log-level", kind: "choice", choices: Object.keys(levels) }

const usual: Level = "info"

/** What the log of a server begins at, for whoever asks where it comes from as well. */
export const logLevel = Effect.gen(function*() {
  const sources = yield* Sources
  const flag = yield* GlobalFlag.LogLevel
  if (Option.isSome(flag)) {
    sources.given("log-level")
    yield* sources.settle(logLevelDeclared, flag.value.toLowerCase())
    return flag.value
  }
  const variable = environmentName("log-level")
  const set = yield* Effect.orDie(Config.withDefault(Config.String(variable), usual))
  if (!isLevel(set)) {
    return yield* userError(
      `${variable}=${set} will not do for --log-level; give it one of ${Object.keys(levels).join(", ")}.`
    )
  }
  yield* sources.settle(logLevelDeclared, set)
  return levels[set]
})

export const atLogLevel = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(logLevel, (level) => Effect.provideService(effect, References.MinimumLogLevel, level))
