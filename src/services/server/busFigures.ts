/** How the bus is, for those who measure. */
import type { ClusterStatus } from "../cluster/Cluster.ts"
import type { BusFigures } from "../telemetry/Meters.ts"

export const busFigures = ({ bus: { gaps, healthy }, nodes }: ClusterStatus): BusFigures => ({
  isUp: healthy,
  gaps,
  nodes: nodes.length + 1
})
