/** What a verb of `switchboard admin` asks of a server, and how its answer is shown. Pure. */

export type Scalar = string | number | boolean

export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Under `/v1/admin`, its segments encoded: see `path`. */
  readonly path: string
  readonly query?: Readonly<Record<string, Scalar | undefined>>
  readonly body?: Readonly<Record<string, unknown>>
}

export type Item = Readonly<Record<string, unknown>>

/** How an answer is shown to people; programs get it as it came. */
export type Shape =
  /** One thing, a line for each of its fields. */
  | { readonly _tag: "Thing" }
  /** A line for each of `items`, with these fields; `more` says how to get to the next page after the last of them. */
  | {
    readonly _tag: "List"
    readonly items: string
    readonly columns: ReadonlyArray<string>
    readonly more: (last: Item) => string
  }
  /** The same, where the answer has a cursor for what comes next. */
  | { readonly _tag: "Pages"; readonly items: string; readonly columns: ReadonlyArray<string> }
  /** As it comes. */
  | { readonly _tag: "Lines" }
  /** There is no answer but that it was done. */
  | { readonly _tag: "Done"; readonly sentence: string }

export interface Asked {
  readonly request: Request
  readonly shape: Shape
}

/** `` path`users/${user}` ``: ids may hold anything that a path does not. */
export const path = (parts: TemplateStringsArray, ...ids: ReadonlyArray<string | number>): string =>
  parts.reduce((path, part, i) => `${path}${encodeURIComponent(String(ids[i - 1]))}${part}`)

export const thing = (request: Request): Asked => ({ request, shape: { _tag: "Thing" } })

export const done = (request: Request, sentence: string): Asked => ({ request, shape: { _tag: "Done", sentence } })

/** As one types it: an id may look like a flag, or hold what a shell takes for its own. */
export const afterFlag = (id: string): string =>
  /^[A-Za-z0-9+.,:@%/][A-Za-z0-9_+.,:@%/-]*$/.test(id) ? `--after ${id}` : `--after='${id.replaceAll("'", `'\\''`)}'`

/** The next page of this list begins after what `key` names. */
export const after = (key: string) => (last: Item): string => afterFlag(String(last[key]))

export const list = (
  items: string,
  columns: ReadonlyArray<string>,
  more: (last: Item) => string,
  request: Request
): Asked => ({ request, shape: { _tag: "List", items, columns, more } })
