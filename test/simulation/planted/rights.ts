/** Faults of who may hear and read what, and of what a mistake costs. */
import type { PlantedFault } from "./PlantedFault.ts"

export const rightsFaults: ReadonlyArray<PlantedFault> = [
  {
    name: "history-for-strangers",
    promise: "P8",
    what: "Whoever knows the name of a group may read it.",
    file: "src/services/session/readable.ts",
    from: `  if (membership !== undefined) return { conversation, from: membership.firstVisible }
`,
    to: `  if (conversation !== undefined) return { conversation, from: membership?.firstVisible ?? 1 }
`
  },
  {
    name: "push-of-the-former-sender",
    promise: "P8",
    what: "What is pushed names who said what was pushed before it.",
    file: "src/services/server/FanOut.ts",
    from: `pushFrame(conversation, sign(entry))`,
    to: `pushFrame(
      conversation,
      sign({ ...entry, sender: [presence.former ?? entry.sender, presence.former = entry.sender][0] })
    )`
  },
  {
    name: "typing-for-everybody",
    promise: "P8",
    what: "Whoever types to somebody is seen by all who are connected.",
    file: "src/services/server/TypingRoutes.ts",
    from: `use(sessionsIn(registry(), recipient))`,
    to: `use(Array.from(registry(), ([, sessions]) => sessions).flat())`
  },
  {
    name: "live-past-a-block",
    promise: "P8",
    what: "What somebody says to one who has blocked them is pushed all the same.",
    file: "src/services/server/FanOut.ts",
    from: `        if (session.withholds(entry)) continue
`,
    to: ""
  },
  {
    name: "invitation-never-used-up",
    promise: "P8",
    what: "An invitation for so many lets in whoever shows it.",
    file: "src/services/storage/groupCommit.ts",
    from: `      if (invite !== undefined) work.groups.spend(invite)
`,
    to: ""
  },
  {
    name: "ban-that-only-removes",
    promise: "P8",
    what: "Whoever is banned from a group is taken out of it, and may come again.",
    file: "src/services/storage/groupCommit.ts",
    from: `        work.groups.ban({ conversation, user_id: user, reason: change.reason ?? null, at })
`,
    to: ""
  },
  {
    name: "refusal-ends-the-deliveries",
    promise: "P9",
    what: "What the store refuses ends the fiber that answers everybody.",
    file: "src/services/server/Deliveries.ts",
    from: `    if (result._tag === "Rejected") return requester.rejected(clientId, result.error)`,
    to: `    if (result._tag === "Rejected") throw new Error("nobody has thought of this")`
  }
]
