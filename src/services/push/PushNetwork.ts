/**
 * Where pushes may go. Browsers choose the addresses, so whoever is let in could have this server ask whatever it
 * reaches: only what is public is asked, and the address that was looked at is the one that is connected to.
 */
import { Context } from "effect"
import { lookup as lookUp, type LookupAddress } from "node:dns"
import { isIP, type LookupFunction } from "node:net"
import { isPublic } from "../kernel/addresses.ts"

export interface PushNetworkOptions {
  /** Whether an address may be connected to. */
  readonly allows: (address: string) => boolean
  /** Whether a port may: of push services it is always the usual one. */
  readonly allowsPort: (port: string) => boolean
  /** All addresses of a name, asked anew for each request. */
  readonly resolve: (
    hostname: string,
    answer: (error: Error | null, addresses: ReadonlyArray<LookupAddress>) => void
  ) => void
  /** Who is trusted instead of those whom everybody trusts. */
  readonly ca?: string
}

/** A test may let itself be told. */
export const PushNetwork = Context.Reference<PushNetworkOptions>("switchboard/services/push/PushNetwork", {
  defaultValue: () => ({
    allows: isPublic,
    allowsPort: (port) => port === "",
    resolve: (hostname, answer) => lookUp(hostname, { all: true, verbatim: true }, answer)
  })
})

/** Why nothing is pushed there; `undefined` where something may be, as far as that can be told without looking it up. */
export const endpointProblem = (endpoint: string, { allowsPort }: PushNetworkOptions): string | undefined => {
  if (!URL.canParse(endpoint)) return "The endpoint is no address."
  const { hostname, password, port, protocol, username } = new URL(endpoint)
  if (protocol !== "https:") return "The endpoint is not https."
  if (username !== "" || password !== "") return "The endpoint has credentials in it."
  if (!allowsPort(port)) return "The endpoint has a port of its own."
  if (isIP(hostname) !== 0 || hostname.startsWith("[")) return "The endpoint names no host."
  return undefined
}

export class NotPublic extends Error {
  readonly code = "ENOTPUBLIC"
}

/** For a socket: what it is told is what it connects to, so nobody can answer one thing to be looked at and another then. */
export const publicLookup =
  ({ allows, resolve }: PushNetworkOptions): LookupFunction => (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return callback(error, [])
      const [first] = addresses
      // A name that is also inside is not one of a push service.
      if (first === undefined || !addresses.every(({ address }) => allows(address))) {
        return callback(new NotPublic("The name stands for an address that is not public."), [])
      }
      if (options.all === true) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
