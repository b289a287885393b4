/** Faults of servers that share a store. */
import type { PlantedFault } from "./PlantedFault.ts"

export const clusterFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "after-ignored",
    promise: "P2",
    what: "An entry of another server does not wait for those before it in its conversation.",
    file: "src/services/cluster/Positions.ts",
    from: `    return after === undefined || (this`,
    to: `    return after !== null || (this`
  },
  {
    name: "group-view-one-change-behind",
    promise: "P8",
    what: "Who hears an entry is decided by the group as it was before its last change.",
    file: "src/services/cluster/GroupView.ts",
    from: `    const removed = entry.kind === "group" ? this.#apply(entry.change, entry.sender, seq) : []
    return`,
    to: `    const late = this.late
    if (entry.kind === "group") this.late = { entry, seq }
    const removed = entry.kind === "group" && late !== undefined
      ? this.#apply(late.entry.change, late.entry.sender, late.seq)
      : []
    return`
  },
  {
    name: "gap-in-the-journal-skipped",
    promise: "P5",
    what: "A server that hears of a commit does not ask for those before it that it has not heard of.",
    file: "src/services/cluster/Positions.ts",
    from: `    if (prev > position) {`,
    to: `    if (prev > offset) {`
  },
  {
    name: "doubtful-commit-taken-for-none",
    promise: "P5",
    what: "After a commit that nobody answered for, the server goes on in its epoch as if there had been none.",
    file: "src/services/cluster/Publisher.ts",
    from: `  doubt(): void {
    this.#epoch = undefined
  }`,
    to: `  doubt(): void {}`
  },
  {
    name: "journal-asked-for-ever",
    promise: "P5",
    what: "A question about the journal that is never answered is waited for; it was so until the simulation found it.",
    file: "src/services/cluster/ClusterNode.ts",
    from: `timelyJournal(yield* Journal)`,
    to: `(yield* Journal)`
  },
  {
    name: "stop-without-a-word",
    promise: "P10",
    what: "A server that stops does not say so before it ends its connections.",
    file: "src/services/transport/drain.ts",
    from: `      ref.push(new EncodedFrame({ type: "draining", reconnect_after_ms }))
`,
    to: ""
  },
  {
    name: "stop-waits-for-the-journal",
    promise: "P10",
    what:
      "A server that stops waits for the journal longer than for anything else; it was so until the simulation found it.",
    file: "src/services/cluster/ClusterNode.ts",
    from: `return inTime(Effect.ignore(journal.end(epoch)), { millis: stopMillis, late: () => Effect.void })`,
    to: `return Effect.ignore(journal.end(epoch))`
  }
]
