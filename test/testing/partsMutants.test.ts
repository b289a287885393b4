/** The kits of what a store has beside its log catch who breaks a law. */
import { Layer } from "effect"
import { TestClock } from "effect/testing"
import { MemoryFileStore } from "../../src/services/files/MemoryFileStore.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import {
  Ageing,
  directoryContract,
  fileRecordsContract,
  fileStoreContract,
  invitesContract,
  journalContract,
  picturesContract,
  preferencesContract,
  pushRecordsContract,
  reportsContract,
  searchContract,
  subscriptionsContract
} from "../../src/testing/index.ts"
import { kit } from "./caught.ts"
import { groupPictureMutants, leavingMutants, messageMutants, recordMutants } from "./mutants/fileRecords.ts"
import { fileStoreMutants } from "./mutants/fileStore.ts"
import { journalMutants } from "./mutants/journal.ts"
import { inviteMutants, reportMutants, searchMutants, subscriptionMutants } from "./mutants/parts.ts"
import { directoryMutants, pictureMutants, preferencesMutants, pushMutants } from "./mutants/people.ts"

const store = MemoryMessageStore.layer()

kit("directoryContract", directoryContract, directoryMutants, store)
kit("fileRecordsContract", fileRecordsContract, {
  ...recordMutants,
  ...messageMutants,
  ...leavingMutants,
  ...groupPictureMutants
}, store)
kit("fileStoreContract", fileStoreContract, fileStoreMutants, MemoryFileStore.layer(), true)
kit("invitesContract", invitesContract, inviteMutants, store)
kit(
  "journalContract",
  journalContract,
  journalMutants,
  Layer.merge(store, Layer.succeed(Ageing, { age: (millis) => TestClock.adjust(millis) }))
)
kit("picturesContract", picturesContract, pictureMutants, store)
kit("preferencesContract", preferencesContract, preferencesMutants, store)
kit("pushRecordsContract", pushRecordsContract, pushMutants, store)
kit("reportsContract", reportsContract, reportMutants, store)
kit("searchContract", searchContract, searchMutants, store)
kit("subscriptionsContract", subscriptionsContract, subscriptionMutants, store)
