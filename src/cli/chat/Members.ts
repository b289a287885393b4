/** Who is in the groups that were gone to, so that `@name` in a message is a mention. */
import type { LogEvent } from "../../client/types.ts"
import { everybody, maxMentions } from "../../domain/entries/Mentions.ts"
import type { Member, Role } from "../../domain/Entry.ts"

const before = /[\p{L}\p{N}_@.+-]$/u
const after = /^(?:[\p{L}\p{N}_]|[@.+-]+[\p{L}\p{N}_])/u

/** Whether the text has `@name`, which is neither a part of another name nor of an address. */
const names = (text: string, name: string): boolean => {
  const word = name.startsWith("@") ? name : `@${name}`
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!before.test(text.slice(0, at)) && !after.test(text.slice(at + word.length))) return true
  }
  return false
}

export class Members {
  readonly #of = new Map<string, Map<string, Role>>()

  learn(conversation: string, members: ReadonlyArray<Member>): void {
    this.#of.set(conversation, new Map(members.map(({ role, user }) => [user, role])))
  }

  know(conversation: string): boolean {
    return this.#of.has(conversation)
  }

  hear(event: LogEvent): void {
    if (event.type !== "group_changed") return
    const members = this.#of.get(event.conversation)
    if (members === undefined) return
    const { by, change } = event
    switch (change.action) {
      case "members_added":
        return change.members.forEach((user) => members.set(user, "member"))
      case "members_removed":
      case "members_banned":
        return change.members.forEach((user) => members.delete(user))
      case "role_set":
        return void members.set(change.user, change.role)
      case "joined":
        return void members.set(by, "member")
      case "left":
        return void members.delete(by)
      default:
    }
  }

  /** Whom this text would mention if `me` said it there. Where more are named than may be, nobody. */
  mentionsIn(conversation: string, text: string, me: string): ReadonlyArray<string> {
    const members = this.#of.get(conversation)
    if (members === undefined || !text.includes("@")) return []
    const role = members.get(me)
    if ((role === "owner" || role === "admin") && names(text, everybody)) return [everybody]
    const named = Array.from(members.keys()).filter((user) => names(text, user))
    return named.length > maxMentions ? [] : named
  }
}
