/** `switchboard doctor`: whether a server with these settings will do its work here, and what to do where it will not. */
import { Console, Effect, type FileSystem, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { checkSettings, jsonFlag } from "./config.ts"
import { unknownVariables } from "./configuration/variables.ts"
import { type Check, failed, makeAll, ok, type Verdict, warning } from "./doctor/Check.ts"
import { filesChecks } from "./doctor/files.ts"
import { keysCheck } from "./doctor/keys.ts"
import { machineChecks } from "./doctor/machine.ts"
import { portCheck } from "./doctor/port.ts"
import { postgresCheck } from "./doctor/postgres.ts"
import { redisCheck } from "./doctor/redis.ts"
import { sqliteChecks } from "./doctor/sqlite.ts"
import { tlsCheck } from "./doctor/tls.ts"
import { webhookCheck } from "./doctor/webhook.ts"
import { ChecksFailed } from "./errors.ts"
import { filesPlace } from "./files.ts"
import * as flags from "./flags.ts"
import { type ServeFlags, serveFlags, serveSettings } from "./serve.ts"

type Checks = ReadonlyArray<Check<FileSystem.FileSystem>>

const settingsCheck = (input: ServeFlags): Checks[number] => ({
  name: "settings",
  run: Effect.gen(function*() {
    const strange = (yield* unknownVariables(serveSettings)).map((sentence) =>
      warning("settings", `${sentence[0]!.toUpperCase()}${sentence.slice(1)}`)
    )
    const wrong = yield* Effect.match(checkSettings(input), {
      onFailure: (error) => [failed("settings", error.message)],
      onSuccess: () => []
    })
    return [...strange, ...wrong.length + strange.length === 0 ? [ok("settings", "They go together.")] : wrong]
  })
})

const storeChecks = ({ data, databaseUrl, store }: ServeFlags, integrity: boolean): Checks => {
  switch (store) {
    case "sqlite":
      return sqliteChecks(data, { integrity })
    case "postgres":
      // Without an address the settings do not go together, which is said there.
      return Option.isSome(databaseUrl) ? [postgresCheck(databaseUrl.value)] : []
    default:
      return [{
        name: "store",
        run: Effect.succeed([warning("store", "In memory: all messages are gone when the server ends; see --store.")])
      }]
  }
}

/** Where it cannot be told what they say, that is said of the settings. */
const filesOf = (input: ServeFlags) =>
  Effect.match(filesPlace(input), {
    onFailure: () => [],
    onSuccess: (place) => filesChecks(place, input.store === "postgres")
  })

const checksOf = Effect.fnUntraced(function*(
  input: ServeFlags,
  { connections, integrity }: { readonly connections: number; readonly integrity: boolean }
): Effect.fn.Return<Checks> {
  const { adminPort, basePath = "", host, port, redisUrl, tlsCert: cert, tlsKey: key } = input
  const isSecure = cert !== "" && key !== ""
  return [
    settingsCheck(input),
    ...machineChecks(connections),
    portCheck({ flag: "port", host, port, basePath, isSecure }),
    ...(isSecure ? [tlsCheck({ cert, key })] : []),
    ...(adminPort === 0 ? [] : [portCheck({ flag: "admin-port", host: "127.0.0.1", port: adminPort, basePath: "" })]),
    ...storeChecks(input, integrity),
    ...(yield* filesOf(input)),
    ...(Option.isSome(redisUrl) ? [redisCheck(redisUrl.value)] : []),
    ...(input.auth === "jwt" || input.oidcIssuer !== "" ? [keysCheck(input)] : []),
    ...(Option.isSome(input.webhookUrl) ? [webhookCheck(Redacted.value(input.webhookUrl.value))] : [])
  ]
})

const lineOf = ({ check, message, status }: Verdict): string =>
  `${status.padEnd("warning".length)}  ${check.padEnd("open files".length)}  ${message}`

const doctorFlags = {
  ...serveFlags,
  connections: flags.count("connections", 10_000, 10_000_000, "Connections that are expected"),
  integrity: Flag.Boolean("integrity").pipe(
    Flag.withDefault(false),
    Flag.withDescription("Read all of the SQLite file, which takes long where it is big")
  ),
  json: jsonFlag
}

export const doctor = Command.make(
  "doctor",
  flags.withFile(doctorFlags),
  Effect.fn("doctor")(function*(input) {
    const verdicts = yield* makeAll(yield* checksOf(input, input))
    for (const verdict of verdicts) yield* Console.log(input.json ? JSON.stringify(verdict) : lineOf(verdict))
    const count = verdicts.filter(({ status }) => status === "failed").length
    if (count > 0) return yield* new ChecksFailed({ sentence: `${count} of ${verdicts.length} checks failed.` })
  })
).pipe(
  Command.withDescription("Check machine, store, clock, Redis, keys and port, also beside a running server"),
  Command.withExamples([
    { command: "switchboard doctor --config switchboard.toml", description: "Exit code 1 when a check failed" }
  ])
)
