/** How a person is shown to others. */
import { Schema } from "effect"
import { Timestamp, UserId } from "./Ids.ts"
import { isBlank } from "./Text.ts"

/** 1 to 64 characters in one line that can be seen, without what controls a terminal or the direction of what follows. */
export const ProfileName = Schema.String.pipe(
  Schema.check(
    Schema.isBetweenLength(1, 64),
    Schema.makeFilter((s: string) => !isBlank(s), { expected: "a name that is not blank" }),
    Schema.makeFilter(
      (s: string) => s.isWellFormed() && !/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(s),
      { expected: "one line without control characters or marks of direction" }
    )
  )
)

/** Names a picture; 1 to 256 printable characters of ASCII. */
export const Avatar = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[!-~]{1,256}$/u, { expected: "1 to 256 printable characters of ASCII without a space" })
  )
)

/** What can be set of it; what is left out is taken away. */
export const ProfileFields = Schema.Struct({
  name: Schema.optionalKey(ProfileName),
  avatar: Schema.optionalKey(Avatar)
})

export const Profile = Schema.Struct({ user: UserId, ...ProfileFields.fields, updated_at: Timestamp })
export type Profile = typeof Profile.Type
