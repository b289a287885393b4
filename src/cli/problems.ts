/** What is wrong with a command line: one sentence on stderr, and where help is. Help itself only when it is asked for. */
import { Config, Console, Effect, Layer, Option, Stdio } from "effect"
import { type CliError, CliOutput } from "effect/cli"

/** In words what schemas say. */
const allowed = (expected: string): string =>
  /finite number|integer/i.test(expected)
    ? "a whole number"
    : expected.includes("RegExp ^[A-Za-z0-9+]")
    ? "a name: 1 to 64 letters, digits or + . _ @ -, beginning with a letter, a digit or +"
    : expected.includes("\" | \"")
    ? `one of ${expected.replaceAll("\"", "").replaceAll(" | ", ", ")}`
    : /^(true|boolean)/i.test(expected)
    ? "true or false"
    : expected

const guess = (suggestions: ReadonlyArray<string>): string =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

const ended = (sentence: string): string => /[.!?]$/.test(sentence) ? sentence : `${sentence}.`

/** A value of the environment says so in its path; which one it is, is looked up. */
const variableOf = (expected: string): string | undefined => /at \["([A-Z0-9_]+)"\]/.exec(expected)?.[1]

const invalid = Effect.fnUntraced(function*({ expected, kind, option, value }: CliError.InvalidValue) {
  const variable = variableOf(expected)
  const text = expected.replace(/^Schema validation failed: /, "")
  // Rules of our own are whole sentences.
  if (variable === undefined && text.startsWith("Give ")) return text
  if (variable !== undefined) {
    const set = yield* Effect.option(Config.String(variable))
    const is = Option.match(set, { onNone: () => variable, onSome: (found) => `${variable}=${found}` })
    return `${is} will not do for --${option}; give it ${allowed(text.split("\n")[0]!)}`
  }
  const name = kind === "flag" ? `--${option}` : `<${option}>`
  return value === ""
    ? `${name} has no value; give it ${allowed(text)}`
    : `${name} cannot be "${value}"; give it ${allowed(text)}`
})

/** One sentence, with its end. */
export const sentenceOf = Effect.fnUntraced(function*(error: CliError.CliError) {
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
      return ended(error.message.replace(/^Unexpected positional argument: /, "There is nothing to do with "))
    case "InvalidValue":
      return ended(yield* invalid(error))
    default:
      return ended(error.message.split("\n")[0]!)
  }
})

const plain = (error: CliError.CliError): string => ended(error.message.split("\n").join(" "))

/** With `--json` an error is an object like everything else. */
const shown = (message: string, json: boolean): string => json ? JSON.stringify({ type: "error", message }) : message

const layerOf = (json: boolean) => {
  const formatter = CliOutput.defaultFormatter()
  return Layer.mergeAll(
    CliOutput.layer({
      ...formatter,
      formatError: (error) => shown(plain(error), json),
      formatErrors: (errors) => errors.map((error) => shown(plain(error), json)).join("\n")
    }),
    CliOutput.layerPresenter({
      present: Effect.fnUntraced(function*(event) {
        if (event._tag !== "InvalidInvocation") return yield* CliOutput.defaultPresenter.present(event)
        const [first] = event.errors
        if (first === undefined) return
        const help = `${event.commandPath.join(" ")} --help tells what there is.`
        yield* Console.error(shown(`${yield* sentenceOf(first)} ${help}`, json))
      })
    })
  )
}

export const layer = Layer.unwrap(
  Effect.gen(function*() {
    const args = yield* (yield* Stdio.Stdio).args
    return layerOf(args.includes("--json"))
  })
)
