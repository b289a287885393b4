/** P7: when all have left, nothing of them is left on any server. */
import type { NodeEmpty } from "../Facts.ts"
import type { Violated } from "../violation.ts"

/** The loops that run for as long as a server does are 2, of one of several 7; some may have a question under way. */
const mostTimers = { alone: 4, ofSeveral: 10 }

export const nothing = (nodes: ReadonlyArray<NodeEmpty>, violated: Violated): void => {
  for (const { connections, elsewhere, left, name, timers, users } of nodes) {
    const counts = { ...left, connections, users: users.size, "users elsewhere": elsewhere.length }
    for (const [what, count] of Object.entries(counts)) {
      if (count > 0) violated("nothing is left of those who left", `${name} has ${count} ${what}`)
    }
    const most = nodes.length === 1 ? mostTimers.alone : mostTimers.ofSeveral
    if (timers > most) violated("no fiber waits for those who left", `${name} has ${timers}`)
  }
}
