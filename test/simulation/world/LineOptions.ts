/** What a line is made of, whom it tells of what happens on it, and what goes over it. */
import type { Decoded } from "../../../src/domain/FrameCodec.ts"
import type { Line } from "./Line.ts"
import type { Machine } from "./Machine.ts"

/** What a client gets to know of its line. Called in the client's program. */
export interface LineEnd {
  readonly opened: (line: Line) => void
  readonly heard: (text: string) => void
  readonly closed: (code: number, reason: string) => void
  /** The server's socket took this: it counts as received by whoever does not confirm, whatever becomes of it. */
  readonly took: (text: string) => void
}

export interface LineOptions {
  readonly server: Machine
  readonly client: Machine
  readonly end: LineEnd
  readonly textBytes: number
  readonly latency: () => number
  /** So much waits for a client that does not read, and this is the last of it. */
  readonly buffers: (bytes: number, last: number) => void
  /** The server was given this, said this, and ended it for this reason. */
  readonly read: (decoded: Decoded) => void
  readonly wrote: (text: string) => void
  readonly ended: (code: number) => void
}

export type ToClient =
  | { readonly _tag: "Open" }
  | { readonly _tag: "Frame"; readonly text: string }
  | { readonly _tag: "Ping" }
  | { readonly _tag: "Close"; readonly code: number; readonly reason: string }

export type ToServer =
  | { readonly _tag: "Frame"; readonly text: string }
  | { readonly _tag: "Pong" }
  | { readonly _tag: "Leave" }
  | { readonly _tag: "Answer" }
  | { readonly _tag: "Gone" }
