/** What people and conversations are called at a terminal: a user by name, or by id, a group as `#name`. */
import type { LogEvent, Target } from "../../client/types.ts"
import * as Conversation from "../../domain/Conversation.ts"
import { type ConversationId, type GroupId, system, type UserId } from "../../domain/Ids.ts"
import { nameKey } from "../../domain/Profile.ts"

export class Names {
  readonly me: UserId
  readonly #groups = new Map<string, string>()
  readonly #people = new Map<string, string>()
  /** Those who have names that look the same. */
  readonly #alike = new Map<string, Set<string>>()
  /** What people are called who have no name. */
  readonly #ids = new Set<string>()
  /** Whose name was shown with their id. */
  readonly #introduced = new Set<string>()

  constructor(me: UserId) {
    this.me = me
    this.#ids.add(nameKey(me))
  }

  learn(group: string, name: string): void {
    this.#groups.set(group, name)
  }

  /** How somebody is shown from now on; without a name, by their id. */
  learnPerson(user: string, name: string | undefined): void {
    const before = this.#people.get(user)
    if (before === name || user === system) return
    if (before !== undefined) this.#alike.get(nameKey(before))?.delete(user)
    this.#introduced.delete(user)
    if (name === undefined) return void this.#people.delete(user)
    this.#people.set(user, name)
    const key = nameKey(name)
    const alike = this.#alike.get(key)
    if (alike === undefined) this.#alike.set(key, new Set([user]))
    else alike.add(user)
  }

  isKnown(user: string): boolean {
    return this.#people.has(user) || user === this.me || user === system
  }

  /** The name, with the id where another one, or another's id, looks the same. */
  personOf(user: string): string {
    const name = this.#people.get(user)
    if (name === undefined) {
      this.#ids.add(nameKey(user))
      return user
    }
    const key = nameKey(name)
    const isAnothers = (this.#alike.get(key)?.size ?? 0) > 1 || (key !== nameKey(user) && this.#ids.has(key))
    return isAnothers ? this.#both(user) : name
  }

  /** The same, and the first time with the id whoever it is. */
  introduced(user: string): string {
    if (!this.#people.has(user) || this.#introduced.has(user)) return this.personOf(user)
    this.#introduced.add(user)
    return this.#both(user)
  }

  #both(user: string): string {
    const name = this.#people.get(user)
    return name === undefined || name === user ? user : `${name} (${user})`
  }

  /** The same event with people called as they are shown. */
  told<Event extends LogEvent>(event: Event): Event {
    // For people to read: where an id stands, a name may stand.
    const name = (user: UserId) => this.introduced(user) as UserId
    if (event.type !== "group_changed") {
      return event.sender === system ? event : { ...event, sender: name(event.sender) }
    }
    const { by, change } = event
    const named = "members" in change && change.action !== "created"
      ? { ...change, members: change.members.map(name) }
      : "user" in change
      ? { ...change, user: name(change.user) }
      : change.action === "created"
      ? { ...change, members: change.members.map((each) => ({ ...each, user: name(each.user) })) }
      : change
    return { ...event, by: by === system ? by : name(by), change: named }
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
    if (parsed.kind === "direct") return this.personOf(Conversation.peerOf(parsed.users, this.me) ?? conversation)
    return `#${this.#groups.get(parsed.group) ?? parsed.group}`
  }

  /** The other one of a direct conversation. */
  peerOf(conversation: string): string | undefined {
    const parsed = Conversation.parse(conversation as ConversationId)
    return parsed?.kind === "direct" ? Conversation.peerOf(parsed.users, this.me) : undefined
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
