/** Faults of what is kept and in which order: commits, ids, positions, backlogs. */
import type { PlantedFault } from "./PlantedFault.ts"

export const logFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "acknowledged-before-commit",
    promise: "P1",
    what: "A text is accepted with the place that it will have, before the store has it.",
    file: "src/services/persistence/PersistenceActor.ts",
    from: `    const begun = now()
    const answer = yield* exitInTime(`,
    to: `    const begun = now()
    const said = batcher.said ??= new Set()
    const heads = new Map()
    for (const { append, requester } of appends) {
      const { at, clientId, conversation, messageId, sender } = append
      const known = heads.get(conversation) ??
        (yield* Effect.orElseSucceed(store.history({ conversation, after: 0, limit: 1 }), () => ({ headSeq: 0 }))).headSeq
      heads.set(conversation, known + 1)
      if (append.kind !== "text" || clientId === undefined || said.has(sender + " " + clientId)) continue
      said.add(sender + " " + clientId)
      requester.accepted({
        type: "message_accepted",
        id: clientId,
        conversation,
        seq: known + 1,
        message_id: messageId,
        at
      })
      requester.flush()
    }
    const answer = yield* exitInTime(`
  },
  {
    name: "dedupe-by-text",
    promise: "P3",
    what: "Whoever says the same again in a conversation is taken for somebody who tries again.",
    file: "src/services/storage/commitRules.ts",
    from: `    const first = work.entryOf(sender, clientId)`,
    to: `    let first = work.entryOf(sender, clientId)
    for (let seq = work.conversation(conversation)?.head_seq ?? 0; first === undefined && seq > 0; seq--) {
      const earlier = work.entry(conversation, seq)
      if (earlier === undefined) break
      if (earlier.sender === sender && earlier.kind === "text" && append.text === earlier.body) first = earlier
    }`
  },
  {
    name: "unordered-fan-out",
    promise: "P2",
    what: "Entries that are pushed together are written the last one first.",
    file: "src/services/user/SendQueue.ts",
    from: `    this.#frames.push(frame)
    this.#bytes`,
    to: `    if (frame.conversation === undefined) this.#frames.push(frame)
    else this.#frames.unshift(frame)
    this.#bytes`
  },
  {
    name: "live-before-backlog",
    promise: "P4",
    what: "What is said while the backlog is read does not wait for it.",
    file: "src/services/user/SendQueue.ts",
    from: `    if (this.#held !== undefined) return this.#hold(frame)
`,
    to: ""
  },
  {
    name: "registered-after-the-backlog",
    promise: "P5",
    what: "What is said while the backlog is read is let go, as if nobody had registered yet.",
    file: "src/services/user/SendQueue.ts",
    from: `    else this.#held.push(frame)`,
    to: ""
  },
  {
    name: "cursor-off-by-one",
    promise: "P4",
    what: "What a device confirms counts as one entry more than it has.",
    file: "src/services/storage/cursorRules.ts",
    from: `work.moveDevice(user, move.device, conversation, upTo)`,
    to: `work.moveDevice(user, move.device, conversation, Math.min(upTo + 1, row.head_seq))`
  },
  {
    name: "page-without-its-last-entry",
    promise: "P5",
    what: "A page of the history lacks its last entry.",
    file: "src/services/user/Queries.ts",
    from: `const seen = entries.map(`,
    to: `const seen = entries.slice(0, Math.max(1, entries.length - 1)).map(`
  },
  {
    name: "page-with-a-hole",
    promise: "P5",
    what: "A page of the history lacks an entry in its middle.",
    file: "src/services/user/Queries.ts",
    from: `const seen = entries.map(`,
    to: `const seen = entries.filter((_, at) => at !== 1 || entries.length < 3).map(`
  },
  {
    name: "after-ignored-in-history",
    promise: "P5",
    what: "A page of the history begins with the first entry, whatever it is to come after.",
    file: "src/services/storage/readRules.ts",
    from: `Math.max(after + 1, first)`,
    to: `first`
  }
]
