/** What every store of ours has beside its log. */
import type { Directory } from "./Directory.ts"
import type { FileRecords } from "./FileRecords.ts"
import type { Invites } from "./Invites.ts"
import type { Preferences } from "./Preferences.ts"
import type { PushRecords } from "./PushRecords.ts"
import type { Reports } from "./Reports.ts"
import type { Search } from "./Search.ts"
import type { ServerKeys } from "./ServerKeys.ts"
import type { Subscriptions } from "./Subscriptions.ts"

export type StoreParts =
  | Directory
  | FileRecords
  | Invites
  | Preferences
  | PushRecords
  | Reports
  | Search
  | ServerKeys
  | Subscriptions
