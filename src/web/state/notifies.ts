/** Whether the user is to be told of something that happened, wherever it is shown then. */
import type { ChatEvent, IncomingMessage } from "../../client/index.ts"
import { wants } from "./attention.ts"
import { lookUp } from "./lookUp.ts"
import { isMentioned } from "./mentions.ts"
import type { State } from "./model.ts"

export interface Told {
  readonly message: IncomingMessage
  /** It means the user, by name or with all others of the group. */
  readonly mentioned: boolean
  /** It was said before this connection began: one of what was missed, and not of what goes on. */
  readonly missed: boolean
}

/** The part of the state that decides. */
export type Listener = Pick<State, "blocked" | "conversations" | "link" | "me">

/**
 * `state` is what was known before the event. Only texts of others are told of; edits, deletes, reactions and what becomes
 * of a group are not. That a conversation is archived makes no difference: a message brings it back.
 */
export const notifies = (state: Listener, event: ChatEvent, now: number): Told | undefined => {
  if (event.type !== "incoming_message" || event.sender === state.me) return undefined
  // Withheld, or gone before it came here.
  if (event.deleted === true || event.hidden === true || state.blocked.includes(event.sender)) return undefined
  const conversation = lookUp(state.conversations, event.conversation)
  // Read elsewhere. The list may know of it already; the client tells of each only once.
  if (event.seq <= (conversation?.read ?? 0)) return undefined
  const mentioned = isMentioned({ ...event, kind: "text" }, state.me)
  if (!wants(conversation?.wishes ?? {}, mentioned, now)) return undefined
  const since = state.link._tag === "Ready" ? state.link.welcome.server_time : Infinity
  return { message: event, mentioned, missed: event.at < since }
}
