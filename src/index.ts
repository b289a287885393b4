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
  FileId,
  GroupId,
  MessageId,
  Sender,
  SessionId,
  system,
  UserId
} from "./domain/Ids.ts"
export * as ServerFrame from "./domain/ServerFrame.ts"
export { AuditLog } from "./services/access/AuditLog.ts"
export {
  Authenticator,
  type ConnectRequest,
  deviceOf,
  type Grant,
  type Identity,
  type PhoneHeaderOptions,
  Refused
} from "./services/access/Authenticator.ts"
export { allowAll, Authorization, type AuthorizationPolicy, type Decision } from "./services/access/Authorization.ts"
export { TrustedProxies, trusting } from "./services/access/ClientAddress.ts"
export * as JwtAuthenticator from "./services/access/JwtAuthenticator.ts"
export * as JwtKeys from "./services/access/JwtKeys.ts"
export * as OpenIdProvider from "./services/access/OpenIdProvider.ts"
export { AllowedOrigins } from "./services/access/Origins.ts"
export { type ConnectionPage, Connections } from "./services/admin/Connections.ts"
export { type Described, GroupAdmin, type NewGroup } from "./services/admin/GroupAdmin.ts"
export { InviteAdmin } from "./services/admin/InviteAdmin.ts"
export { MessageAdmin, type PageOptions } from "./services/admin/MessageAdmin.ts"
export { ReportAdmin, type ReportPage } from "./services/admin/ReportAdmin.ts"
export { SearchAdmin, type SearchAdminOptions } from "./services/admin/SearchAdmin.ts"
export { type ServerStats, Stats } from "./services/admin/Stats.ts"
export { type UserRecord, Users, type UserState } from "./services/admin/Users.ts"
export { Admission } from "./services/admission/Admission.ts"
export { Bans } from "./services/admission/Bans.ts"
export { Tickets } from "./services/admission/Tickets.ts"
export { Api } from "./services/api/Api.ts"
export * as BasePath from "./services/BasePath.ts"
export { Bus, BusError, type BusEvent } from "./services/cluster/Bus.ts"
export { Cluster, type ClusterStatus, type NodeStatus } from "./services/cluster/Cluster.ts"
export * as ClusterNode from "./services/cluster/ClusterNode.ts"
export { MemoryBus } from "./services/cluster/MemoryBus.ts"
export { PostgresBus, type PostgresBusOptions } from "./services/cluster/PostgresBus.ts"
export { RedisBus, type RedisBusOptions } from "./services/cluster/RedisBus.ts"
export { Events, type SubscribeOptions } from "./services/events/Events.ts"
export { LogEvent } from "./services/events/LogEvent.ts"
export { FileLinks } from "./services/files/FileLinks.ts"
export { FilePolicy, type FileVerdict, type OfferedFile } from "./services/files/FilePolicy.ts"
export { FileRefused, Files, type Upload } from "./services/files/Files.ts"
export {
  type FilePart,
  FileStore,
  FileStoreError,
  type ListedFile,
  type StoredFile
} from "./services/files/FileStore.ts"
export { FolderFileStore, type FolderFileStoreOptions } from "./services/files/FolderFileStore.ts"
export { MemoryFileStore, type MemoryFileStoreOptions } from "./services/files/MemoryFileStore.ts"
export { S3FileStore, type S3FileStoreOptions } from "./services/files/S3FileStore.ts"
export * as AdminAccess from "./services/http/AdminAccess.ts"
export * as ApiRoutes from "./services/http/ApiRoutes.ts"
export * as ChatRoutes from "./services/http/ChatRoutes.ts"
export * as HealthRoutes from "./services/http/HealthRoutes.ts"
export * as MetricsRoutes from "./services/http/MetricsRoutes.ts"
export * as WebRoutes from "./services/http/WebRoutes.ts"
export { Lifeline } from "./services/kernel/Lifeline.ts"
export { MessageDataSchema } from "./services/MessageDataSchema.ts"
export { OtherServers } from "./services/OtherServers.ts"
export { type DirectoryMode, PeopleDirectory } from "./services/PeopleDirectory.ts"
export { type Erased, type ExportPart, PersonalData } from "./services/personal/PersonalData.ts"
export { type PushOptions, PushSettings } from "./services/push/Push.ts"
export { Readiness } from "./services/Readiness.ts"
export { type Hits, type Wanted } from "./services/search/Searches.ts"
export { type ChatEvent, ChatEvents } from "./services/server/ChatEvents.ts"
export { type SendOptions, ServerActor } from "./services/server/ServerActor.ts"
export { Settings, type SettingValues } from "./services/Settings.ts"
export {
  Directory,
  type KnownUser,
  type StoredProfile,
  type StoreSize,
  type UserDetails
} from "./services/storage/Directory.ts"
export { type FileRecord, FileRecords, type FileState, type NewFile } from "./services/storage/FileRecords.ts"
export { Invites, type StoredInvite } from "./services/storage/Invites.ts"
export { Journal } from "./services/storage/Journal.ts"
export { MemoryMessageStore, type MemoryMessageStoreOptions } from "./services/storage/MemoryMessageStore.ts"
export { type Membership, MessageStore, StoreError } from "./services/storage/MessageStore.ts"
export { PostgresMessageStore, type PostgresMessageStoreOptions } from "./services/storage/PostgresMessageStore.ts"
export { type NewReport, Reports, type StoredReport } from "./services/storage/Reports.ts"
export * as Retention from "./services/storage/Retention.ts"
export { type Found, Search, type SearchOptions, type SearchPage } from "./services/storage/Search.ts"
export { ServerKeys } from "./services/storage/ServerKeys.ts"
export { SqliteMessageStore, type SqliteMessageStoreOptions } from "./services/storage/SqliteMessageStore.ts"
export { Subscriptions } from "./services/storage/Subscriptions.ts"
export type { UserExport } from "./services/storage/UserData.ts"
export * as Switchboard from "./services/Switchboard.ts"
export * as MessageTraces from "./services/telemetry/MessageTraces.ts"
export { Collectors, MetricCollectors } from "./services/telemetry/MetricCollectors.ts"
export { Metrics } from "./services/telemetry/Metrics.ts"
export type { Sampler } from "./services/telemetry/Sampler.ts"
export * as BunServer from "./services/transport/BunServer.ts"
export { TlsError, type TlsFiles } from "./services/transport/Certificate.ts"
export { Gateway } from "./services/transport/Gateway.ts"
export * as NodeServer from "./services/transport/NodeServer.ts"
export { Tls } from "./services/transport/Tls.ts"
export { redacting, UserNames } from "./services/UserNames.ts"
export { type WebhookEventType, type WebhookOptions } from "./services/webhooks/WebhookOptions.ts"
export { Webhooks } from "./services/webhooks/Webhooks.ts"
