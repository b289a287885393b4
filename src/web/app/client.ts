/** The one door to `src/client`. */
export { ChatError, ClientError, connect, localStorageOutbox } from "../../client/index.ts"
export type {
  ChatEvent,
  ClientState,
  ConversationList,
  ConversationSummary,
  Entry,
  GroupHistory,
  GroupInfo,
  HistoryPage,
  LogEvent,
  MessageAccepted,
  PendingMessage,
  ReceiptList,
  Role,
  SimpleClient,
  Target
} from "../../client/index.ts"
