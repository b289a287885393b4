/** What a `UserRef` is made of. */
import type { Cause, Queue } from "effect"
import type { SessionId } from "../../domain/Ids.ts"
import type { Identity } from "../access/Authenticator.ts"
import type { FrameLimit } from "../limits/FrameLimits.ts"
import type { CursorSource } from "../persistence/Cursors.ts"
import type { Connection } from "../session/Connection.ts"
import type { Level, Origin } from "../session/Session.ts"
import type { UserMessage } from "../session/UserMessage.ts"
import type { MessageTracing } from "../telemetry/MessageTraces.ts"
import type { Meters } from "../telemetry/Meters.ts"

export interface UserRefOptions extends Identity {
  readonly session: SessionId
  readonly level: Level
  readonly origin: Origin
  readonly connection: Connection
  readonly mailbox: Queue.Queue<UserMessage, Cause.Done>
  /** Bytes that may wait for this connection (P6). */
  readonly maxOutboundBytes: number
  /** By the monotonic clock. */
  readonly now: () => number
  readonly enqueueCursors: (source: CursorSource) => void
  readonly limit: FrameLimit
  readonly meters: Meters
  /** Where messages are traced. */
  readonly traces?: MessageTracing | undefined
}
