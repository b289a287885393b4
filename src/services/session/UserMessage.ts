/** What a `UserActor` is told. State is shared in no other way. */
import type { CloseCode } from "../../domain/CloseCode.ts"
import type { Decoded } from "../../domain/FrameCodec.ts"
import type { TracedFrame } from "../telemetry/MessageTraces.ts"

/** To a `UserActor`: a frame from its client, or news of the server. What is for its client goes to its send queue. */
export type UserMessage =
  | Decoded
  | TracedFrame
  /** The ServerActor has the user on its list: what is committed from now on is delivered here. */
  | { readonly _tag: "Registered" }
  /** Something may have been missed, and what is delivered is held already; read the store again. */
  | { readonly _tag: "CatchUp" }
  /** A pass over the store has ended. */
  | { readonly _tag: "CaughtUp" }
  | { readonly _tag: "HeartbeatDue" }
  | { readonly _tag: "Close"; readonly code: CloseCode }

export const Registered: UserMessage = { _tag: "Registered" }
export const CatchUp: UserMessage = { _tag: "CatchUp" }
export const CaughtUp: UserMessage = { _tag: "CaughtUp" }
export const HeartbeatDue: UserMessage = { _tag: "HeartbeatDue" }
