/** Whom a commit may mention, said once for all stores, and who of them counts it as unread. */
import * as Conversation from "../../domain/Conversation.ts"
import type { Role } from "../../domain/entries/Group.ts"
import { everybody } from "../../domain/entries/Mentions.ts"
import * as Errors from "../../domain/Errors.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { Append } from "./MessageStore.ts"
import type { ConversationRow } from "./Rows.ts"

const rejected = (error: Errors.ChatError) => ({ _tag: "Rejected" as const, error })

const none: ReadonlyArray<string> = []

/** What a text asks for, as far as it is a text. */
export const mentionsOf = (append: Append): ReadonlyArray<string> =>
  append.kind === "text" && append.mentions !== undefined ? append.mentions : none

/** Said of whoever is no member, whether or not there is such a user. */
const outsider = (user: string) =>
  rejected(Errors.invalidTarget(`${user} is not in this conversation; mention only its members.`))

/** The error that a text's mentions cause, if any: they are of those who are in at this place of the log. */
export const checkMentions = (
  { id, kind }: Pick<ConversationRow, "id" | "kind">,
  append: Append,
  roleOf: (user: UserId) => Role | undefined
) => {
  const mentions = mentionsOf(append)
  if (mentions.length === 0) return undefined
  if (kind === "direct") {
    if (mentions[0] === everybody) {
      return rejected(Errors.invalidTarget(`${everybody} is for groups; mention the other one by name.`))
    }
    const users: ReadonlyArray<string> = Conversation.usersOf(id)
    const stranger = mentions.find((user) => !users.includes(user))
    return stranger === undefined ? undefined : outsider(stranger)
  }
  if (mentions[0] === everybody) {
    const role = roleOf(append.sender)
    return role === "owner" || role === "admin"
      ? undefined
      : rejected(Errors.forbidden(`Only owners and admins mention ${everybody}; mention members by name.`))
  }
  // As a frame has them: users, since it is not everybody.
  const stranger = mentions.find((user) => roleOf(user as UserId) === undefined)
  return stranger === undefined ? undefined : outsider(stranger)
}

/** Whose unread mentions it is among: as the entry keeps them. */
export const mentionedIn = (mentions: string | null): ReadonlyArray<string> =>
  mentions === null ? none : JSON.parse(mentions) as ReadonlyArray<string>
