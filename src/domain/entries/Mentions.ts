/** Who is meant by a text. */
import { Schema } from "effect"
import { UserId } from "../Ids.ts"

/** Users whom one text may mention. */
export const maxMentions = 50

/** Everybody in the group; owners and admins may say it. */
export const everybody = "@all"

const users = Schema.Array(UserId).pipe(Schema.check(
  Schema.isBetweenLength(1, maxMentions),
  Schema.makeFilter((all: ReadonlyArray<string>) => new Set(all).size === all.length, { expected: "each user once" })
))

export const Mentions = Schema.Union([Schema.Tuple([Schema.Literal(everybody)]), users])
export type Mentions = typeof Mentions.Type

/** Whether a text that this user may see means them: by name or with all; nobody is mentioned by a text of their own. */
export const isMentioned = (
  entry: { readonly sender: string; readonly mentions?: ReadonlyArray<string> },
  user: string
): boolean =>
  entry.mentions !== undefined && entry.sender !== user &&
  (entry.mentions.includes(user) || entry.mentions[0] === everybody)
