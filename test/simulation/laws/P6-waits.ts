/** P6: what is kept is heard soon, whatever becomes of the lines, machines and applications of others. */
import { type Facts, keptKey } from "../Facts.ts"
import type { Device } from "../people/Device.ts"
import type { Plan, Step } from "../schedule.ts"
import type { Violated } from "../violation.ts"
import { rightsOf, runsOf, wishesOf } from "./reading.ts"

const soonMillis = 2_000

/** A connection has read by then what was said before it. */
const settledMillis = 1_000

const ofDevices = new Set(["Stall", "Isolate", "Sleep", "Busy"])

/** From when on servers, their store, their bus or the network may have a reason to be slow. */
const firstFault = ({ steps }: Plan): number =>
  steps.find((step) => !("device" in step))?.at ?? Number.POSITIVE_INFINITY

const spansOf = ({ options, steps }: Plan, { index }: Device): ReadonlyArray<readonly [from: number, to: number]> =>
  steps.flatMap((step: Step) =>
    ofDevices.has(step._tag) && "device" in step && "millis" in step && step.device % options.devices.length === index
      ? [[step.at, step.at + step.millis] as const]
      : []
  )

export const inTime = (facts: Facts, violated: Violated): void => {
  const { devices, kept, logs, plan } = facts
  const until = firstFault(plan)
  for (const device of devices) {
    // Plain clients are not asked when they heard something; who blocks hears some things when the block is over.
    if (device.plan.kind === "plain" || wishesOf(facts, device.user).size > 0) continue
    const spans = spansOf(plan, device)
    // What came before, or was said on the device itself, may come again at any time.
    const had = new Set(device.accepted.map(({ conversation, seq }) => keptKey(conversation, seq)))
    for (const { at, own, push: { conversation, seq } } of runsOf(device).flat()) {
      const place = keptKey(conversation, seq)
      const since = kept.get(place)?.at ?? at
      const isAgain = had.has(place)
      had.add(place)
      if (own || isAgain || at - since <= soonMillis || at >= until) continue
      if (spans.some(([from, to]) => from <= at && to >= since)) continue
      const wasThere = device.lines.some(({ begunAt, endedAt = at }) =>
        begunAt + settledMillis <= since && endedAt >= at
      )
      if (!wasThere || !rightsOf(conversation, logs.get(conversation) ?? [], device.user).wasIn(seq)) continue
      violated(
        "nobody waits for others who are slow",
        `${device.label}: ${conversation} ${seq} of ${since.toFixed(0)} at ${at.toFixed(0)}`
      )
    }
  }
}
