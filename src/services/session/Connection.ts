/** One client's end of the line, as its `UserActor` sees it. The transport implements it; tests have one in memory. */
import type { CloseCode } from "../../domain/CloseCode.ts"
import type { Decoded } from "../../domain/FrameCodec.ts"
import type { EncodedFrame } from "./EncodedFrame.ts"

/**
 * How a connection came to its end: the client answered the close frame that the server sent, so it has read all that was
 * written before it; the client closed it of its own accord, as WebSocket wants it; or anything else.
 */
export type Ending = "answered" | "left" | "broken"

/** What a connection reports. Called from the event loop, so none of these may throw or wait. */
export interface ConnectionListener {
  /** A text frame arrived. Returns false when the reader should stop until `resume`. */
  readonly onFrame: (decoded: Decoded) => boolean
  /** A ping of the WebSocket protocol arrived. Returns whether it gets its pong. */
  readonly onPing: () => boolean
  /** A pong arrived: proof of life. */
  readonly onPong: () => void
  /** The client broke the rules of WebSocket; the connection is closing. */
  readonly onViolation: () => void
  /**
   * The line is dead; only the first call counts, and nothing is called after it. `code` is that of the first close frame,
   * from whichever side, or what stands for none.
   */
  readonly onClosed: (ending: Ending, code: number) => void
}

/** Nothing here waits: what a slow peer has not taken is counted by `buffered`, and the caller bounds it. */
export interface Connection {
  /** Begins to report to `listener`; called once. */
  readonly listen: (listener: ConnectionListener) => void
  /**
   * Hands frames to the socket. Returns false when it takes nothing any more: whatever of them went out all the same,
   * they were not received.
   */
  readonly write: (frames: ReadonlyArray<EncodedFrame>) => boolean
  /**
   * False from the first sign of its end, from either side: a close frame, the end of what the peer sends, an error. From
   * then on nothing is written.
   */
  readonly isWhole: boolean
  /** Bytes written that the operating system has not taken yet. */
  readonly buffered: () => number
  /** Calls back once all that was written so far is taken, at once if it is already; never once it is not whole. */
  readonly whenTaken: (callback: () => void) => void
  /** Reads on after a listener has answered false. */
  readonly resume: () => void
  /** A protocol-level ping, answered by the peer's WebSocket stack. */
  readonly ping: () => void
  /** Says why, then ends; what was written before still goes out, within a bounded time. */
  readonly close: (code: CloseCode) => void
  /** Says why, reads nothing any more, and is gone within a bounded time, whether or not the client answers. */
  readonly closeUnread: (code: CloseCode) => void
  /** Says why if it can, and is gone at once, without the close handshake. */
  readonly terminate: (code: CloseCode) => void
}
