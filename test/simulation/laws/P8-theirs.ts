/** P8: nobody hears an entry, a receipt, a sign of typing or a presence that is not theirs. */
import { isWithheld } from "../../../src/domain/blockSpans.ts"
import * as Conversation from "../../../src/domain/Conversation.ts"
import type { ConversationId, UserId } from "../../../src/domain/Ids.ts"
import { type Facts, keptKey } from "../Facts.ts"
import type { Violated } from "../violation.ts"
import { rightsOf, runsOf } from "./reading.ts"

/** A block that was made at one server is known at the others so soon, where all is well. */
const lateMillis = 5_000

export const entries = ({ devices, logs }: Facts, violated: Violated): void => {
  for (const device of devices) {
    for (const { push } of runsOf(device).flat()) {
      const log = logs.get(push.conversation)
      if (log === undefined || !rightsOf(push.conversation, log, device.user).may(push.seq)) {
        violated("nobody hears what is not theirs", `${device.label}: ${push.conversation} ${push.seq}`)
      }
    }
  }
}

/** Words that somebody said while the reader had them blocked, was told so, and the servers could know of it. */
export const blocked = (facts: Facts, violated: Violated): void => {
  const { blocks, blockedAt, devices, kept, logs, troubles, wasBlocked } = facts
  for (const device of devices) {
    const spans = blocks.get(device.user)!
    if (spans.length === 0) continue
    for (const { push } of runsOf(device).flat()) {
      const hasWords = push.type === "incoming_message"
        ? push.deleted !== true
        : push.type === "message_edited" || push.type === "reaction"
      if (!hasWords || push.type === "group_changed" || !isWithheld(spans, push)) continue
      const log = logs.get(push.conversation)
      const place = kept.get(keptKey(push.conversation, push.seq))
      const since = blockedAt(device.user, push.sender, place?.at ?? 0)
      // The spans are told by the servers' clocks: by one that is ahead, a block that came later was there already.
      const wasOn = place !== undefined && wasBlocked(device.user, push.sender, place.at)
      // A server that is paused, cut off or without its store learns of a block when that is over, and not before.
      const isKnown = wasOn && since !== undefined && place.at > since + lateMillis &&
        !troubles.some(([from, to]) => from <= place.at && to >= since)
      if (log !== undefined && isKnown) {
        violated("blocked words stay unheard", `${device.label}: ${push.conversation} ${push.seq} of ${push.sender}`)
      }
    }
  }
}

/** Somebody whom the reader has had blocked for a while types, and the reader hears of it. */
export const typing = ({ devices, plan, troubles, wasBlocked }: Facts, violated: Violated): void => {
  for (const { index, label, runs, user } of devices) {
    const own = plan.steps.filter((step) => "device" in step && step.device % plan.options.devices.length === index)
    // A slow application hears of it long after its client.
    if (own.some(({ _tag }) => _tag === "Busy")) continue
    const sleeps = own.flatMap((step) => step._tag === "Sleep" ? [[step.at, step.at + step.millis] as const] : [])
    for (const { at, frame } of runs.flatMap(({ heard }) => heard)) {
      if (frame.type !== "typing" || !frame.active) continue
      const since = at - lateMillis
      const isBlocked = wasBlocked(user, frame.user, since) && wasBlocked(user, frame.user, at)
      // What came before a program slept it hears when it wakes.
      if (sleeps.some(([from, to]) => from <= at && to >= since)) continue
      if (isBlocked && !troubles.some(([from, to]) => from <= at && to >= since)) {
        violated("blocked people are not seen typing", `${label}: ${frame.user} at ${at}`)
      }
    }
  }
}

/** Who shares a conversation with whom at any time, which is the least that presence needs. */
const sharers = ({ logs }: Facts): ReadonlySet<string> => {
  const pairs = new Set<string>()
  for (const [conversation, log] of logs) {
    const direct = Conversation.usersOf(conversation)
    const users = new Set<string>(direct)
    for (const entry of log) {
      if (entry.kind !== "group") continue
      const { change, sender } = entry
      users.add(sender)
      if (change.action === "created") change.members.forEach(({ user }) => users.add(user))
      if (change.action === "members_added") change.members.forEach((user) => users.add(user))
    }
    for (const a of users) for (const b of users) pairs.add(`${a} ${b}`)
  }
  return pairs
}

export const signs = (facts: Facts, violated: Violated): void => {
  const pairs = sharers(facts)
  for (const { label, runs, user } of facts.devices) {
    for (const { frame } of runs.flatMap(({ heard }) => heard)) {
      if (frame.type === "receipt" || frame.type === "typing") {
        const log = facts.logs.get(frame.conversation)
        const parsed = Conversation.parse(frame.conversation)
        const isIn = (who: string) =>
          parsed?.kind === "direct"
            ? parsed.users.includes(who as UserId)
            : log !== undefined &&
              log.some(({ seq }) => rightsOf(frame.conversation as ConversationId, log, who).may(seq))
        if (!isIn(user) || !isIn(frame.user)) {
          violated("signs are for those who are in", `${label}: ${JSON.stringify(frame)}`)
        }
      }
      if (
        frame.type === "presence" && frame.status === "online" && frame.user !== user &&
        !pairs.has(`${user} ${frame.user}`)
      ) {
        violated("presence is for those who share a conversation", `${label}: ${JSON.stringify(frame)}`)
      }
    }
  }
}
