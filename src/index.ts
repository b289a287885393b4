/** What an embedding app imports. See examples/embed. */
import "effect/schema/SchemaJITCompiler/enable"

export * as ClientFrame from "./domain/ClientFrame.ts"
export * as CloseCode from "./domain/CloseCode.ts"
export * as Conversation from "./domain/Conversation.ts"
export * as Entry from "./domain/Entry.ts"
export { ChatError, ErrorCode } from "./domain/Errors.ts"
export * as FrameCodec from "./domain/FrameCodec.ts"
export {
  ClientId,
  ConversationId,
  defaultDevice,
  DeviceId,
  GroupId,
  MessageId,
  SessionId,
  UserId
} from "./domain/Ids.ts"
export * as ServerFrame from "./domain/ServerFrame.ts"
export { Admission } from "./services/access/Admission.ts"
export { allowAll, Authorization, type AuthorizationPolicy, type Decision } from "./services/access/Authorization.ts"
export { Bans } from "./services/access/Bans.ts"
export { TrustedProxies, trusting } from "./services/access/ClientAddress.ts"
export * as JwtAuthenticator from "./services/access/JwtAuthenticator.ts"
export * as JwtKeys from "./services/access/JwtKeys.ts"
export { AllowedOrigins } from "./services/access/Origins.ts"
export { Tickets } from "./services/access/Tickets.ts"
export { AuditLog, redacting, UserNames } from "./services/AuditLog.ts"
export {
  Authenticator,
  type ConnectRequest,
  deviceOf,
  type Grant,
  type Identity,
  type PhoneHeaderOptions,
  Refused
} from "./services/Authenticator.ts"
export * as BasePath from "./services/BasePath.ts"
export { type ChatEvent, ChatEvents } from "./services/ChatEvents.ts"
export * as AdminAccess from "./services/http/AdminAccess.ts"
export { Api } from "./services/http/Api.ts"
export * as ApiRoutes from "./services/http/ApiRoutes.ts"
export * as ChatRoutes from "./services/http/ChatRoutes.ts"
export * as HealthRoutes from "./services/http/HealthRoutes.ts"
export * as WebRoutes from "./services/http/WebRoutes.ts"
export { Lifeline } from "./services/Lifeline.ts"
export { type Erased, PersonalData } from "./services/PersonalData.ts"
export { Readiness } from "./services/Readiness.ts"
export * as Retention from "./services/Retention.ts"
export { type SendOptions, ServerActor } from "./services/ServerActor.ts"
export { Settings, type SettingValues } from "./services/Settings.ts"
export { MemoryMessageStore, type MemoryMessageStoreOptions } from "./services/storage/MemoryMessageStore.ts"
export { type Membership, MessageStore, StoreError } from "./services/storage/MessageStore.ts"
export { PostgresMessageStore, type PostgresMessageStoreOptions } from "./services/storage/PostgresMessageStore.ts"
export { SqliteMessageStore, type SqliteMessageStoreOptions } from "./services/storage/SqliteMessageStore.ts"
export type { UserExport } from "./services/storage/UserData.ts"
export * as Switchboard from "./services/Switchboard.ts"
export { Gateway } from "./services/transport/Gateway.ts"
export * as NodeServer from "./services/transport/NodeServer.ts"
