/** The names of things: users, devices, conversations, messages. Brands keep them apart at no cost at run time. */
import { Schema } from "effect"
import { isStorable } from "./Text.ts"
import { maxUserId, userIdPattern, userIdRule, userIdSource } from "./userIds.ts"

/**
 * 1 to 128 characters, as identity providers make them: phone numbers, e-mail addresses and handles, `auth0|…`, UUIDs,
 * addresses. `userIds.ts` says which they are.
 */
export const UserId = Schema.String.pipe(
  Schema.check(Schema.isPattern(userIdPattern, { expected: userIdRule })),
  Schema.brand("UserId")
)
export type UserId = typeof UserId.Type

/** Whoever made an entry: a user, or `@system`. */
export const Sender = Schema.String.pipe(
  Schema.check(Schema.isPattern(new RegExp(`^(?:@system|${userIdSource})$`, "u"))),
  Schema.brand("UserId")
)

/** Who does what the server's operator asks for. It can be nobody's name, because no `UserId` begins with `@`. */
export const system = Sender.make("@system")

/** Completes "Give it …". */
export const deviceIdRule = "1 to 64 letters, digits or + . _ @ -, the first of them a letter, a digit or +"

/** Names one device of a user, from `?device=`. Cursors belong to devices. */
export const DeviceId = Schema.String.pipe(
  Schema.check(Schema.isPattern(/^[A-Za-z0-9+][A-Za-z0-9+._@-]{0,63}$/u, { expected: deviceIdRule })),
  Schema.brand("DeviceId")
)
export type DeviceId = typeof DeviceId.Type

/** The cursor that all nameless connections of a user share. */
export const defaultDevice = DeviceId.make("default")

/** Of an id of a conversation: two users of the greatest length, of whose characters all but the first are encoded. */
export const maxConversationId = "dm::".length + 2 * (1 + 3 * (maxUserId - 1))

/** Opaque to clients, at most 768 characters. */
export const ConversationId = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(new RegExp(`^[!-~]{1,${maxConversationId}}$`, "u"), { expected: "the name of a conversation" })
  ),
  Schema.brand("ConversationId")
)
export type ConversationId = typeof ConversationId.Type

/** As they stand in addresses of the HTTP API, without an escape. */
const name = (expected: string) =>
  Schema.String.pipe(Schema.check(Schema.isPattern(/^[A-Za-z0-9_-]{1,64}$/u, { expected })))

export const GroupId = name("1 to 64 letters, digits, _ and -").pipe(Schema.brand("GroupId"))
export type GroupId = typeof GroupId.Type

/** Made by the server, unique for ever, sortable by time of acceptance on one node. */
export const MessageId = Schema.String.pipe(Schema.brand("MessageId"))
export type MessageId = typeof MessageId.Type

/** A file that was uploaded; made by the server, sortable by time on one node. What may be done with it is asked elsewhere. */
export const FileId = name("the name of a file, as its upload answered it").pipe(Schema.brand("FileId"))
export type FileId = typeof FileId.Type

/** Lets whoever has it into a group: 128 random bits in base64url, made by the server. */
export const Invite = name("an invitation, as it was given").pipe(Schema.brand("Invite"))
export type Invite = typeof Invite.Type

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
