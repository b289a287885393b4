/** The client for people who do not use Effect: promises and callbacks around the same `ChatClient`. */
import { Effect, Exit, Layer, Scope, Stream } from "effect"
import type { GroupHistory, Role } from "../domain/Entry.ts"
import type {
  Authenticated,
  ConversationList,
  GroupInfo,
  HistoryPage,
  MessageAccepted,
  ReceiptList
} from "../domain/ServerFrame.ts"
import { ChatClient, type ClientOptions } from "./ChatClient.ts"
import type { ChangeOptions, ListOptions, Page } from "./Commands.ts"
import type { SendOptions } from "./Outbox.ts"
import { Transport, type TransportService } from "./Transport.ts"
import type { ChatEvent, ClientState, PendingMessage, Target } from "./types.ts"

/** The same client with promises. They reject with a `ChatError` or a `ClientError`. */
export interface SimpleClient {
  readonly state: ClientState
  /** Messages that were said here and have no answer yet. */
  readonly pending: ReadonlyArray<PendingMessage>
  /** Called with the present state at once, then with each new one. Returns the way to stop. */
  onState(listener: (state: ClientState) => void): () => void
  /** An event counts as taken when the listeners have returned; pushes are confirmed to the server after that. */
  onEvent(listener: (event: ChatEvent) => void): () => void
  /** One call is one message however often the network fails. Resolves once it is accepted. */
  send(target: Target, text: string, options?: SendOptions): Promise<MessageAccepted>
  edit(target: Target, seq: number, text: string, options?: ChangeOptions): Promise<MessageAccepted>
  delete(target: Target, seq: number, options?: ChangeOptions): Promise<MessageAccepted>
  react(
    target: Target,
    seq: number,
    emoji: string,
    options?: ChangeOptions & { readonly remove?: boolean }
  ): Promise<MessageAccepted>
  history(target: Target, page: Page): Promise<HistoryPage>
  conversations(options?: ListOptions): Promise<ConversationList>
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
  leaveGroup(group: string): Promise<void>
  groupInfo(group: string): Promise<GroupInfo>
  /** The states arrive as `presence` events; subscriptions are renewed after each reconnect. */
  subscribePresence(users: ReadonlyArray<string>): Promise<void>
  unsubscribePresence(users: ReadonlyArray<string>): Promise<void>
  block(user: string): Promise<ReadonlyArray<string>>
  unblock(user: string): Promise<ReadonlyArray<string>>
  blockedUsers(): Promise<ReadonlyArray<string>>
  refreshAuth(token: string): Promise<Authenticated>
  /** The network may have changed: connects now instead of later, or asks whether the line is alive. */
  wake(): void
  close(): Promise<void>
}

/** The browser's word that the network came or went, where there is a browser. */
const onNetworkChange = (callback: () => void): () => void => {
  const target = globalThis as Partial<Pick<EventTarget, "addEventListener" | "removeEventListener">>
  for (const type of ["online", "offline"]) target.addEventListener?.(type, callback)
  return () => {
    for (const type of ["online", "offline"]) target.removeEventListener?.(type, callback)
  }
}

/** `connect` over a transport of your own. */
export const connectWith = (options: ClientOptions, transport: TransportService | undefined): SimpleClient => {
  const scope = Scope.makeUnsafe()
  const client = Effect.runSync(
    ChatClient.make(options).pipe(
      Effect.provide(transport === undefined ? Layer.empty : Layer.succeed(Transport, transport)),
      Scope.provide(scope)
    )
  )
  const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(effect)
  const now = <A>(effect: Effect.Effect<A>): A => Effect.runSync(effect)
  const listeners = new Set<(event: ChatEvent) => void>()
  const stopListening = onNetworkChange(() => now(client.wake))
  let consuming = false

  /** One listener that throws takes nothing from the others, nor from itself later. */
  const dispatch = (event: ChatEvent) =>
    Effect.forEach(
      Array.from(listeners),
      (listener) =>
        Effect.sync(() => listener(event)).pipe(
          Effect.catchDefect((defect) => Effect.logError("A listener of onEvent threw.", defect))
        ),
      { discard: true }
    )

  // Events wait for the first listener.
  const consume = () => {
    if (consuming) return
    consuming = true
    Effect.runSync(Effect.forkIn(Stream.runForEach(client.events, dispatch), scope))
  }

  return {
    get state() {
      return now(client.currentState)
    },
    get pending() {
      return now(client.pending)
    },
    onState: (listener) => {
      listener(now(client.currentState))
      return client.listenState(listener)
    },
    onEvent: (listener) => {
      listeners.add(listener)
      consume()
      return () => void listeners.delete(listener)
    },
    send: (target, text, options) => run(client.send(target, text, options)),
    edit: (target, seq, text, options) => run(client.edit(target, seq, text, options)),
    delete: (target, seq, options) => run(client.delete(target, seq, options)),
    react: (target, seq, emoji, options) => run(client.react(target, seq, emoji, options)),
    history: (target, page) => run(client.history(target, page)),
    conversations: (options) => run(client.conversations(options)),
    receipts: (target) => run(client.receipts(target)),
    read: (conversation, upTo) => now(client.read(conversation, upTo)),
    typing: (target, active) => now(client.typing(target, active)),
    createGroup: (name, members, options) => run(client.createGroup(name, members, options)),
    addMembers: (group, members) => run(client.addMembers(group, members)),
    removeMembers: (group, members) => run(client.removeMembers(group, members)),
    setRole: (group, user, role) => run(client.setRole(group, user, role)),
    renameGroup: (group, name) => run(client.renameGroup(group, name)),
    leaveGroup: (group) => run(client.leaveGroup(group)),
    groupInfo: (group) => run(client.groupInfo(group)),
    subscribePresence: (users) => run(client.subscribePresence(users)),
    unsubscribePresence: (users) => run(client.unsubscribePresence(users)),
    block: (user) => run(client.block(user)),
    unblock: (user) => run(client.unblock(user)),
    blockedUsers: () => run(client.blockedUsers),
    refreshAuth: (token) => run(client.refreshAuth(token)),
    wake: () => now(client.wake),
    close: () => {
      stopListening()
      return run(Effect.andThen(client.close, Scope.close(scope, Exit.void)))
    }
  }
}

/** Connects at once, with the platform's own WebSocket, and stays connected until `close`. */
export const connect = (options: ClientOptions): SimpleClient => connectWith(options, undefined)
