/**
 * What a `Search` and the store beside it have to do, as a list of named effects, like `messageStoreContract`: run each
 * against a store of your own. Each case uses names of its own, so all of them can run on one store.
 */
import { changed } from "./search/changed.ts"
import { found } from "./search/found.ts"
import type { SearchCase } from "./search/SearchCase.ts"
import { visible } from "./search/visible.ts"

export type { SearchCase } from "./search/SearchCase.ts"

export const searchContract: ReadonlyArray<SearchCase> = [...found, ...visible, ...changed]
