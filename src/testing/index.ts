/** The contracts, for a store or a bus of your own. */
export { type BusCase, busContract, type BusUnderTest } from "./BusContract.ts"
export { type DirectoryCase, directoryContract } from "./DirectoryContract.ts"
export { Ageing, type JournalCase, journalContract } from "./JournalContract.ts"
export { type ContractCase, messageStoreContract } from "./MessageStoreContract.ts"
export { type SubscriptionsCase, subscriptionsContract } from "./SubscriptionsContract.ts"
