/** `switchboard/client`: the typed client, for browsers and Node. */
export type { Entry, GroupChange, GroupHistory, Role } from "../domain/Entry.ts"
export { ChatError, type ErrorCode } from "../domain/Errors.ts"
export type {
  ConversationList,
  ConversationSummary,
  GroupInfo,
  HistoryPage,
  IncomingMessage,
  MessageAccepted,
  ReceiptList,
  Welcome
} from "../domain/ServerFrame.ts"
export { ChatClient, type ChatClientService, type ClientOptions } from "./ChatClient.ts"
export { ClientError } from "./ClientError.ts"
export type { Commands, ListOptions, Page } from "./Commands.ts"
export { connect, connectWith, type SimpleClient } from "./connect.ts"
export { type IndexedDb, indexedDbOutbox } from "./indexedDbOutbox.ts"
export type { SendOptions } from "./Outbox.ts"
export { type KeyValue, localStorageOutbox, memoryOutbox, type OutboxStorage } from "./OutboxStorage.ts"
export { type Link, LinkClosed, OpenFailed, type OpenRequest, Transport, type TransportService } from "./Transport.ts"
export type {
  ChatEvent,
  ClientState,
  Credentials,
  LiveEvent,
  LogEvent,
  OutboxEvent,
  OwnEvent,
  PendingMessage,
  Target
} from "./types.ts"
