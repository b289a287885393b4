/** What an administrator asks of all servers: who is connected there, and that one of these connections ends. */
import { Schema } from "effect"
import { DeviceId, Position as Count, SessionId, Timestamp, UserId } from "../../domain/Ids.ts"

const Level = Schema.Literals(["plain", "v1"])

/** A connection as administrators see it. */
export const ConnectionInfo = Schema.Struct({
  session: SessionId,
  user: UserId,
  device: DeviceId,
  level: Level,
  address: Schema.String,
  connected_at: Timestamp,
  /** Written to it and not taken by its client. */
  buffered_bytes: Count,
  /** The server that has it, where there are several. */
  node: Schema.optionalKey(Schema.String)
})
export type ConnectionInfo = typeof ConnectionInfo.Type

export const Question = Schema.Union([
  /** The first of the connections after that one, in the order of their sessions; of this user, or of all. */
  Schema.Struct({
    about: Schema.Literal("connections"),
    user: Schema.optionalKey(UserId),
    after: Schema.optionalKey(SessionId),
    limit: Count
  }),
  /** This connection is to end. */
  Schema.Struct({ about: Schema.Literal("end"), session: SessionId })
])
export type Question = typeof Question.Type

export const Answer = Schema.Union([
  Schema.Struct({ about: Schema.Literal("connections"), connections: Schema.Array(ConnectionInfo) }),
  /** Whether it was there. */
  Schema.Struct({ about: Schema.Literal("end"), ended: Schema.Boolean })
])
export type Answer = typeof Answer.Type
