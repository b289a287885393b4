/**
 * What a `Journal` and the store that writes it have to do, as a list of named effects, like `messageStoreContract`. They
 * need an `Ageing` beside the two: a way to make what is in the journal older.
 */
import { commitCases } from "./journal/commits.ts"
import { epochCases } from "./journal/epochs.ts"
import { followingCases } from "./journal/following.ts"
import { Ageing, type JournalCase } from "./journal/JournalCase.ts"
import { sharedCases } from "./journal/shared.ts"

export { Ageing, type JournalCase }

export const journalContract: ReadonlyArray<JournalCase> = [
  ...commitCases,
  ...followingCases,
  ...epochCases,
  ...sharedCases
]
