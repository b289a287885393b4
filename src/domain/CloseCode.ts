/** Why a connection ended, and what the client should do about it. The numbers are part of the protocol. */

export interface CloseCode {
  readonly code: number
  /** At most 32 ASCII characters, never user data. */
  readonly reason: string
  /** Whether the client should come back with the same credentials and device. */
  readonly reconnect: boolean
}

/** The client is done, or its own frames were at fault: what it does next would end in the same way. */
const final = new Set([1000, 1003, 1007, 1009])

/**
 * The rule of the numbers, also for those that this version does not know: from 4500 to 4999 a client stays away as it
 * is, as after 1000 and what blames its own frames; after all others it comes back.
 */
export const shouldReconnect = (code: number): boolean => !final.has(code) && (code < 4500 || code > 4999)

const known = new Map<number, CloseCode>()

const make = (code: number, reason: string): CloseCode => {
  const made = { code, reason, reconnect: shouldReconnect(code) }
  known.set(code, made)
  return made
}

/** The client has closed, and hears the same back. */
export const Normal = make(1000, "bye")
/** The actor of the connection was ended from outside, as when an app closes what it runs in; browsers say it, too. */
export const GoingAway = make(1001, "going away")
/** A binary frame came; the protocol has none. */
export const BinaryFrame = make(1003, "text frames only")
/** A text frame was no UTF-8. */
export const InvalidUtf8 = make(1007, "invalid utf-8")
/** A frame was larger than `limits.frame_bytes`. */
export const FrameTooBig = make(1009, "frame too big")
/** The server made a mistake with this connection; the log has it. */
export const InternalError = make(1011, "internal error")

/** The server stops; `draining` came before it and says when to come back. */
export const Draining = make(4001, "draining")
/** Nothing came from the client for too long, not even a pong. */
export const NoHeartbeat = make(4005, "no heartbeat")
/** More waited for the client than `limits.outbound_bytes`; what it missed is in the store. */
export const SlowReader = make(4008, "slow reader")

/** For a door that can only refuse after the upgrade; this server refuses before it, by HTTP. */
export const InvalidCredentials = make(4500, "invalid credentials")
/** The token has run out, and no newer one came. */
export const CredentialsExpired = make(4501, "credentials expired")
/** An administrator, or the app, has ended the connection, banned or erased its user. */
export const Kicked = make(4503, "kicked")
/** A newer connection of the same device has come. */
export const Replaced = make(4509, "replaced")
/** Too many frames in a row were not of the protocol. */
export const TooManyInvalidFrames = make(4510, "too many invalid frames")
/** The client went on sending past the limits that it was told of. */
export const Flood = make(4511, "flood")

export const all: ReadonlyArray<CloseCode> = Array.from(known.values())

/** What a code means, if it is one of these. */
export const of = (code: number): CloseCode | undefined => known.get(code)
