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
