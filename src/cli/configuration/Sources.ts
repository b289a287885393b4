/**
 * Where the settings of this command line come from: a flag, else the environment, else the file of `--config`, else the
 * default. The flags tell it what they became, so nothing has to be found out twice.
 */
import { ConfigProvider, Context, Effect, Layer, Redacted } from "effect"
import { environmentName } from "../../services/Settings.ts"

/** A setting as it may stand in a file, in the environment and on the command line. */
export interface Declared {
  /** As the flag is called, without the dashes. */
  readonly name: string
  readonly kind: "number" | "text" | "choice" | "toggle" | "list" | "secret"
  readonly choices?: ReadonlyArray<string>
}

/** What a file sets, each as the environment would have it. */
export interface SettingsFile {
  readonly path: string
  readonly values: ReadonlyMap<string, string>
}

/** A value that was not given on the command line, and how it stands there; of a secret only where. */
export interface Origin {
  readonly source: "file" | "environment"
  /** The variable, or the file. */
  readonly from: string
  /** `SWITCHBOARD_PORT=1`, or `port = 1 in switchboard.toml`. */
  readonly shown: string
}

/** In force, and where exactly it comes from. */
export interface InForce {
  readonly name: string
  /** Of a secret, `"redacted"`. */
  readonly value: string | number | boolean
  readonly source: "default" | "file" | "environment" | "flag"
  /** The variable or the file. */
  readonly from?: string
}

/** A password in an address is one, also where the setting as such is no secret. */
const withoutPassword = (text: string): string => text.replaceAll(/(\/\/[^/@\s:]*:)[^/@\s]+(?=@)/g, "$1redacted")

/** For people: what may be long is cut, and no line is broken. */
export const shortened = (text: string): string => {
  const line = withoutPassword(text).replaceAll(/\p{C}+/gu, " ")
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

export const shownIn = (file: string, { kind, name }: Declared, value: unknown): string =>
  kind === "secret" ? `${name} in ${file}` : `${name} = ${shortened(JSON.stringify(value) ?? "")} in ${file}`

export class SettingSources {
  /** All that a file may set; read in when there is a file. */
  readonly known: Effect.Effect<ReadonlyArray<Declared>>
  readonly environment: ConfigProvider.ConfigProvider
  /** The environment, and behind it the file. */
  readonly provider: ConfigProvider.ConfigProvider
  #file: SettingsFile | undefined
  readonly #given = new Set<string>()
  readonly #inForce = new Map<string, InForce>()

  constructor(known: Effect.Effect<ReadonlyArray<Declared>>, environment: ConfigProvider.ConfigProvider) {
    this.known = known
    this.environment = environment
    const file = ConfigProvider.make((path) =>
      Effect.sync(() => {
        const value = path.length === 1 ? this.#byVariable(String(path[0])) : undefined
        return value === undefined || value === "" ? undefined : ConfigProvider.makeValue(value)
      })
    )
    this.provider = ConfigProvider.orElse(environment, file)
  }

  #byVariable(variable: string): string | undefined {
    for (const [name, value] of this.#file?.values ?? []) if (environmentName(name) === variable) return value
    return undefined
  }

  get file(): SettingsFile | undefined {
    return this.#file
  }

  readonly useFile = (file: SettingsFile): void => {
    this.#file = file
  }

  /** It stands on the command line. */
  readonly given = (name: string): void => {
    this.#given.add(name)
  }

  /** Where a value that is not of the command line stands, if it is anywhere. */
  readonly origin = (declared: Declared): Effect.Effect<Origin | undefined> => {
    const { kind, name } = declared
    if (this.#given.has(name)) return Effect.undefined
    const variable = environmentName(name)
    return Effect.map(Effect.orDie(this.environment.load([variable])), (node): Origin | undefined => {
      const value = node?.value
      if (value !== undefined) {
        const shown = kind === "secret" ? variable : `${variable}=${shortened(value)}`
        return { source: "environment", from: variable, shown }
      }
      const file = this.#file
      const inFile = file?.values.get(name)
      return file === undefined || inFile === undefined || inFile === ""
        ? undefined
        : { source: "file", from: file.path, shown: shownIn(file.path, declared, written(kind, inFile)) }
    })
  }

  /** What it has become. */
  readonly settle = Effect.fnUntraced(function*(
    this: SettingSources,
    declared: Declared,
    value: string | number | boolean | Redacted.Redacted<string> | undefined
  ) {
    const { name } = declared
    const origin = yield* this.origin(declared)
    this.#inForce.set(name, {
      name,
      value: shownValue(value),
      source: origin?.source ?? (this.#given.has(name) ? "flag" : "default"),
      ...(origin === undefined ? undefined : { from: origin.from })
    })
  })

  /** All settings of the command, in the order of its flags. */
  get inForce(): ReadonlyArray<InForce> {
    return Array.from(this.#inForce.values())
  }
}

/** As it was written in the file. */
const written = (kind: Declared["kind"], value: string): unknown =>
  kind === "number" ? Number(value) : kind === "toggle" ? value === "true" : value

const shownValue = (value: string | number | boolean | Redacted.Redacted<string> | undefined) =>
  value === undefined
    ? ""
    : Redacted.isRedacted(value)
    ? "redacted"
    : typeof value === "string"
    ? withoutPassword(value)
    : value

const none = () => new SettingSources(Effect.succeed([]), ConfigProvider.fromEnv())

export const Sources = Context.Reference<SettingSources>("switchboard/cli/Sources", { defaultValue: none })

/** For one command line. */
export const layerOf = (known: Effect.Effect<ReadonlyArray<Declared>>): Layer.Layer<never> =>
  Layer.unwrap(Effect.sync(() => {
    const sources = new SettingSources(known, ConfigProvider.fromEnv())
    return Layer.mergeAll(Layer.succeed(Sources, sources), ConfigProvider.layer(sources.provider))
  }))
