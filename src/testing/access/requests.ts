/** Requests to connect, of what somebody shows. */
import type { ConnectRequest } from "../../services/access/Authenticator.ts"

/** What somebody shows at the door; what is left out is as a client of this machine has it. */
export type Shown = Partial<Omit<ConnectRequest, "query">> & {
  readonly query?: Readonly<Record<string, string>>
}

export const requestOf = ({ query = {}, ...shown }: Shown): ConnectRequest => ({
  headers: {},
  remoteAddress: "127.0.0.1",
  address: "127.0.0.1",
  local: true,
  ...shown,
  query: new URLSearchParams(query)
})

export const withDevice = ({ query = {}, ...shown }: Shown, device: string | undefined): Shown => {
  const { device: _, ...rest } = query
  return { ...shown, query: device === undefined ? rest : { ...rest, device } }
}

/** Values that mean something else somewhere, or nothing anywhere. */
export const oddValues: ReadonlyArray<string> = [
  "",
  " ",
  "@system",
  "constructor",
  "__proto__",
  "toString",
  "null",
  "undefined",
  "[object Object]",
  "../../etc/passwd",
  "' OR 1=1 --",
  "*",
  "%00",
  "a\u0000b",
  "a\r\nb",
  "\ud800",
  "\u202e",
  "x".repeat(100_000)
]

/** The same, with this in place of one of what is shown: each of its headers, also twice, and each of its parameters. */
export const withValue = (shown: Shown, value: string): ReadonlyArray<Shown> => {
  const { headers = {}, query = {} } = shown
  const withHeader = (name: string, given: string | ReadonlyArray<string>): Shown => ({
    ...shown,
    headers: { ...headers, [name]: given }
  })
  const withParameter = (name: string): Shown => ({ ...shown, query: { ...query, [name]: value } })
  return [
    ...Object.keys(headers).flatMap((name) => [withHeader(name, value), withHeader(name, [value, value])]),
    ...Object.keys(query).map(withParameter)
  ]
}

/** What nobody else may read: values and their words, but for those that are short or say how the rest is to be read. */
export const secretsOf = ({ headers = {}, query = {} }: Shown): ReadonlyArray<string> =>
  [...Object.values(headers), ...Object.values(query)]
    .flatMap((value) => typeof value === "string" ? value.split(/[\s,]+/u) : value ?? [])
    .filter((word) => word.length >= 8)
