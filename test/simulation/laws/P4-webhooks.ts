/** P4: what is committed is told over webhooks at least once, in the order of its conversation. */
import type { Facts } from "../Facts.ts"
import { keptKey } from "../Facts.ts"
import type { Violated } from "../violation.ts"

/** Whoever follows the log begins with what is said after the servers are there, which is before this. */
const followedFrom = 3_000

export const webhooks = ({ kept, logs, told }: Facts, violated: Violated): void => {
  if (told === undefined) return
  for (const [conversation, log] of logs) {
    const seqs = told.flatMap((each) => each.conversation === conversation ? [each.seq] : [])
    const lost = log.filter(({ kind, seq }) =>
      (kind === "text" || kind === "group") && (kept.get(keptKey(conversation, seq))?.at ?? 0) >= followedFrom &&
      !seqs.includes(seq)
    )
    if (lost.length > 0) {
      violated("webhooks tell all that is committed", `${conversation} ${lost.map(({ seq }) => seq).join()}`)
    }
    const firsts = Array.from(new Set(seqs))
    const early = firsts.findIndex((seq, at) => seq < (firsts[at - 1] ?? 0))
    if (early > 0) {
      violated("webhooks tell in order", `${conversation} ${firsts[early]} after ${firsts[early - 1]}`)
    }
  }
}
