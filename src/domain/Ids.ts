/** The names of things: users, devices, conversations, messages. Brands keep them apart at no cost at run time. */
import { Schema } from "effect"
import { isStorable } from "./Text.ts"

const handle = Schema.isPattern(/^[A-Za-z0-9+][A-Za-z0-9+._@-]{0,63}$/u, {
  expected: "1 to 64 letters, digits and + . _ @ -, of which the first is a letter, a digit or +"
})

/** 1 to 64 characters; letters, digits and `+ . _ @ -`. Phone numbers, e-mail addresses and handles all fit. */
export const UserId = Schema.String.pipe(
  Schema.check(handle),
  Schema.brand("UserId")
)
export type UserId = typeof UserId.Type

/** Whoever made an entry: a user, or `@system`. */
export const Sender = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^(?:@system|[A-Za-z0-9+][A-Za-z0-9+._@-]{0,63})$/u)),
  Schema.brand("UserId")
)

/** Who does what the server's operator asks for. It can be nobody's name, because no `UserId` begins with `@`. */
export const system = Sender.make("@system")

/** Names one device of a user, from `?device=`. Cursors belong to devices. */
export const DeviceId = Schema.String.pipe(
  Schema.check(handle),
  Schema.brand("DeviceId")
)
export type DeviceId = typeof DeviceId.Type

/** The cursor that all nameless connections of a user share. */
export const defaultDevice = DeviceId.make("default")

/** Opaque to clients, at most 160 characters. */
export const ConversationId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[!-~]{1,160}$/u, { expected: "the name of a conversation" })),
  Schema.brand("ConversationId")
)
export type ConversationId = typeof ConversationId.Type

export const GroupId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/u, { expected: "1 to 64 letters, digits, _ and -" })),
  Schema.brand("GroupId")
)
export type GroupId = typeof GroupId.Type

/** Made by the server, unique for ever, sortable by time of acceptance on one node. */
export const MessageId = Schema.String.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

/** Names one connection for as long as it lives. */
export const SessionId = Schema.String.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type

/** The client's own name for a frame, 1 to 64 well-formed characters. For a message it is the key of promise P3. */
export const ClientId = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 64),
    Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" })
  ),
  Schema.brand("ClientId")
)
export type ClientId = typeof ClientId.Type

/** A place in a conversation's log, contiguous from 1. */
export const Seq = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })))
export type Seq = typeof Seq.Type

/** A cursor: the last `seq` that is behind it; 0 is before the first. */
export const Position = Schema.Int.pipe(
  Schema.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
)
export type Position = typeof Position.Type

/** Milliseconds since the epoch. */
export const Timestamp = Schema.Int
export type Timestamp = typeof Timestamp.Type
