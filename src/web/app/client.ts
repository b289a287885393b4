/** The one door to `src/client`. */
import type { Entry, GroupHistory, Role } from "../../domain/Entry.ts"
import type {
  ConversationSummary,
  GroupInfo,
  HistoryPage,
  MessageAccepted,
  ReceiptList,
  ServerFrame,
  Welcome
} from "../../domain/ServerFrame.ts"
export type { ConversationSummary, Entry, GroupHistory, GroupInfo, HistoryPage, MessageAccepted, ReceiptList, Role }
/** Exactly one of the three. */
export type Target = { recipient: string } | { group: string } | { conversation: string }

export type ClientState =
  | { readonly _tag: "Connecting" }
  | { readonly _tag: "Ready"; readonly welcome: Welcome }
  | { readonly _tag: "Reconnecting"; readonly attempt: number; readonly delayMillis: number; readonly reason: string }
  /** For good: left by `close`, or a close code / refusal that forbids coming back as one is. */
  | { readonly _tag: "Closed"; readonly reason: string; readonly code?: number }

/** A message that was said here and has no answer yet. It survives reconnects and, with a durable outbox, restarts. */
export interface PendingMessage {
  readonly id: string
  readonly target: Target
  readonly text: string
  readonly replyTo?: number
  readonly at: number
}

/** What is pushed (each log entry exactly once and in order per conversation), and what became of pending messages. */
export type ChatEvent =
  | Extract<
    ServerFrame,
    {
      type:
        | "incoming_message"
        | "message_edited"
        | "message_deleted"
        | "reaction"
        | "group_changed"
        | "receipt"
        | "presence"
        | "typing"
        | "auth_expiring"
    }
  >
  | { readonly type: "pending"; readonly message: PendingMessage }
  | { readonly type: "accepted"; readonly message: PendingMessage; readonly accepted: MessageAccepted }
  | { readonly type: "failed"; readonly message: PendingMessage; readonly code: string; readonly reason: string }

/** Storage of the outbox: memory, localStorage (browser), file (Node). */
export interface OutboxStorage {/* load(): all pending; put(message); remove(id) */}

/** How to get in; asked anew for every attempt. */
export type Credentials =
  | { readonly _tag: "PhoneNumber"; readonly user: string } // Node only: a header
  | { readonly _tag: "Token"; readonly token: () => Promise<string> | string } // Node: Authorization; browser: subprotocol bearer.<token>
  | { readonly _tag: "Ticket"; readonly ticket: () => Promise<string> | string } // ?ticket=

/** The Promise/callback face, `import { connect } from "switchboard/client"`. The Effect service `ChatClient` has the same methods as Effects. */
export interface SimpleClient {
  readonly state: ClientState
  readonly pending: ReadonlyArray<PendingMessage>
  /** Called with the present state at once, then with each new one. Returns the way to stop. */
  onState(listener: (state: ClientState) => void): () => void
  /** A push counts as received by the application when the listener has returned; `received` is confirmed to the server after that. */
  onEvent(listener: (event: ChatEvent) => void): () => void
  /** One call is one message however often the network fails. Resolves once accepted; rejects with ChatError when refused for good. */
  send(
    target: Target,
    text: string,
    options?: { readonly replyTo?: number; readonly id?: string }
  ): Promise<MessageAccepted>
  edit(target: Target, seq: number, text: string): Promise<MessageAccepted>
  delete(target: Target, seq: number): Promise<MessageAccepted>
  react(target: Target, seq: number, emoji: string, options?: { readonly remove?: boolean }): Promise<MessageAccepted>
  history(
    target: Target,
    page: { readonly before?: number; readonly after?: number; readonly limit?: number }
  ): Promise<HistoryPage>
  conversations(
    options?: { readonly after?: string; readonly limit?: number }
  ): Promise<{ conversations: ReadonlyArray<ConversationSummary>; has_more: boolean }>
  receipts(target: Target): Promise<ReceiptList>
  /** Moves the user's read position; no answer. */
  read(conversation: string, upTo: number): void
  typing(target: Target, active: boolean): void
  createGroup(
    name: string,
    members: ReadonlyArray<string>,
    options?: { readonly history?: GroupHistory }
  ): Promise<GroupInfo>
  addMembers(group: string, members: ReadonlyArray<string>): Promise<GroupInfo>
  removeMembers(group: string, members: ReadonlyArray<string>): Promise<GroupInfo>
  setRole(group: string, user: string, role: Role): Promise<GroupInfo>
  renameGroup(group: string, name: string): Promise<GroupInfo>
  leaveGroup(group: string): Promise<GroupInfo>
  groupInfo(group: string): Promise<GroupInfo>
  /** The states arrive as `presence` events; subscriptions are renewed after each reconnect. */
  subscribePresence(users: ReadonlyArray<string>): Promise<void>
  unsubscribePresence(users: ReadonlyArray<string>): Promise<void>
  block(user: string): Promise<ReadonlyArray<string>>
  unblock(user: string): Promise<ReadonlyArray<string>>
  blockedUsers(): Promise<ReadonlyArray<string>>
  close(): Promise<void>
}
