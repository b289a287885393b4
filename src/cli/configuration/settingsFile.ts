/** The file of `--config`: TOML or JSON, whose keys are the flags' names without the dashes. */
import { Effect, Schema } from "effect"
import { open, stat } from "node:fs/promises"
import { orNearest } from "./nearest.ts"
import { type Declared, type SettingsFile, shortened, shownIn } from "./Sources.ts"

/** One sentence that says what is wrong with the file. */
export class SettingsFileError extends Schema.TaggedError<SettingsFileError>()("SettingsFileError", {
  message: Schema.String
}) {}

const failed = (message: string) => new SettingsFileError({ message })

/** All settings with long lists are a few kilobytes. */
const maxBytes = 1_048_576

const step = 65_536

interface Read {
  readonly text: string
  /** Whether everybody on the machine may read it. */
  readonly isPublic: boolean
}

const unreadable = (path: string, cause: unknown): SettingsFileError => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  return failed(
    code === "ENOENT"
      ? `There is no file ${path}; check --config or SWITCHBOARD_CONFIG.`
      : code === "EACCES" || code === "EPERM"
      ? `${path} may not be read by this user; give it the right, or check --config or SWITCHBOARD_CONFIG.`
      : `${path} cannot be read; check --config or SWITCHBOARD_CONFIG.`
  )
}

/** Also of a pipe, which does not say how much it has, nor can be read anywhere but at its beginning. */
const bytesOf = Effect.fnUntraced(function*(path: string) {
  const attempt = <A>(what: () => Promise<A>) =>
    Effect.tryPromise({ try: what, catch: (cause) => unreadable(path, cause) })
  const info = yield* attempt(() => stat(path))
  if (info.isDirectory()) return yield* failed(`${path} is a directory; give --config a file.`)
  const tooBig = failed(`${path} is more than ${maxBytes} bytes, so it is no file of settings; check --config.`)
  if (info.size > maxBytes) return yield* tooBig
  const file = yield* Effect.acquireRelease(
    attempt(() => open(path)),
    (opened) => Effect.ignore(attempt(() => opened.close()))
  )
  const parts: Array<Uint8Array> = []
  let size = 0
  while (true) {
    const { buffer, bytesRead } = yield* attempt(() => file.read({ buffer: Buffer.alloc(step), position: null }))
    if (bytesRead === 0) break
    parts.push(buffer.subarray(0, bytesRead))
    size += bytesRead
    if (size > maxBytes) return yield* tooBig
  }
  return { bytes: Buffer.concat(parts), isPublic: info.isFile() && (info.mode & 0o004) !== 0 }
}, Effect.scoped)

const textOf = (path: string, bytes: Buffer): Effect.Effect<string, SettingsFileError> => {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return failed(`${path} is UTF-16; save it as UTF-8.`)
  }
  if (bytes.includes(0)) return failed(`${path} is not text; give --config a TOML or JSON file in UTF-8.`)
  // A mark at the beginning is left out.
  return Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => failed(`${path} is not UTF-8; save it as UTF-8.`)
  })
}

const read = Effect.fnUntraced(function*(path: string): Effect.fn.Return<Read, SettingsFileError> {
  if (path.trim() === "" || path.includes("\0")) {
    return yield* failed("Give --config the name of a file; it is empty.")
  }
  const { bytes, isPublic } = yield* bytesOf(path)
  return { text: yield* textOf(path, bytes), isPublic }
})

const lineAt = (text: string, position: number): string => {
  const lines = text.slice(0, position).split("\n")
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`
}

/** Without what the parser shows of the file: that may be a secret. */
const brokenJson = (path: string, text: string, cause: unknown): SettingsFileError => {
  const said = cause instanceof Error ? cause.message : ""
  const position = /position (\d+)/.exec(said)?.[1]
  if (position !== undefined) {
    return failed(`${path} is broken JSON at ${lineAt(text, Number(position))}; mend it there.`)
  }
  return failed(
    said.includes("end of JSON") ? `${path} is broken JSON at its end; mend it there.` : `${path} is no JSON.`
  )
}

/** JSON takes a key twice and keeps the last, of which nobody would hear. */
const twiceIn = (text: string): string | undefined => {
  const seen = new Set<string>()
  let depth = 0
  let last: string | undefined
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]/g)) {
    if (token === "{" || token === "[") depth++
    else if (token === "}" || token === "]") depth--
    else if (token === ":" && depth === 1 && last !== undefined) {
      const key = String(JSON.parse(last))
      if (seen.has(key)) return key
      seen.add(key)
    }
    last = token.startsWith("\"") ? token : undefined
  }
  return undefined
}

const fromJson = Effect.fnUntraced(function*(path: string, text: string) {
  const parsed: unknown = yield* Effect.try({
    try: () => JSON.parse(text) as unknown,
    catch: (cause) => brokenJson(path, text, cause)
  })
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return yield* failed(`${path} has to be an object, as in {"port": 8080}.`)
  }
  const twice = twiceIn(text)
  if (twice !== undefined) return yield* failed(`"${twice}" is there twice in ${path}; keep one of them.`)
  return Object.entries(parsed)
})

const fromToml = Effect.fnUntraced(function*(path: string, text: string) {
  const { parse, TomlError } = yield* Effect.promise(() => import("smol-toml"))
  const parsed = yield* Effect.try({
    try: () => parse(text),
    catch: (cause) => {
      if (!(cause instanceof TomlError)) return failed(`${path} is broken TOML; mend it.`)
      const said = cause.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "")
      return failed(`${path} is broken TOML at line ${cause.line}, column ${cause.column} (${said}); mend it there.`)
    }
  })
  return Object.entries(parsed)
})

const isJson = (path: string, text: string): boolean => {
  if (/\.json$/i.test(path)) return true
  return !/\.toml$/i.test(path) && text.trimStart().startsWith("{")
}

const wanted = ({ choices, kind }: Declared): string => {
  switch (kind) {
    case "number":
      return "a whole number, without quotes"
    case "toggle":
      return "true or false, without quotes"
    case "choice":
      return `one of ${choices!.map((each) => `"${each}"`).join(", ")}`
    case "list":
      return "a list of texts"
    default:
      return "a text in quotes"
  }
}

/** As the environment would have it; `undefined` for what will not do. */
const valueOf = ({ choices, kind }: Declared, value: unknown): string | undefined => {
  switch (kind) {
    case "number":
      return Number.isSafeInteger(value) ? String(value) : undefined
    case "toggle":
      return typeof value === "boolean" ? String(value) : undefined
    case "choice":
      return typeof value === "string" && choices!.includes(value) ? value : undefined
    case "list":
      if (Array.isArray(value)) return value.every((each) => typeof each === "string") ? value.join(",") : undefined
      return typeof value === "string" ? value : undefined
    default:
      return typeof value === "string" ? value : undefined
  }
}

const isSection = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value)

const checked = (
  path: string,
  entries: ReadonlyArray<readonly [string, unknown]>,
  known: ReadonlyArray<Declared>
): Effect.Effect<ReadonlyMap<string, string>, SettingsFileError> => {
  const byName = new Map(known.map((each) => [each.name, each]))
  const values = new Map<string, string>()
  for (const [key, value] of entries) {
    const declared = byName.get(key)
    const shown = shortened(JSON.stringify(key))
    if (declared === undefined) {
      if (isSection(value)) {
        return failed(`${shown} in ${path} is a section; put its settings at the top, without sections.`)
      }
      const hint = orNearest(key, Array.from(byName.keys())) || "; \"switchboard serve --help\" tells what there is."
      return failed(`Unknown setting ${shown} in ${path}${hint}`)
    }
    const text = valueOf(declared, value)
    if (text === undefined) {
      return failed(`${shownIn(path, declared, value)} will not do; give it ${wanted(declared)}.`)
    }
    values.set(key, text)
  }
  return Effect.succeed(values)
}

export interface ReadSettings {
  readonly file: SettingsFile
  readonly warnings: ReadonlyArray<string>
}

/** What the file sets, of what is known. */
export const readSettings = Effect.fn("readSettings")(function*(
  path: string,
  known: ReadonlyArray<Declared>
): Effect.fn.Return<ReadSettings, SettingsFileError> {
  const { isPublic, text } = yield* read(path)
  if (/\.ya?ml$/i.test(path)) return yield* failed(`${path} is YAML, which is not read; write it as TOML or JSON.`)
  // JSON has no comments and no empty text; an empty file is one that sets nothing.
  const entries = text.trim() === "" ? [] : yield* isJson(path, text) ? fromJson(path, text) : fromToml(path, text)
  const values = yield* checked(path, entries, known)
  const warnings: Array<string> = []
  if (values.size === 0) warnings.push(`${path} sets nothing.`)
  const secrets = known.filter(({ kind, name }) => kind === "secret" && values.has(name)).map(({ name }) => name)
  if (isPublic && secrets.length > 0) {
    warnings.push(`everybody on this machine may read ${secrets.join(", ")} in ${path}; "chmod 600" it.`)
  }
  return { file: { path, values }, warnings }
})
