/** How a person is shown to others. */
import { Schema } from "effect"
import { Timestamp, UserId } from "./Ids.ts"
import { isBlank } from "./Text.ts"

/**
 * What controls a terminal or turns the direction of what follows, and what cannot be seen and only makes another text of
 * the same name. Joiners and variants stay: emoji, and words of some scripts, are built with them.
 */
const hidden =
  /[\p{Cc}\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/u

const isOneLine = Schema.makeFilter(
  (s: string) => s.isWellFormed() && !hidden.test(s),
  { expected: "one line without control characters, marks of direction or characters that cannot be seen" }
)

const isSeen = Schema.makeFilter((s: string) => !isBlank(s), { expected: "text that is not blank" })

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })

/** Characters have at most so many UTF-16 units, in all. */
const unitsOf = (most: number) => Schema.isBetweenLength(1, most * 12, { expected: `1 to ${most} characters` })

/** Characters as people count them: an emoji is one, however it is built. */
const hasCharacters = (most: number) =>
  Schema.makeFilter(
    (s: string) => {
      // Nobody counts what is too long anyway.
      if (s.length > most * 12) return false
      if (s.length <= most) return true
      let count = 0
      for (const _ of segmenter.segment(s)) if (++count > most) return false
      return true
    },
    { expected: `1 to ${most} characters` }
  )

/** 1 to 64 characters in one line that can be seen, without what controls a terminal or the direction of what follows. */
export const ProfileName = Schema.String.pipe(Schema.check(unitsOf(64), hasCharacters(64), isSeen, isOneLine))

/** What somebody says of themself in a line: 1 to 100 characters, with the rules of a name. */
export const StatusLine = Schema.String.pipe(Schema.check(unitsOf(100), hasCharacters(100), isSeen, isOneLine))

/** As it is kept: composed, so that one name is one text, and without space around it or more than one between words. */
export const tidied = (text: string): string => text.normalize("NFC").trim().replaceAll(/\s+/gu, " ")

/**
 * The same for two names that look the same but for case, space, forms of letters and joiners; letters of another script
 * that look alike are another name. Whoever shows two people of one such key says their ids, too.
 */
export const nameKey = (name: string): string =>
  tidied(name.normalize("NFKC").replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "")).toLowerCase()

/** Names a picture; 1 to 256 printable characters of ASCII: a file of this server, or an https address from outside. */
export const Avatar = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[!-~]{1,256}$/u, { expected: "1 to 256 printable characters of ASCII without a space" })
  )
)

/** A picture that is elsewhere. */
export const Picture = Avatar.pipe(
  Schema.check(
    Schema.makeFilter((s: string) => /^https:\/\//i.test(s) && URL.canParse(s), { expected: "an https address" })
  )
)

/** What can be set of it; what is left out is taken away. */
export const ProfileFields = Schema.Struct({
  name: Schema.optionalKey(ProfileName),
  avatar: Schema.optionalKey(Avatar),
  status: Schema.optionalKey(StatusLine)
})

/** `avatar_url` is where the picture is, if it can be had: a path of this server's, signed, or an https address. */
export const Profile = Schema.Struct({
  user: UserId,
  ...ProfileFields.fields,
  avatar_url: Schema.optionalKey(Schema.String),
  updated_at: Timestamp
})
export type Profile = typeof Profile.Type
