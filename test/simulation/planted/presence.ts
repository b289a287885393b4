/** Faults of who is here, and of what is left of those who went. */
import type { PlantedFault } from "./PlantedFault.ts"

export const presenceFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "forgotten-unregister",
    promise: "P7",
    what: "A connection that has ended stays in the registry.",
    file: "src/services/server/Registrations.ts",
    from: `    if (sessions.includes(ref)) yield* this.#set(ref.user, sessions.filter((other) => other !== ref))
`,
    to: ""
  },
  {
    name: "lease-that-never-ends",
    promise: "P7",
    what: "A server that is silent is never taken for lost, and its users are online for ever.",
    file: "src/services/cluster/Peers.ts",
    from: `now - aliveAt >= leaseMillis`,
    to: `now < aliveAt`
  },
  {
    name: "replaced-device-lives-on",
    promise: "P7",
    what: "A device that connects again does not end its older connection.",
    file: "src/services/server/Registrations.ts",
    from: `for (const other of replaced) other.tell({ _tag: "Close", code: CloseCode.Replaced })`,
    to: ""
  },
  {
    name: "replaced-elsewhere-lives-on",
    promise: "P7",
    what: "A device that connects to another server does not end its older connection.",
    file: "src/services/server/Attendances.ts",
    from: `if (newest !== undefined && newest > order)`,
    to: `if (newest !== undefined && newest > order && session.level === undefined)`
  }
]
