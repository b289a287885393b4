/** In the place of `src/services/storage/SearchIndex.ts`. */
import { Effect } from "effect"

export const searchIndexOf = () => ({
  written: () => Effect.void,
  wiped: () => Effect.void,
  trimmed: () => Effect.void
})
