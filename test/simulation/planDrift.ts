/**
 * In some seeds servers are begun with settings that differ, and clocks are wrong and go wrong, those of clients, too. Drawn
 * apart, so that the rest of what a seed means does not depend on it.
 */
import { nodeOf } from "./planFaults.ts"
import type { DevicePlan, Options } from "./schedule.ts"
import { Chance } from "./world/Chance.ts"

/** The clock of a phone may be set to anything, and nobody looks after it. */
const mostOffset = 600_000

const deviceOf = (chance: Chance, device: DevicePlan): DevicePlan =>
  chance.happens(0.6)
    ? device
    : { ...device, offset: chance.between(-mostOffset, mostOffset), rate: 1 + (chance.next() - 0.5) / 500 }

export const driftOf = (seed: number, { devices, nodes }: Options): Pick<Options, "devices" | "nodes"> => {
  const chance = new Chance(seed ^ 0xd_21f7)
  if (!chance.happens(0.4)) return { devices, nodes }
  return {
    nodes: nodes.map(() => nodeOf(chance)),
    devices: devices.map((device) => deviceOf(chance, device))
  }
}
