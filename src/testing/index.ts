/** The contracts, for a store of your own. */
export { Ageing, type JournalCase, journalContract } from "./JournalContract.ts"
export { type ContractCase, messageStoreContract } from "./MessageStoreContract.ts"
