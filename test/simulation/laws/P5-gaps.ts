/** P5: what a client built from pushes and answers is what the log is. */
import type { Entry } from "../../../src/domain/Entry.ts"
import type { Facts } from "../Facts.ts"
import type { Violated } from "../violation.ts"
import { rightsOf, runsOf, wishesOf } from "./reading.ts"

interface Shown {
  text: string | undefined
  deleted: boolean
}

/** The log as these pushes tell it, with edits and deletes applied as they say. */
const shownOf = (pushes: ReadonlyArray<ReturnType<typeof runsOf>[number][number]["push"]>): Map<number, Shown> => {
  const shown = new Map<number, Shown>()
  for (const push of [...pushes].sort((a, b) => a.seq - b.seq)) {
    if (push.type === "incoming_message") {
      shown.set(push.seq, { text: push.text, deleted: push.deleted === true })
    } else if (push.type === "message_edited" || push.type === "message_deleted") {
      const target = shown.get(push.target)
      if (target === undefined || target.deleted) continue
      if (push.type === "message_deleted") {
        target.deleted = true
        target.text = undefined
      } else if (push.text !== undefined) target.text = push.text
    }
  }
  return shown
}

const isAsShown = (entry: Entry, { deleted, text }: Shown): boolean =>
  entry.kind === "text" && (entry.deleted === true) === deleted && (deleted || entry.text === text)

export const built = (facts: Facts, violated: Violated): void => {
  const { blocks, devices, logs } = facts
  for (const device of devices) {
    // Whoever blocks, or tries to, is told of less; plain clients are told of no edits.
    if (device.plan.kind !== "typed" || device.device === undefined) continue
    if (blocks.get(device.user)!.length > 0 || wishesOf(facts, device.user).size > 0) continue
    const pushes = runsOf(device).flat().map(({ push }) => push)
    for (const [conversation, log] of logs) {
      const { mustFrom } = rightsOf(conversation, log, device.user)
      if (mustFrom === undefined) continue
      const shown = shownOf(pushes.filter((push) => push.conversation === conversation && push.seq >= mustFrom))
      for (const entry of log) {
        const seen = shown.get(entry.seq)
        if (seen === undefined || isAsShown(entry, seen)) continue
        violated(
          "pushes and history tell the same",
          `${device.label}: ${conversation} ${JSON.stringify([entry, seen])}`
        )
      }
    }
  }
}
