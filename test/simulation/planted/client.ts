/** Faults of the typed client. */
import type { PlantedFault } from "./PlantedFault.ts"

export const clientFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "retry-loses-its-id",
    promise: "P3",
    what: "What has no answer is said on the next connection, and under another id.",
    file: "src/client/PendingRequests.ts",
    from: `    for (const each of this.#waiting.values()) this.#say(each)`,
    to: `    const unanswered = Array.from(this.#waiting.values())
    if (this.wasConnected !== true) unanswered.forEach((each) => this.#say(each))
    if (this.wasConnected !== true) return void (this.wasConnected = true)
    this.#waiting.clear()
    for (const each of unanswered) {
      const id = this.#options.makeId()
      Object.assign(each, { id, json: JSON.stringify({ ...JSON.parse(each.json), id }) })
      this.#waiting.set(id, each)
      this.#say(each)
    }`
  },
  {
    name: "taken-before-the-application",
    promise: "P4",
    what: "What waits for the application counts as taken by it.",
    file: "src/client/Events.ts",
    from: `    Queue.offerUnsafe(this.#queue, { event, log, seq })`,
    to: `    Queue.offerUnsafe(this.#queue, { event, log: undefined, seq })
    if (log === undefined) return
    log.outstanding--
    log.taken = seq
    this.#onTaken(log)`
  }
]
