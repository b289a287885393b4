/** `switchboard/client`: the typed client, for browsers and Node. */
export type { Attachment } from "../domain/entries/Attachment.ts"
export { isMentioned } from "../domain/entries/Mentions.ts"
export type { JsonObject } from "../domain/entries/MessageData.ts"
export type { Entry, GroupChange, GroupHistory, Role } from "../domain/Entry.ts"
export { ChatError, type ErrorCode } from "../domain/Errors.ts"
export type {
  ConversationList,
  ConversationSettings,
  ConversationSummary,
  GroupInfo,
  HistoryPage,
  IncomingMessage,
  InviteInfo,
  InviteList,
  MessageAccepted,
  Muted,
  OwnSettings,
  ProfileList,
  ProfilePush,
  PushSubscriptions,
  ReceiptList,
  Reported,
  SearchHit,
  SearchResult,
  UsersFound,
  Welcome
} from "../domain/ServerFrame.ts"
export { ChatClient, type ChatClientService, type ClientOptions } from "./ChatClient.ts"
export { ClientError } from "./ClientError.ts"
export type { Commands, EditOptions, ListOptions, Page, SearchOptions } from "./Commands.ts"
export { connect, connectWith, type SimpleClient, type SimpleUploadOptions } from "./connect.ts"
export { type IndexedDb, indexedDbOutbox } from "./indexedDbOutbox.ts"
export type { SendOptions } from "./Outbox.ts"
export { type KeyValue, localStorageOutbox, memoryOutbox, type OutboxStorage } from "./OutboxStorage.ts"
export type { GroupFields, OwnProfile, PushSubscriptionFields } from "./peopleCommands.ts"
export { type Link, LinkClosed, OpenFailed, type OpenRequest, Transport, type TransportService } from "./Transport.ts"
export type { DataSchema } from "./typedData.ts"
export type {
  ChatEvent,
  ClientState,
  Credentials,
  LiveEvent,
  LogEvent,
  OutboxEvent,
  OwnEvent,
  PendingMessage,
  SentFile,
  Target
} from "./types.ts"
export type { UploadedFile, UploadOptions, UploadProgress } from "./Upload.ts"
export type { UploadContent, UploadSource } from "./UploadContent.ts"
export { type UploadAnswer, UploadBroken, type UploadRequest, Uploads, type UploadsService } from "./Uploads.ts"
