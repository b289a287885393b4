/** Turns credentials into what is opened: the one place that knows where they go. */
import { Effect } from "effect"
import { fieldOf } from "./json.ts"
import { OpenFailed, type OpenRequest, subprotocol } from "./Transport.ts"
import type { Credentials } from "./types.ts"

/** Where to connect, and as whom. */
export interface Address {
  readonly url: string
  readonly credentials: Credentials
  readonly device?: string
}

/** Asks for a fresh secret; it may be made of anything, so whatever it throws is told as a failure to open. */
export const ask = (secret: () => Promise<string> | string): Effect.Effect<string, OpenFailed> =>
  Effect.tryPromise({
    // The callback may throw before there is a promise.
    try: () => new Promise<string>((resolve) => resolve(secret())),
    catch: (error) =>
      new OpenFailed({
        message: error instanceof Error ? error.message : "the credentials could not be had",
        permanent: fieldOf(error, "permanent") === true
      })
  })

const withQuery = (url: string, values: Readonly<Record<string, string | undefined>>): string => {
  const query = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  )
  return query.length === 0 ? url : `${url}${url.includes("?") ? "&" : "?"}${query.join("&")}`
}

/** What to open for one attempt, with a token or ticket made for it. */
export const openRequest = ({ credentials, device, url }: Address): Effect.Effect<OpenRequest, OpenFailed> => {
  const request = { url: withQuery(url, { device }), protocols: [subprotocol], headers: {} }
  switch (credentials._tag) {
    case "PhoneNumber":
      return Effect.succeed({ ...request, headers: { "Phone-Number": credentials.user } })
    case "Token":
      return Effect.map(
        ask(credentials.token),
        (token) => ({ ...request, protocols: [subprotocol, `bearer.${token}`] })
      )
    case "Ticket":
      return Effect.map(ask(credentials.ticket), (ticket) => ({ ...request, url: withQuery(url, { device, ticket }) }))
  }
}

/** The HTTP side of the same server: beside its socket, under the same path. `undefined` for what is no address. */
export const httpUrl = (url: string, path: string): string | undefined => {
  const base = url.replace(/^ws/i, "http")
  return /^https?:/i.test(base) && URL.canParse(path, base) ? new URL(path, base).href : undefined
}

/** What to ask over HTTP for one attempt: the same secrets, in headers, a ticket where they cannot be. */
export const httpRequest = (
  { credentials, device, url }: Address,
  path: string,
  query: Readonly<Record<string, string>>
): Effect.Effect<Pick<OpenRequest, "headers" | "url">, OpenFailed> => {
  const http = httpUrl(url, path)
  if (http === undefined) {
    return Effect.fail(new OpenFailed({ message: `${url.split("?")[0]} is not a server's address`, permanent: true }))
  }
  const target = withQuery(http, query)
  switch (credentials._tag) {
    case "PhoneNumber":
      return Effect.succeed({ url: target, headers: { "Phone-Number": credentials.user } })
    case "Token":
      return Effect.map(
        ask(credentials.token),
        (token) => ({ url: target, headers: { Authorization: `Bearer ${token}` } })
      )
    case "Ticket":
      return Effect.map(
        ask(credentials.ticket),
        (ticket) => ({ url: withQuery(target, { device, ticket }), headers: {} })
      )
  }
}
