/** Faults of what somebody has to bear for others: for slow readers, and for those who say what is wrong. */
import type { PlantedFault } from "./PlantedFault.ts"

export const othersFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "send-queue-without-a-bound",
    promise: "P6",
    what: "Whatever waits for a client that does not read, its connection is not closed.",
    file: "src/services/user/SendQueue.ts",
    from: `isOver(maxBytes, connection.buffered())`,
    to: `isOver(0, connection.buffered())`
  },
  {
    name: "backlog-poured-out",
    promise: "P6",
    what: "The backlog is written as fast as it is read, whatever the socket has taken.",
    file: "src/services/user/CatchUp.ts",
    from: `      if (sendQueue.isFull) yield* taken(connection)
`,
    to: ""
  },
  {
    name: "fan-out-waits-for-the-slow",
    promise: "P6",
    what: "What is delivered is written when all whom it concerns have taken what they had.",
    file: "src/services/server/Deliveries.ts",
    from: `    for (const each of this.#touched) each.flush()
`,
    to: `    for (const each of this.#touched) if (each.connection?.buffered() > 0) return
    for (const each of this.#touched) each.flush()
`
  },
  {
    name: "refusal-told-to-all-devices",
    promise: "P9",
    what: "What the store refuses is told to all devices of whoever asked.",
    file: "src/services/server/Deliveries.ts",
    from: `    if (result._tag === "Rejected") return requester.rejected(clientId, result.error)`,
    to: `    if (result._tag === "Rejected") {
      for (const session of this.#options.registrations.sessions) {
        if (session.user !== sender) continue
        session.rejected(clientId, result.error)
        this.#touched.add(session)
      }
      return
    }`
  },
  {
    name: "wrong-frames-counted-together",
    promise: "P9",
    what: "Wrong frames of all connections are counted as one, and whose frame is one too many is closed.",
    file: "src/services/user/UserActor.ts",
    from: `++this.#invalidInARow)`,
    to: `this.#services.invalid = (this.#services.invalid ?? 0) + 1)`
  }
]
