/** What a device without our client says for what its user does. */
import type { Act } from "./Device.ts"

export type Frame = Readonly<Record<string, unknown>>

export interface Saying {
  readonly target: Readonly<Record<string, string>> | undefined
  /** The entry that is meant. */
  readonly seq: number
  readonly user: string
  /** The name of a person. */
  readonly people: (person: number) => string
}

export const frameOf = (deed: Act, saying: Saying): Frame | undefined => {
  const { people, seq, target, user } = saying
  const names = (all: ReadonlyArray<number>) => [...new Set(all.map((person) => people(person)))]
  switch (deed._tag) {
    case "Say":
      return {
        type: "chat_message",
        ...target,
        text: deed.text,
        ...(deed.reply === undefined ? {} : { reply_to: seq })
      }
    case "Edit":
      return { type: "edit_message", ...target, seq, text: deed.text }
    case "Delete":
      return { type: "delete_message", ...target, seq }
    case "React":
      return { type: "react", ...target, seq, emoji: deed.emoji, ...(deed.remove === true ? { remove: true } : {}) }
    case "History":
      return {
        type: "history",
        ...target,
        ...(deed.before === true ? { before: seq } : { after: Math.max(0, seq - 1) }),
        limit: 5
      }
    case "List":
      return { type: "conversations", order: "recent", limit: 3 }
    case "Typing":
      return { type: "typing", ...target, active: deed.active }
    case "Block":
    case "Unblock":
      return { type: deed._tag === "Block" ? "block" : "unblock", user: people(deed.person) }
    case "Unwatch":
      return { type: "unsubscribe_presence", users: names(deed.persons) }
    case "Found": {
      const members = names(deed.members).filter((name) => name !== user)
      return { type: "create_group", name: deed.name, members, history: deed.all ? "all" : "joined" }
    }
    case "Add":
      return { type: "add_members", ...target, members: names(deed.members) }
    case "Remove":
      return { type: "remove_members", ...target, members: names(deed.members) }
    case "Ban":
      return { type: "ban_members", ...target, members: names(deed.members) }
    case "Unban":
      return { type: "unban_members", ...target, members: names(deed.members) }
    case "Leave":
      return { type: "leave_group", ...target }
    case "SetRole":
      return { type: "set_role", ...target, user: people(deed.member), role: deed.role }
    case "Invite":
      return { type: "create_invite", ...target, ...(deed.uses === undefined ? {} : { uses: deed.uses }) }
    case "Join":
      return { type: "join", ...target }
    case "Revoke":
      return { type: "revoke_invite", ...target }
    case "Rename":
      return { type: "rename_group", ...target, name: deed.name }
    // These are said by what the device itself knows.
    case "Watch":
    case "Read":
    case "Confirm":
    case "Retry":
    case "Babble":
      return undefined
  }
}
