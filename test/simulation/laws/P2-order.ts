/** P2: each conversation has one sequence, contiguous from 1, and everybody sees the same order. P8: and the same authors. */
import type { Facts } from "../Facts.ts"
import type { Device } from "../people/Device.ts"
import { isFarewell } from "../people/farewell.ts"
import type { Violated } from "../violation.ts"
import { rightsOf, runsOf, wishesOf } from "./reading.ts"

export const order = (facts: Facts, violated: Violated): void => {
  const { devices, logs } = facts
  for (const [conversation, log] of logs) {
    const wrong = log.findIndex(({ seq }, index) => seq !== index + 1)
    if (wrong !== -1) violated("contiguous from 1", `${conversation} has ${log[wrong]!.seq} at ${wrong + 1}`)
  }
  for (const device of devices) inOrder(device, facts, violated)
}

/**
 * A typed client tells each entry once. Another device may be told again what it has not confirmed, also on the same
 * connection, where its server had to read the store anew; but nothing comes for the first time after what follows it.
 */
const inOrder = (device: Device, facts: Facts, violated: Violated): void => {
  const wishes = wishesOf(facts, device.user)
  const rights = new Map(Array.from(facts.logs, ([id, log]) => [id, rightsOf(id, log, device.user)]))
  // What it said itself it has with the answer.
  const seen = new Set(device.accepted.map(({ conversation, seq }) => `${conversation} ${seq}`))
  for (const run of runsOf(device)) {
    const last = new Map<string, number>()
    for (const { own, push } of run) {
      // The answer to something that was said may come before what was said by others before it.
      if (own || isFarewell(push, device.user)) continue
      const { conversation, seq } = push
      // What was said while they were out of a group that shows all of its log comes when it is read.
      if (rights.get(conversation)?.wasIn(seq) === false) continue
      const before = last.get(conversation) ?? 0
      const place = `${conversation} ${seq}`
      // What was kept back for a block that the store then did not take is read afterwards.
      const wasKeptBack = push.type !== "group_changed" && wishes.has(push.sender)
      const isAgain = device.plan.kind !== "typed" && (seen.has(place) || wasKeptBack)
      if (seq <= before && !isAgain) {
        violated("in order, and once on one connection", `${device.label}: ${place} after ${before}`)
      }
      seen.add(place)
      last.set(conversation, Math.max(seq, before))
    }
  }
}

export const same = ({ devices, logs }: Facts, violated: Violated): void => {
  for (const device of devices) {
    for (const { push } of runsOf(device).flat()) {
      const entry = logs.get(push.conversation)?.[push.seq - 1]
      const sender = push.type === "group_changed" ? push.by : push.sender
      const isSame = entry !== undefined && entry.sender === sender &&
        (push.type === "group_changed" || entry.message_id === push.message_id)
      if (!isSame) violated("what is heard is what is kept", `${device.label}: ${JSON.stringify(push)}`)
    }
  }
}
