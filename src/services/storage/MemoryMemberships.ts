/** Which conversations a user is or was in: what lists are read by. */
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import type { MemberRow } from "./Rows.ts"
import { placeAfter } from "./sorted.ts"

const none: ReadonlyArray<ConversationId> = []
const noGroups: ReadonlySet<ConversationId> = new Set()

export class MemoryMemberships {
  /** In rising order, so that a page costs a page. */
  readonly #conversations = new Map<UserId, Array<ConversationId>>()
  readonly #groups = new Map<UserId, Set<ConversationId>>()

  /** A member of a conversation is this by now, and which is new to it where that is said. */
  note({ conversation, left_seq, user_id }: MemberRow, isNew: boolean): void {
    if (Conversation.isGroup(conversation)) this.#noteGroup(user_id, conversation, left_seq === null)
    if (!isNew) return
    const conversations = this.#conversations.get(user_id)
    if (conversations === undefined) this.#conversations.set(user_id, [conversation])
    else conversations.splice(placeAfter(conversations, conversation), 0, conversation)
  }

  #noteGroup(user: UserId, conversation: ConversationId, isIn: boolean): void {
    let groups = this.#groups.get(user)
    if (groups === undefined) this.#groups.set(user, groups = new Set())
    if (isIn) groups.add(conversation)
    else groups.delete(conversation)
  }

  /** Whoever is in a conversation or was in a group. */
  users(): Iterable<UserId> {
    return this.#conversations.keys()
  }

  /** In rising order. */
  of(user: UserId): ReadonlyArray<ConversationId> {
    return this.#conversations.get(user) ?? none
  }

  /** The groups that the user is in now. */
  groupsOf(user: UserId): ReadonlySet<ConversationId> {
    return this.#groups.get(user) ?? noGroups
  }

  erase(user: UserId): void {
    this.#conversations.delete(user)
    this.#groups.delete(user)
  }
}
