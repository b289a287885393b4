/** What goes wrong in a story, and what its servers are like. */
import type { Fault, NodePlan, Options } from "./schedule.ts"
import { Chance } from "./world/Chance.ts"

type Kind = Fault["_tag"]

/** A seed may have any of these, and few have all: a story in which everything goes wrong has little else in it. */
const kinds: ReadonlyArray<Kind> = [
  "Crash",
  "Pause",
  "Drain",
  "Bus",
  "CutBus",
  "OverflowBus",
  "Store",
  "Clock",
  "Weather"
]

const moods = ["silent", "late", "failing", "unsaid", "full", "slow"] as const

const settingsOf = (chance: Chance): Readonly<Record<string, number>> => ({
  heartbeatMillis: chance.pick([5_000, 5_000, 3_000]),
  heartbeatTimeoutMillis: 5_000,
  ...(chance.happens(0.2) ? { maxMessagesPerSecond: chance.pick([20, 100]) } : {}),
  ...(chance.happens(0.1) ? { maxOutboundBytes: chance.pick([4_000, 20_000]) } : {}),
  ...(chance.happens(0.1) ? { maxGroupMembers: 4 } : {}),
  ...(chance.happens(0.2) ? { drainMillis: chance.pick([0, 5_000]) } : {}),
  ...(chance.happens(0.3) ? { reconnectSpreadMillis: chance.pick([0, 500, 2_000]) } : {})
})

export const nodeOf = (chance: Chance): NodePlan => ({
  settings: settingsOf(chance),
  offset: chance.happens(0.7) ? 0 : chance.between(-3_000, 3_000),
  rate: chance.happens(0.8) ? 1 : 1 + (chance.next() - 0.5) / 500
})

const faultOf = (chance: Chance, kind: Kind, at: number, nodes: number): Fault => {
  const node = chance.below(nodes)
  switch (kind) {
    case "Crash":
      return {
        _tag: kind,
        at,
        node,
        told: chance.happens(0.6),
        millis: chance.between(200, 6_000),
        settings: settingsOf(chance)
      }
    case "Drain":
      return { _tag: kind, at, node, millis: chance.between(200, 4_000), settings: settingsOf(chance) }
    case "Pause":
      return {
        _tag: kind,
        at,
        node,
        millis: chance.happens(0.8) ? chance.between(50, 3_000) : chance.between(3_000, 20_000)
      }
    case "Bus":
      return {
        _tag: kind,
        at,
        millis: chance.between(1_000, 15_000),
        lost: chance.pick([0, 50, 300]),
        repeated: chance.pick([0, 50, 200]),
        late: chance.pick([0, 100, 300])
      }
    case "CutBus":
      return { _tag: kind, at, node, millis: chance.between(500, 10_000) }
    case "OverflowBus":
      return { _tag: kind, at, node }
    case "Store":
      return { _tag: kind, at, node, millis: chance.between(100, 9_000), mood: chance.pick(moods) }
    case "Clock":
      return { _tag: kind, at, node, step: chance.between(-20_000, 20_000) }
    case "Weather": {
      const least = chance.pick([0, 5, 50])
      return { _tag: kind, at, least, most: least + chance.pick([0, 20, 300]), refused: chance.pick([0, 0, 100, 300]) }
    }
  }
}

/** So many tasks are those of a few commits with all that comes of them. */
const mostTasks = 200

/**
 * In some seeds servers end and stand still in the middle of what they do, and not when all are idle. Drawn apart, so that
 * the rest of what a seed means does not depend on it.
 */
export const amidTasks = (seed: number, faults: ReadonlyArray<Fault>): ReadonlyArray<Fault> => {
  const chance = new Chance(seed ^ 0x7a_5c5)
  if (chance.happens(0.5)) return faults
  return faults.map((fault) => {
    const isOfOne = fault._tag === "Crash" || fault._tag === "Pause" || fault._tag === "Drain"
    return isOfOne ? { ...fault, after: chance.between(0, mostTasks) } : fault
  })
}

const isOfSeveral = (kind: Kind): boolean => kind === "Bus" || kind === "CutBus" || kind === "OverflowBus"

export const faultsOf = (chance: Chance, { nodes, peaceAt }: Options, from: number): ReadonlyArray<Fault> => {
  // Some stories are about people only.
  if (chance.happens(0.1)) return []
  const chosen = kinds.filter((kind) => (nodes.length > 1 || !isOfSeveral(kind)) && chance.happens(0.35))
  return chosen.flatMap((kind) =>
    Array.from(
      { length: chance.between(1, 3) },
      () => faultOf(chance, kind, from + Math.round(chance.next() * (peaceAt - from)), nodes.length)
    )
  )
}
