/**
 * What `Preferences` and the store beside them have to do, as a list of named effects, like `messageStoreContract`: run
 * each against a store of your own. Each case uses names of its own, so all of them can run on one store.
 */
import { preferenceCases } from "./preferences/keeping.ts"
import type { PreferencesCase } from "./preferences/PreferencesCase.ts"
import { privateCases } from "./preferences/reading.ts"

export type { PreferencesCase }

export const preferencesContract: ReadonlyArray<PreferencesCase> = [...preferenceCases, ...privateCases]
