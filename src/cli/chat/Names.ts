/** What conversations are called at a terminal: a user by name, a group as `#name`. */
import type { LogEvent, Target } from "../../client/types.ts"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, GroupId, UserId } from "../../domain/Ids.ts"

export class Names {
  readonly me: UserId
  readonly #groups = new Map<string, string>()

  constructor(me: UserId) {
    this.me = me
  }

  learn(group: string, name: string): void {
    this.#groups.set(group, name)
  }

  /** Groups tell their names by the changes that were made to them. */
  hear(event: LogEvent): void {
    if (event.type !== "group_changed") return
    if (event.change.action === "created" || event.change.action === "renamed") {
      this.learn(event.group, event.change.name)
    }
  }

  labelOf(conversation: string): string {
    const parsed = Conversation.parse(conversation as ConversationId)
    if (parsed === undefined) return conversation
    if (parsed.kind === "direct") return Conversation.peerOf(parsed.users, this.me) ?? conversation
    return `#${this.#groups.get(parsed.group) ?? parsed.group}`
  }

  conversationOf(target: Target): string {
    if ("conversation" in target) return target.conversation
    if ("group" in target) return Conversation.group(target.group as GroupId)
    return Conversation.direct(this.me, target.recipient as UserId)
  }

  /** Who or what was meant: `#` begins a group's name or id, everything else is a user. */
  targetOf(word: string): Target {
    if (!word.startsWith("#")) return { recipient: word }
    const name = word.slice(1)
    const known = Array.from(this.#groups).find(([, each]) => each === name)
    return { group: known === undefined ? name : known[0] }
  }
}
