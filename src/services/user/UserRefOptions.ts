/** What a `UserRef` is made of. */
import type { Effect } from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import type { SessionId } from "../../domain/Ids.ts"
import type { Identity } from "../access/Authenticator.ts"
import type { FrameLimit } from "../limits/FrameLimits.ts"
import type { CursorSource } from "../persistence/Cursors.ts"
import type { Connection } from "../session/Connection.ts"
import type { Level, Origin } from "../session/Session.ts"
import type { UserMessage } from "../session/UserMessage.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"
import type { Meters } from "../telemetry/Meters.ts"

/** What all connections share. */
export interface RefServices {
  /** Bytes that may wait for a connection (P6). */
  readonly maxOutboundBytes: number
  /** By the monotonic clock. */
  readonly now: () => number
  readonly enqueueCursors: (source: CursorSource) => void
  readonly settleCursors?: (source: CursorSource) => Effect.Effect<void, ChatError>
  readonly meters: Meters
  /** Where messages are traced. */
  readonly traces?: MessageTracing | undefined
}

export interface UserRefOptions {
  readonly identity: Identity
  readonly session: SessionId
  readonly level: Level
  readonly origin: Origin
  readonly connection: Connection
  readonly mailbox: {
    /** Returns false when it takes no more. */
    readonly offer: (message: UserMessage) => boolean
    readonly end: () => void
  }
  readonly limit: FrameLimit
  readonly services: RefServices
}
