/** Who people are to each other: profiles, and how they are found. */
import { Schema } from "effect"
import { id } from "../entries/fields.ts"
import { FileId, UserId } from "../Ids.ts"
import { Profile, ProfileName, StatusLine } from "../Profile.ts"

/** Names that one question may be about. */
export const maxProfiles = 100

/** What is left out stays; an empty string takes it away. */
export const SetProfile = Schema.Struct({
  type: Schema.Literal("set_profile"),
  id,
  name: Schema.optionalKey(Schema.Union([ProfileName, Schema.Literal("")])),
  /** A file of one's own, which stays for as long as it is shown. */
  avatar: Schema.optionalKey(Schema.Union([FileId, Schema.Literal("")])),
  status: Schema.optionalKey(Schema.Union([StatusLine, Schema.Literal("")]))
})
export type SetProfile = typeof SetProfile.Type

/** Asks how these people are shown. */
export const ProfilesRequest = Schema.Struct({
  type: Schema.Literal("profiles"),
  id,
  users: Schema.Array(UserId).pipe(Schema.check(Schema.isBetweenLength(1, maxProfiles)))
})
export type ProfilesRequest = typeof ProfilesRequest.Type

/** Looks for people whose name, a word of it, or whose id begins so. Only with a directory. */
export const FindUsers = Schema.Struct({
  type: Schema.Literal("find_users"),
  id,
  prefix: Schema.String.pipe(Schema.check(Schema.isBetweenLength(1, 128))),
  limit: Schema.optionalKey(Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 100 }))))
})
export type FindUsers = typeof FindUsers.Type

/** How somebody is shown from now on; also the answer to `set_profile`. */
export const ProfilePush = Schema.Struct({ type: Schema.Literal("profile"), id, ...Profile.fields })
export type ProfilePush = typeof ProfilePush.Type

/** In no order. Whoever has none is left out. */
export const ProfileList = Schema.Struct({
  type: Schema.Literal("profiles"),
  id,
  profiles: Schema.Array(Profile),
  /** Those whom nobody has ever seen here, as far as the server lets people ask. */
  unknown: Schema.optionalKey(Schema.Array(UserId))
})
export type ProfileList = typeof ProfileList.Type

export const UsersFound = Schema.Struct({ type: Schema.Literal("users_found"), id, profiles: Schema.Array(Profile) })
export type UsersFound = typeof UsersFound.Type
