/**
 * What `FileRecords` and the store beside them have to do, as a list of named effects, like `messageStoreContract`: run each
 * against a store of your own. Each case uses names of its own, so all of them can run on one store, one after the other.
 */
import type { FileRecordsCase } from "./files/FileCase.ts"
import { groupPictureCases } from "./files/groupPictures.ts"
import { leavingCases } from "./files/leaving.ts"
import { messageCases } from "./files/messages.ts"
import { recordCases } from "./files/records.ts"

export type { FileRecordsCase }

export const fileRecordsContract: ReadonlyArray<FileRecordsCase> = [
  ...recordCases,
  ...messageCases,
  ...leavingCases,
  ...groupPictureCases
]
