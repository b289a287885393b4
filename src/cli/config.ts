/** `switchboard config`: what a server with these flags, this environment and this file would run with. */
import { Console, Effect, Layer, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { accessOf } from "./access.ts"
import { mainAccess } from "./admin.ts"
import { aloneOf } from "./cluster.ts"
import { type InForce, Sources } from "./configuration/Sources.ts"
import { warnOfVariables } from "./configuration/variables.ts"
import { userError } from "./errors.ts"
import { checkFiles } from "./files.ts"
import * as flags from "./flags.ts"
import { logLevel } from "./logging.ts"
import { pushOf } from "./push.ts"
import { type ServeFlags, serveFlags, serveSettings } from "./serve.ts"
import { checkTls } from "./tls.ts"
import { webhooksOf } from "./webhooks.ts"

/** For programs. */
export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDefault(false),
  Flag.withDescription("One JSON object a line, for programs")
)

/** What goes together and what does not, as far as it can be told without a store or a network. */
export const checkSettings = Effect.fnUntraced(function*(input: ServeFlags) {
  yield* Layer.build(yield* accessOf(input, input.host))
  yield* mainAccess(input)
  yield* checkTls(input)
  yield* webhooksOf(input)
  yield* pushOf(input)
  yield* checkFiles(input)
  if (input.store !== "postgres") yield* Layer.build(aloneOf(input))
  else if (Option.isNone(input.databaseUrl)) {
    return yield* userError("--store postgres needs --database-url; add it.")
  }
}, Effect.scoped)

const secrets = new Set(serveSettings.filter(({ kind }) => kind === "secret").map(({ name }) => name))

/** A line of TOML: what is printed is a file that can be given to `--config`, but for its secrets. */
const lineOf = ({ name, value }: InForce): string =>
  secrets.has(name)
    ? `# ${name} = ${value === "" ? "(not set)" : "(hidden)"}`
    : `${name} = ${typeof value === "string" ? JSON.stringify(value) : value}`

const originOf = ({ from, source }: InForce): string => from === undefined ? source : `${source}: ${from}`

const table = (settings: ReadonlyArray<InForce>): string => {
  const lines = settings.map((each) => [lineOf(each), originOf(each)] as const)
  const width = Math.max(...lines.map(([line]) => line.length > 60 ? 0 : line.length))
  return lines.map(([line, origin]) => `${line.padEnd(width)}  # ${origin}`).join("\n")
}

export const config = Command.make(
  "config",
  flags.withFile({ ...serveFlags, json: jsonFlag }),
  Effect.fn("config")(function*(input) {
    yield* warnOfVariables(serveSettings)
    yield* logLevel
    yield* checkSettings(input)
    const { inForce } = yield* Sources
    yield* Console.log(input.json ? inForce.map((each) => JSON.stringify(each)).join("\n") : table(inForce))
  })
).pipe(
  Command.withDescription("Print the settings in force and where each comes from; secrets are hidden"),
  Command.withExamples([
    { command: "switchboard config --config switchboard.toml", description: "Check a file before a server has it" }
  ])
)
