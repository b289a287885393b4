/** P4: at rest every device has what it may have, and nothing of what it confirmed is due. */
import { isWithheld } from "../../../src/domain/blockSpans.ts"
import type { Entry } from "../../../src/domain/Entry.ts"
import type { ConversationId } from "../../../src/domain/Ids.ts"
import { type Facts, keptKey } from "../Facts.ts"
import type { Device } from "../people/Device.ts"
import type { Violated } from "../violation.ts"
import { cursorsOf, pushOf, rightsOf, runsOf } from "./reading.ts"

/** What these have heard and were answered, by conversation. */
const seqsOf = (devices: ReadonlyArray<Device>): ReadonlyMap<string, ReadonlySet<number>> => {
  const seqs = new Map<string, Set<number>>()
  const add = (conversation: string, seq: number) => {
    const known = seqs.get(conversation)
    if (known === undefined) seqs.set(conversation, new Set([seq]))
    else known.add(seq)
  }
  for (const device of devices) {
    for (const { push } of runsOf(device).flat()) add(push.conversation, push.seq)
    for (const { conversation, seq } of device.accepted) add(conversation, seq)
  }
  return seqs
}

const none: ReadonlySet<number> = new Set()

/**
 * What somebody whom the user has blocked says is kept from them: by the time that it bears, and by true time, because a
 * block begins and ends by the clock of the server where it was made (docs/architecture.md), which others' may differ from.
 */
const isKeptBack = ({ blocks, kept, wasBlocked }: Facts, user: string, conversation: string, entry: Entry): boolean => {
  if (entry.kind === "group") return false
  const at = kept.get(keptKey(conversation, entry.seq))?.at ?? 0
  return isWithheld(blocks.get(user)!, entry) || wasBlocked(user, entry.sender, at)
}

export const delivery = (facts: Facts, violated: Violated): void => {
  const { logs } = facts
  for (const devices of cursorsOf(facts)) {
    const { user } = devices[0]!
    const isPlain = devices.every(({ plan }) => plan.kind === "plain")
    const seqs = seqsOf(devices)
    for (const [conversation, log] of logs) {
      const { mustFrom } = rightsOf(conversation, log, user)
      if (mustFrom === undefined) continue
      const heard = seqs.get(conversation) ?? none
      const lost = log.filter((entry) =>
        entry.seq >= mustFrom && !heard.has(entry.seq) &&
        !isKeptBack(facts, user, conversation, entry) &&
        // Plain clients hear texts of others, and nothing of those that were deleted before.
        (!isPlain || (entry.kind === "text" && entry.sender !== user && entry.deleted !== true))
      ).map(({ seq }) => seq)
      if (lost.length > 0) {
        violated("nothing is lost", `${devices.map(({ label }) => label).join()}: ${conversation} ${lost.join()}`)
      }
    }
  }
}

/** Typed clients and others that confirm have confirmed all that they got. */
export const confirmed = (facts: Facts, violated: Violated): void => {
  const { behind, devices, logs } = facts
  for (const { device, index, label, plan, user } of devices) {
    const confirms = plan.kind === "typed" || (plan.kind === "raw" && plan.confirms)
    // Of those without a name, any of them may be the one that is behind.
    if (!confirms || device === undefined) continue
    for (const { conversation, received } of behind.get(index)!) {
      const due = logs.get(conversation as ConversationId)!.filter((entry) =>
        entry.seq > received && entry.sender !== user && !isKeptBack(facts, user, conversation, entry)
      )
      if (due.length > 0) {
        violated(
          "all of it is confirmed",
          `${label}: ${conversation} ${due.map(({ seq }) => seq).join()}`
        )
      }
    }
  }
}

/** A server that lags behind the others may tell once more what was confirmed elsewhere a moment ago. */
const lagMillis = 5_000

/** After it was confirmed, an entry does not come again on a later connection; after a trouble of servers it may. */
export const notAgain = ({ confirmedAt, devices, kept, troubles }: Facts, violated: Violated): void => {
  for (const { device, label, plan, runs, user } of devices) {
    if (plan.kind !== "raw" || device === undefined) continue
    for (const { begunAt, heard } of runs) {
      for (const { frame } of heard) {
        const push = pushOf(frame)
        if (push === undefined) continue
        const { conversation, seq } = push
        const at = kept.get(keptKey(conversation, seq))?.at ?? Number.POSITIVE_INFINITY
        const isLagging = at + lagMillis > begunAt || troubles.some(([from, to]) => from <= begunAt && to >= at)
        if (!isLagging && seq <= confirmedAt(user, device, conversation, begunAt)) {
          violated("what is confirmed does not come again", `${label}: ${conversation} ${seq}`)
        }
      }
    }
  }
}

/** Everybody is there, and all that they said has its answer. */
export const answered = ({ devices }: Facts, violated: Violated): void => {
  for (const device of devices) {
    if (!device.isHere) violated("everybody is there again", `${device.label} is not`)
    if (device.pending() > 0) violated("everything is answered", `${device.label} waits for ${device.pending()}`)
  }
}
