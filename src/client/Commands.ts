/** Everything that a client can ask for, a method each: `ChatClient` has them as Effects, `connect` as promises. */
import { Effect } from "effect"
import { defined } from "../domain/defined.ts"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import type { GroupHistory, Role } from "../domain/Entry.ts"
import type {
  Authenticated,
  BlockedUsers,
  ConversationList,
  GroupInfo,
  HistoryPage,
  MessageAccepted,
  ReceiptList,
  SearchResult
} from "../domain/ServerFrame.ts"
import { inParts } from "./inParts.ts"
import type { Outbox } from "./Outbox.ts"
import { makePeopleCommands } from "./peopleCommands.ts"
import type { PresenceSubscriptions } from "./PresenceSubscriptions.ts"
import type { Answer, Ask, AskFor, Target } from "./types.ts"
import type { Unanswered } from "./Unanswered.ts"

export interface ChangeOptions {
  /** Names the change: whoever makes it again under this name, also after a restart, makes it once (P3). */
  readonly id?: string
}

export interface EditOptions<Data = JsonObject> extends ChangeOptions {
  /** In place of the message's data; without it that stays. With it the text may be empty. */
  readonly data?: Data
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

/** What to look for. Without words, say who wrote it, when, or what it has to have. */
export interface SearchOptions {
  /** Words, found by their beginnings, without regard to case and accents; `"a phrase"` in quotes. */
  readonly query: string
  /** Without it, in all conversations. */
  readonly target?: Target
  readonly sender?: string
  /** Said before, or after, that time: milliseconds since the epoch. */
  readonly beforeAt?: number
  readonly afterAt?: number
  readonly has?: "file" | "link"
  /** That of the last answer to the same search. */
  readonly cursor?: string
  readonly limit?: number
}

export interface CommandsOptions {
  readonly ask: AskFor
  /** What is asked here the client needs to know, too. */
  readonly list: (frame: Extract<Ask, { readonly type: "conversations" }>) => Answer<ConversationList>
  readonly tell: (frame: object) => boolean
  readonly say: Unanswered["say"]
  readonly outbox: Outbox
  readonly presence: PresenceSubscriptions
}

export const makeCommands = ({ ask, list, outbox, presence, say, tell }: CommandsOptions) => {
  const blocked = (frame: Ask): Answer<ReadonlyArray<string>> =>
    Effect.map(ask<BlockedUsers>(frame), ({ users }) => users)
  const add = (group: string, members: ReadonlyArray<string>): Answer<GroupInfo> =>
    ask({ type: "add_members", group, members })
  return {
    ...makePeopleCommands(ask),
    /** One call is one message however often the network fails. Comes back once it is accepted. */
    send: outbox.send,
    edit: (target: Target, seq: number, text: string, options?: EditOptions): Answer<MessageAccepted> =>
      ask({ type: "edit_message", ...target, seq, text, ...options }),
    delete: (target: Target, seq: number, options?: ChangeOptions): Answer<MessageAccepted> =>
      ask({ type: "delete_message", ...target, seq, ...options }),
    react: (
      target: Target,
      seq: number,
      emoji: string,
      options?: ChangeOptions & { readonly remove?: boolean }
    ): Answer<MessageAccepted> => ask({ type: "react", ...target, seq, emoji, ...options }),
    history: (target: Target, page: Page): Answer<HistoryPage> => ask({ type: "history", ...target, ...page }),
    conversations: (options?: ListOptions): Answer<ConversationList> => list({ type: "conversations", ...options }),
    /**
     * The newest first. An answer may have few hits, or none, and a `cursor`: there is more to look at, so ask again with
     * it. `ranges` of a hit are where its text has what was looked for.
     */
    search: (
      { afterAt: after_at, beforeAt: before_at, target, ...rest }: SearchOptions
    ): Answer<SearchResult> => ask({ type: "search", ...rest, ...target, ...defined({ after_at, before_at }) }),
    receipts: (target: Target): Answer<ReceiptList> => ask({ type: "receipts", ...target }),
    /** Moves the user's read position. Lost without a connection, as the next one makes up for it. */
    read: (conversation: string, upTo: number): Effect.Effect<void> =>
      Effect.sync(() => void say({ type: "read", conversation, up_to: upTo })),
    /** Lost without a connection. */
    typing: (target: Target, active: boolean): Effect.Effect<void> =>
      Effect.sync(() => void tell({ type: "typing", ...target, active })),
    /** More than a frame holds are added afterwards, some at a time. */
    createGroup: (
      name: string,
      members: ReadonlyArray<string>,
      options?: { readonly history?: GroupHistory }
    ): Answer<GroupInfo> => {
      const [first, ...others] = inParts(members)
      return others.reduce(
        (made, part) => Effect.flatMap(made, ({ group }) => add(group, part)),
        ask<GroupInfo>({ type: "create_group", name, members: first, ...options })
      )
    },
    /** More than a frame holds are added some at a time. */
    addMembers: (group: string, members: ReadonlyArray<string>): Answer<GroupInfo> => {
      const [first, ...others] = inParts(members)
      return others.reduce((added, part) => Effect.andThen(added, add(group, part)), add(group, first))
    },
    removeMembers: (group: string, members: ReadonlyArray<string>, reason?: string): Answer<GroupInfo> =>
      ask({ type: "remove_members", group, members, ...defined({ reason }) }),
    setRole: (group: string, user: string, role: Role): Answer<GroupInfo> =>
      ask({ type: "set_role", group, user, role }),
    renameGroup: (group: string, name: string): Answer<GroupInfo> => ask({ type: "rename_group", group, name }),
    /** Also succeeds for somebody who is out already, as by a first try whose answer was lost. */
    leaveGroup: (group: string): Answer<void> =>
      ask({ type: "leave_group", group }).pipe(
        Effect.asVoid,
        Effect.catchTag("ChatError", (error) => error.code === "not_a_member" ? Effect.void : Effect.fail(error))
      ),
    groupInfo: (group: string): Answer<GroupInfo> => ask({ type: "group_info", group }),
    /** The states arrive as `presence` events; subscriptions are renewed after each reconnect. */
    subscribePresence: presence.subscribe,
    unsubscribePresence: presence.unsubscribe,
    block: (user: string) => blocked({ type: "block", user }),
    unblock: (user: string) => blocked({ type: "unblock", user }),
    blockedUsers: blocked({ type: "blocked_users" }),
    /** Prolongs the session; with `Token` credentials the client does it by itself. */
    refreshAuth: (token: string): Answer<Authenticated> => ask({ type: "refresh_auth", token })
  } as const
}

export type Commands = ReturnType<typeof makeCommands>
