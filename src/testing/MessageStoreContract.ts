/**
 * What a `MessageStore` has to do, as a list of named effects: run each against a store of your own with the test
 * framework of your choice. Each case uses names of its own, so all of them can run on one store.
 */
import { blockCases } from "./contract/blocks.ts"
import type { ContractCase } from "./contract/ContractCase.ts"
import { cursorCases } from "./contract/cursors.ts"
import { deviceCases } from "./contract/devices.ts"
import { erasureCases } from "./contract/erasure.ts"
import { exportCases } from "./contract/export.ts"
import { groupRuleCases } from "./contract/groupRules.ts"
import { groupCases } from "./contract/groups.ts"
import { listCases } from "./contract/lists.ts"
import { logCases } from "./contract/log.ts"
import { moderationCases } from "./contract/moderation.ts"
import { operatorCases } from "./contract/operator.ts"
import { recentCases } from "./contract/recent.ts"
import { relationCases } from "./contract/relations.ts"
import { retentionCases } from "./contract/retention.ts"
import { retryCases } from "./contract/retries.ts"
import { wordCases } from "./contract/words.ts"

export type { ContractCase }

export const messageStoreContract: ReadonlyArray<ContractCase> = [
  // First, while there is little to remove.
  ...retentionCases,
  ...wordCases,
  ...logCases,
  ...retryCases,
  ...cursorCases,
  ...deviceCases,
  ...listCases,
  ...recentCases,
  ...groupCases,
  ...groupRuleCases,
  ...moderationCases,
  ...operatorCases,
  ...blockCases,
  ...relationCases,
  ...erasureCases,
  ...exportCases
]
