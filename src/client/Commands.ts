/** Everything that a client can ask for, a method each. */
import { Effect } from "effect"
import type { GroupHistory, Role } from "../domain/Entry.ts"
import type { ChatError } from "../domain/Errors.ts"
import type {
  Authenticated,
  ConversationList,
  GroupInfo,
  HistoryPage,
  MessageAccepted,
  ReceiptList
} from "../domain/ServerFrame.ts"
import type { ClientError } from "./ClientError.ts"
import type { SendOptions } from "./Outbox.ts"
import type { AnswerTo, Ask, Target } from "./types.ts"

type Answer<A> = Effect.Effect<A, ChatError | ClientError>

export interface ChangeOptions {
  /** Names the change: whoever makes it again under this name, also after a restart, makes it once (P3). */
  readonly id?: string
}

/** Exactly one of `before` and `after`. */
export interface Page {
  readonly before?: number
  readonly after?: number
  readonly limit?: number
}

/** By name, or the latest first; `cursor` is that of the last answer. */
export type ListOptions =
  | { readonly after?: string; readonly limit?: number }
  | { readonly order: "recent"; readonly cursor?: string; readonly limit?: number }

export interface Commands {
  /** One call is one message however often the network fails. Comes back once it is accepted. */
  readonly send: (target: Target, text: string, options?: SendOptions) => Answer<MessageAccepted>
  readonly edit: (target: Target, seq: number, text: string, options?: ChangeOptions) => Answer<MessageAccepted>
  readonly delete: (target: Target, seq: number, options?: ChangeOptions) => Answer<MessageAccepted>
  readonly react: (
    target: Target,
    seq: number,
    emoji: string,
    options?: ChangeOptions & { readonly remove?: boolean }
  ) => Answer<MessageAccepted>
  readonly history: (target: Target, page: Page) => Answer<HistoryPage>
  readonly conversations: (options?: ListOptions) => Answer<ConversationList>
  readonly receipts: (target: Target) => Answer<ReceiptList>
  /** Moves the user's read position. Lost without a connection, as the next one makes up for it. */
  readonly read: (conversation: string, upTo: number) => Effect.Effect<void>
  /** Lost without a connection. */
  readonly typing: (target: Target, active: boolean) => Effect.Effect<void>
  readonly createGroup: (
    name: string,
    members: ReadonlyArray<string>,
    options?: { readonly history?: GroupHistory }
  ) => Answer<GroupInfo>
  readonly addMembers: (group: string, members: ReadonlyArray<string>) => Answer<GroupInfo>
  readonly removeMembers: (group: string, members: ReadonlyArray<string>) => Answer<GroupInfo>
  readonly setRole: (group: string, user: string, role: Role) => Answer<GroupInfo>
  readonly renameGroup: (group: string, name: string) => Answer<GroupInfo>
  /** Also succeeds for somebody who is out already, as by a first try whose answer was lost. */
  readonly leaveGroup: (group: string) => Answer<void>
  readonly groupInfo: (group: string) => Answer<GroupInfo>
  /** The states arrive as `presence` events; subscriptions are renewed after each reconnect. */
  readonly subscribePresence: (users: ReadonlyArray<string>) => Answer<void>
  readonly unsubscribePresence: (users: ReadonlyArray<string>) => Answer<void>
  readonly block: (user: string) => Answer<ReadonlyArray<string>>
  readonly unblock: (user: string) => Answer<ReadonlyArray<string>>
  readonly blockedUsers: Answer<ReadonlyArray<string>>
  /** Prolongs the session; with `Token` credentials the client does it by itself. */
  readonly refreshAuth: (token: string) => Answer<Authenticated>
}

export interface CommandsOptions {
  readonly ask: <F extends Ask>(frame: F) => Answer<AnswerTo<F["type"]>>
  /** What is asked here the client needs to know, too. */
  readonly list: (frame: Extract<Ask, { readonly type: "conversations" }>) => Answer<ConversationList>
  readonly tell: (frame: object) => boolean
  readonly send: Commands["send"]
  readonly subscribePresence: Commands["subscribePresence"]
  readonly unsubscribePresence: Commands["unsubscribePresence"]
}

export const makeCommands = (
  { ask, list, send, subscribePresence, tell, unsubscribePresence }: CommandsOptions
): Commands => ({
  send,
  edit: (target, seq, text, options) => ask({ type: "edit_message", ...target, seq, text, ...options }),
  delete: (target, seq, options) => ask({ type: "delete_message", ...target, seq, ...options }),
  react: (target, seq, emoji, options) => ask({ type: "react", ...target, seq, emoji, ...options }),
  history: (target, page) => ask({ type: "history", ...target, ...page }),
  conversations: (options) => list({ type: "conversations", ...options }),
  receipts: (target) => ask({ type: "receipts", ...target }),
  read: (conversation, upTo) => Effect.sync(() => void tell({ type: "read", conversation, up_to: upTo })),
  typing: (target, active) => Effect.sync(() => void tell({ type: "typing", ...target, active })),
  createGroup: (name, members, options) => ask({ type: "create_group", name, members, ...options }),
  addMembers: (group, members) => ask({ type: "add_members", group, members }),
  removeMembers: (group, members) => ask({ type: "remove_members", group, members }),
  setRole: (group, user, role) => ask({ type: "set_role", group, user, role }),
  renameGroup: (group, name) => ask({ type: "rename_group", group, name }),
  leaveGroup: (group) =>
    ask({ type: "leave_group", group }).pipe(
      Effect.asVoid,
      Effect.catchTag("ChatError", (error) => error.code === "not_a_member" ? Effect.void : Effect.fail(error))
    ),
  groupInfo: (group) => ask({ type: "group_info", group }),
  subscribePresence,
  unsubscribePresence,
  block: (user) => Effect.map(ask({ type: "block", user }), ({ users }) => users),
  unblock: (user) => Effect.map(ask({ type: "unblock", user }), ({ users }) => users),
  blockedUsers: Effect.map(ask({ type: "blocked_users" }), ({ users }) => users),
  refreshAuth: (token) => ask({ type: "refresh_auth", token })
})
