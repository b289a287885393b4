/** What is wrong with a command line: one sentence on stderr, and where help is. Help itself only when it is asked for. */
import { Console, Effect, Layer, Predicate, Stdio } from "effect"
import { type CliError, CliOutput } from "effect/cli"
import { ClientError } from "../client/ClientError.ts"
import { ChatError } from "../domain/Errors.ts"
import { type Origin, type SettingSources, Sources } from "./configuration/Sources.ts"
import { ended } from "./errors.ts"
import { declaredAs } from "./flags.ts"

/** In words what schemas say. */
const allowed = (said: string): string => {
  const expected = said.split("\n")[0]!.replace(/^Schema validation failed: /, "").replace(/^SchemaError\(/, "")
    .replace(/^Expected /, "")
  const choices = expected.replaceAll("\"", "").split(/ \| |, /)
  return /finite number|integer/i.test(expected)
    ? "a whole number"
    : /^1 to \d+ letters/.test(expected)
    ? `a name: ${expected}`
    : choices[0] === "true"
    ? "true or false"
    : expected === "string"
    ? "a value"
    : choices.length > 1
    ? `one of ${choices.join(", ")}`
    : expected
}

const guess = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

type Args = ReadonlyArray<string>

/** Whether it stands on the command line, which counts before the environment; one letter may stand for it. */
const isGiven = (args: Args, option: string): boolean =>
  args.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`) || arg.startsWith(`-${option[0]}`))

/** Where it was set, if not on the command line. */
const originOf = Effect.fnUntraced(function*({ kind, option }: CliError.InvalidValue, args: Args) {
  const declared = kind !== "flag" || isGiven(args, option) ? undefined : declaredAs(option)
  return declared === undefined ? undefined : yield* (yield* Sources).origin(declared)
})

/** Kubernetes sets `SWITCHBOARD_PORT=tcp://…` for pods beside a service of the name. */
const orServiceLink = ({ shown }: Origin): string =>
  /^SWITCHBOARD_PORT=(tcp|udp):/.test(shown)
    ? "; it is of a Kubernetes service: set enableServiceLinks: false, or give --port"
    : ""

const invalid = Effect.fnUntraced(function*(error: CliError.InvalidValue, args: Args) {
  const { expected, kind, option, value } = error
  const times = /^(\d+) occurrences$/.exec(value)?.[1]
  if (times !== undefined && expected === "at most 1 value") return `--${option} is there ${times} times; give it once`
  const origin = yield* originOf(error, args)
  // Rules of our own are whole sentences.
  if (expected.startsWith("Give ")) {
    return origin === undefined ? expected : `${origin.shown} will not do: ${expected.replace("Give", "give")}`
  }
  if (origin !== undefined) {
    return `${origin.shown} will not do for --${option}${orServiceLink(origin) || `; give it ${allowed(expected)}`}`
  }
  const name = kind === "flag" ? `--${option}` : `<${option}>`
  return value === ""
    ? `${name} has no value; give it ${allowed(expected)}`
    : `${name} cannot be "${value}"; give it ${allowed(expected)}`
})

/** One sentence, with its end. */
export const sentenceOf = Effect.fnUntraced(function*(error: CliError.CliError, args: Args) {
  switch (error._tag) {
    case "UnrecognizedOption":
      return ended(`There is no flag ${error.option}${guess(error.suggestions)}`)
    case "UnknownSubcommand":
      return ended(`There is no command "${error.subcommand}"${guess(error.suggestions)}`)
    case "MissingOption":
      return `Give --${error.option}.`
    case "MissingArgument":
      return `Give <${error.argument}>.`
    case "UnexpectedArgument":
      return ended(error.message.replace(/^Unexpected positional arguments?: /, "There is nothing to do with "))
    case "InvalidValue":
      return ended(yield* invalid(error, args))
    case "UserError":
      return ended(error.userMessage ?? error.message)
    default:
      return ended(error.message.split("\n")[0]!)
  }
})

const plain = (error: CliError.CliError, sources: SettingSources): string => {
  const sentence = ended(error.message.split("\n").join(" "))
  const came = sources.inForce.flatMap(({ from, name, source }) =>
    from !== undefined && new RegExp(`--${name}(?![a-z-])`).test(sentence)
      ? [`--${name} is ${source === "file" ? `"${name}" in ${from}` : from} here.`]
      : []
  )
  return [sentence, ...came].join(" ")
}

/** For programs: the code that the server gave, or what kind of problem it is. */
const codeOf = (error: CliError.CliError): string => {
  const cause: unknown = error._tag === "UserError" ? error.cause : undefined
  if (Predicate.isTagged(cause, "NoAnswer")) return "no_answer"
  if (Predicate.isTagged(cause, "ChecksFailed")) return "failed"
  if (Predicate.isTagged(cause, "StoreError")) return "store"
  if (cause instanceof ChatError) return cause.code
  if (cause instanceof ClientError) return cause.code === 401 ? "unauthenticated" : cause.reason
  return "usage"
}

/** With `--json` an error is an object like everything else. What stands in a sentence may be a stranger's. */
const shown = (message: string, code: string, json: boolean): string =>
  json ? JSON.stringify({ type: "error", code, message }) : message.replaceAll(/\p{Cc}+/gu, " ")

const layerOf = (args: Args, sources: SettingSources) => {
  const json = args.includes("--json")
  const formatter = CliOutput.defaultFormatter()
  return Layer.mergeAll(
    CliOutput.layer({
      ...formatter,
      formatError: (error) => shown(plain(error, sources), codeOf(error), json),
      formatErrors: (errors) => errors.map((error) => shown(plain(error, sources), codeOf(error), json)).join("\n")
    }),
    CliOutput.layerPresenter({
      present: Effect.fnUntraced(function*(event) {
        if (event._tag !== "InvalidInvocation") return yield* CliOutput.defaultPresenter.present(event)
        const [first] = event.errors
        if (first === undefined) return
        const sentence = yield* sentenceOf(first, args)
        // A sentence about a file says itself what to do.
        const help = first._tag === "UserError" ? "" : ` ${event.commandPath.join(" ")} --help tells what there is.`
        yield* Console.error(shown(`${sentence}${help}`, "usage", json))
      })
    })
  )
}

export const layer = Layer.unwrap(
  Effect.gen(function*() {
    return layerOf(yield* (yield* Stdio.Stdio).args, yield* Sources)
  })
)
