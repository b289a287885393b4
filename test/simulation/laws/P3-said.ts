/** P3: what was said once is kept once, and what was said twice is kept twice, also where both are the same words. */
import type { ConversationId } from "../../../src/domain/Ids.ts"
import { type Facts, keptKey } from "../Facts.ts"
import type { Violated } from "../violation.ts"

const add = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** No sender has more entries of some words than they said them. */
export const onlyWhatWasSaid = ({ devices, logs }: Facts, violated: Violated): void => {
  const said = new Map<string, number>()
  for (const { said: all, user } of devices) for (const { text } of all) add(said, `${user} ${text}`)
  const found = new Map<string, number>()
  for (const [conversation, log] of logs) {
    for (const entry of log) {
      // What was edited has other words by now.
      if (entry.kind !== "text" || entry.deleted === true || entry.edited_at !== undefined) continue
      const key = `${entry.sender} ${entry.text}`
      const times = said.get(key)
      // A raw device also says other words under a name that it has used.
      if (times === undefined) continue
      add(found, key)
      if (found.get(key)! > times) {
        violated("what is said once is kept once", `${key} is kept once more at ${conversation} ${entry.seq}`)
      }
    }
  }
}

/** What was accepted is an entry of its own, and not that of something that was said before. */
export const ofItsOwn = ({ devices, kept }: Facts, violated: Violated): void => {
  for (const { label, said, user } of devices) {
    for (const { answer, id, text } of said) {
      if (answer === undefined || answer === "refused") continue
      const { conversation, seq } = answer
      const there = kept.get(keptKey(conversation as ConversationId, seq))
      if (there?.clientId === id && there.sender === user) continue
      violated(
        "what is accepted is an entry of its own",
        `${label}: ${JSON.stringify(text)} is accepted as ${conversation} ${seq}, which is ${
          there?.clientId ?? "nothing"
        }`
      )
    }
  }
}
