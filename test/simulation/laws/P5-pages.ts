/** P5: a page of history is a part of the log without a hole, and says where in the log it stands. */
import { type Facts, keptKey } from "../Facts.ts"
import type { PageSeen } from "../people/Device.ts"
import type { Violated } from "../violation.ts"

/** What is wrong with where it begins and ends, and with whether there is more of the log in that direction. */
const misplaced = ({ asked, frame }: PageSeen): string | undefined => {
  const { first_seq, has_more, head_seq, messages } = frame
  const isBackwards = "before" in asked
  const from = isBackwards ? Math.min(asked.before - 1, head_seq) : Math.max(asked.after + 1, first_seq)
  // Before the first word both are 0.
  const end = isBackwards ? Math.max(1, first_seq) : head_seq
  const first = (isBackwards ? messages.at(-1) : messages[0])?.seq
  const last = (isBackwards ? messages[0] : messages.at(-1))?.seq
  const isDue = isBackwards ? from >= end : from <= end
  if (first === undefined || last === undefined) return isDue || has_more ? `nothing from ${from} on` : undefined
  if (first !== from) return `${first}, not ${from}`
  if (has_more !== (last !== end)) return `${last} with ${has_more ? "more" : "nothing"} behind it up to ${end}`
  return undefined
}

export const pages = ({ devices, kept, logs }: Facts, violated: Violated): void => {
  for (const { label, pages } of devices) {
    for (const page of pages) {
      const { asked, askedAt, frame: { conversation, head_seq, messages } } = page
      const log = logs.get(conversation) ?? []
      const what = misplaced(page)
      if (what !== undefined) {
        violated("a page is what was asked for", `${label}: ${conversation} ${what}, ${JSON.stringify(asked)}`)
      }
      const there = log.filter(({ seq }) => (kept.get(keptKey(conversation, seq))?.at ?? 0) < askedAt).length
      if (head_seq < there || head_seq > log.length) {
        violated("a page knows how long its log is", `${label}: ${conversation} ${head_seq}, not ${there} or more`)
      }
      messages.forEach(({ message_id, seq }, index) => {
        const isContiguous = index === 0 || seq === messages[index - 1]!.seq + 1
        if (!isContiguous || log[seq - 1]?.message_id !== message_id) {
          violated("a page is a part of the log", `${label}: ${conversation} ${seq}`)
        }
      })
    }
  }
}
