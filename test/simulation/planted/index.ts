/** All planted faults. They are text in this folder and nowhere else: what ships has no switch for them. */
import { clientFaults } from "./client.ts"
import { clusterFaults } from "./cluster.ts"
import { keptFaults } from "./kept.ts"
import { logFaults } from "./log.ts"
import { othersFaults } from "./others.ts"
import type { PlantedFault } from "./PlantedFault.ts"
import { presenceFaults } from "./presence.ts"
import { rightsFaults } from "./rights.ts"
import { webhookFaults } from "./webhooks.ts"

export const plantedFaults: ReadonlyArray<PlantedFault> = [
  ...logFaults,
  ...presenceFaults,
  ...rightsFaults,
  ...clusterFaults,
  ...clientFaults,
  ...webhookFaults,
  ...othersFaults
]

export const faultNamed = (name: string): PlantedFault => {
  const fault = [...plantedFaults, ...keptFaults].find((each) => each.name === name)
  if (fault === undefined) {
    throw new Error(
      `There is no planted fault "${name}"; there are ${plantedFaults.map(({ name }) => name).join(", ")}.`
    )
  }
  return fault
}
