/** One client's end of the line, as its `UserActor` sees it. The transport implements it; tests have one in memory. */
import type { CloseCode } from "../domain/CloseCode.ts"
import type { Decoded } from "../domain/FrameCodec.ts"
import type { Outbound } from "./Outbound.ts"

/** What a connection reports. Called from the event loop, so none of these may throw or wait. */
export interface ConnectionListener {
  /** A text frame arrived. Answers false when the reader should stop until `resume`. */
  readonly onFrame: (decoded: Decoded) => boolean
  /** A ping of the WebSocket protocol arrived. Answers whether it gets its pong. */
  readonly onPing: () => boolean
  /** A pong arrived: proof of life. */
  readonly onPong: () => void
  /** The client broke the rules of WebSocket; the connection is closing. */
  readonly onViolation: () => void
  /** The line is dead, for whatever reason; called once, and nothing is called after it. */
  readonly onClosed: () => void
}

/** Nothing here waits: what a slow peer has not taken is counted by `buffered`, and the caller bounds it. */
export interface Connection {
  /** Begins to report to `listener`; called once. */
  readonly listen: (listener: ConnectionListener) => void
  readonly write: (frames: ReadonlyArray<Outbound>) => void
  /** Bytes written that the operating system has not taken yet. */
  readonly buffered: () => number
  /** Calls back once all that was written so far is taken, at once if it is already; never after the close. */
  readonly whenTaken: (callback: () => void) => void
  /** Stops and restarts the reading of frames. */
  readonly pause: () => void
  readonly resume: () => void
  /** A protocol-level ping, answered by the peer's WebSocket stack. */
  readonly ping: () => void
  /** Says why, then ends; what was written before still goes out, within a bounded time. */
  readonly close: (code: CloseCode) => void
  /** Says why, reads nothing any more, and is gone within a bounded time, whether or not the client answers. */
  readonly cutOff: (code: CloseCode) => void
  /** Says why if it can, and is gone at once, without the close handshake. */
  readonly terminate: (code: CloseCode) => void
}
