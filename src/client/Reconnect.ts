/** When to come back, and when not to. */
import * as CloseCode from "../domain/CloseCode.ts"
import type { LinkClosed, OpenFailed } from "./Transport.ts"
import type { Credentials } from "./types.ts"

export const baseMillis = 500
export const capMillis = 30_000

/** Full jitter: anything up to the bound, which doubles with each attempt. `random` is from 0 up to 1. */
export const jitter = (attempt: number, random: number): number =>
  Math.round(random * Math.min(capMillis, baseMillis * 2 ** Math.min(attempt, 20)))

/** A connection that lasted so long was a good one; the waits are short again after it. */
export const stableMillis = 60_000

/** A server that lets somebody in and sends them on sooner than this is not well. */
export const briefMillis = 5_000

export interface Decision {
  readonly _tag: "Again" | "Never"
  readonly reason: string
  /** The close code, or the HTTP status of a refusal. */
  readonly code: number | undefined
  /** The wait that the server asked for. */
  readonly afterMillis: number | undefined
  /** Whether it asked this client alone: a server that stops draws a time for each of its clients. */
  readonly drawn: boolean
}

/** How long to wait. Many were refused with the same wait at the same moment, and must not all come back at another. */
export const spread = ({ afterMillis, drawn }: Decision, attempt: number, random: number): number =>
  afterMillis === undefined
    ? jitter(attempt, random)
    : drawn
    // As it was asked for. A server that does so again and again is asked less and less often, like any other.
    ? attempt === 0 ? afterMillis : Math.max(afterMillis, jitter(attempt, random))
    : afterMillis + Math.max(jitter(attempt, random), Math.round(afterMillis * random / 2))

const reasonOf = ({ code, reason }: LinkClosed): string => {
  const known = CloseCode.of(code)
  return reason !== "" ? reason : known?.reason ?? (code === 1006 ? "the connection broke" : `closed with ${code}`)
}

/** Expired credentials forbid to come back as one is; whoever gets fresh ones for each attempt comes back as another. */
export const canRenew = (credentials: Credentials): boolean => credentials._tag !== "PhoneNumber"

/** What an end means for the next attempt. `drainMillis` is what is left of the time that a server which stops has drawn. */
export const decide = (
  error: LinkClosed | OpenFailed,
  credentials: Credentials,
  drainMillis: number | undefined
): Decision => {
  if (error._tag === "OpenFailed") {
    const { message: reason, permanent, retryAfterMillis: afterMillis, status: code } = error
    return { _tag: permanent ? "Never" : "Again", reason, code, afterMillis, drawn: false }
  }
  const { code } = error
  const expired = code === CloseCode.CredentialsExpired.code && canRenew(credentials)
  const again = expired || CloseCode.shouldReconnect(code)
  // The time is for those whom the server ends; whose line breaks meanwhile comes back as ever, and may find another one.
  const afterMillis = code === CloseCode.Draining.code ? drainMillis : undefined
  const drawn = afterMillis !== undefined
  return { _tag: again ? "Again" : "Never", reason: reasonOf(error), code, afterMillis, drawn }
}
