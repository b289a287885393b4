/** The contracts, for what you replace by your own, and a chat in memory to test what you make of it. */
export {
  type AuthenticatorCase,
  authenticatorContract,
  type AuthenticatorUnderTest,
  type Shown
} from "./AuthenticatorContract.ts"
export { type AuthorizationCase, authorizationContract, type AuthorizationUnderTest } from "./AuthorizationContract.ts"
export { type BusCase, busContract, type BusUnderTest } from "./BusContract.ts"
export { type DirectoryCase, directoryContract } from "./DirectoryContract.ts"
export { type FileRecordsCase, fileRecordsContract } from "./FileRecordsContract.ts"
export { type FileStoreCase, fileStoreContract } from "./FileStoreContract.ts"
export { type InvitesCase, invitesContract } from "./InvitesContract.ts"
export { Ageing, type JournalCase, journalContract } from "./JournalContract.ts"
export { type ContractCase, messageStoreContract } from "./MessageStoreContract.ts"
export { type PictureCase, picturesContract } from "./PicturesContract.ts"
export { type PreferencesCase, preferencesContract } from "./PreferencesContract.ts"
export { type PushRecordsCase, pushRecordsContract } from "./PushRecordsContract.ts"
export { type ReportsCase, reportsContract } from "./ReportsContract.ts"
export { type SearchCase, searchContract } from "./SearchContract.ts"
export { type SubscriptionsCase, subscriptionsContract } from "./SubscriptionsContract.ts"
export * as TestChat from "./TestChat.ts"
