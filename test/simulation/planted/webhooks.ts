/** Faults of those who follow the log. */
import type { PlantedFault } from "./PlantedFault.ts"

export const webhookFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "webhook-moved-before-the-answer",
    promise: "P4",
    what: "An event counts as told before the receiver has answered.",
    file: "src/services/webhooks/LogTeller.ts",
    from: `      if (!isHeld()) return "again"`,
    to: `      if (!isHeld()) return "again"
      took(conversation, seq)`
  },
  {
    name: "webhooks-backwards",
    promise: "P4",
    what: "What waits to be told over webhooks is told the last one first.",
    file: "src/services/webhooks/LogTeller.ts",
    from: `for (const entry of entries) {`,
    to: `for (const entry of entries.toReversed()) {`
  }
]
