/** Why a connection ended, and what the client should do about it. The numbers are part of the protocol. */

export interface CloseCode {
  readonly code: number
  /** At most 32 ASCII characters, never user data. */
  readonly reason: string
  /** Whether the client should come back with the same credentials and device. */
  readonly reconnect: boolean
}

const make = (code: number, reason: string, reconnect: boolean): CloseCode => ({ code, reason, reconnect })

export const Normal = make(1000, "bye", false)
export const GoingAway = make(1001, "going away", true)
export const BinaryFrame = make(1003, "text frames only", false)
export const InvalidUtf8 = make(1007, "invalid utf-8", false)
export const FrameTooBig = make(1009, "frame too big", false)
export const InternalError = make(1011, "internal error", true)

export const Draining = make(4001, "draining", true)
export const NoHeartbeat = make(4005, "no heartbeat", true)
export const SlowReader = make(4008, "slow reader", true)

export const InvalidCredentials = make(4500, "invalid credentials", false)
export const CredentialsExpired = make(4501, "credentials expired", false)
export const Kicked = make(4503, "kicked", false)
export const Replaced = make(4509, "replaced", false)
export const TooManyInvalidFrames = make(4510, "too many invalid frames", false)
export const Flood = make(4511, "flood", false)

export const all: ReadonlyArray<CloseCode> = [
  Normal,
  GoingAway,
  BinaryFrame,
  InvalidUtf8,
  FrameTooBig,
  InternalError,
  Draining,
  NoHeartbeat,
  SlowReader,
  InvalidCredentials,
  CredentialsExpired,
  Kicked,
  Replaced,
  TooManyInvalidFrames,
  Flood
]

/**
 * Whether a client should come back after a close it saw, also for codes that this version does not know:
 * 4500 to 4999 forbid it, so do 1000 and the codes that blame the client's own frames; all others ask for it.
 */
export const shouldReconnect = (code: number): boolean => {
  const known = all.find((c) => c.code === code)
  return known === undefined ? code < 4500 || code > 4999 : known.reconnect
}
