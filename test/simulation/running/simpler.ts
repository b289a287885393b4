/**
 * Plans that say less than this one: fewer people, devices and servers, nothing out of the ordinary, less time between
 * steps, smaller numbers. How long everything has to come to rest stays as it is: with less a sound server fails.
 */
import type { Options, Plan, Step } from "../schedule.ts"
import { withoutDevice, withoutNode, withoutPerson } from "./renumber.ts"

const indices = (list: ReadonlyArray<unknown>): ReadonlyArray<number> => Array.from(list.keys()).toReversed()

function* fewer(plan: Plan): Generator<Plan> {
  const { devices, nodes, people } = plan.options
  for (const each of indices(people)) if (people.length > 1) yield withoutPerson(plan, each)
  for (const each of indices(nodes)) if (nodes.length > 1) yield withoutNode(plan, each)
  for (const each of indices(devices)) if (devices.length > 1) yield withoutDevice(plan, each)
}

/** The time after the last step in which faults may last. */
const lastMillis = 1_000

function* plainer(options: Options, lastAt: number): Generator<Options> {
  const { nodes, order, peaceAt, store, webhooks, ...rest } = options
  if (options.absent.length > 0) yield { ...options, absent: [] }
  if (options.empties) yield { ...options, empties: false }
  if (webhooks !== undefined) yield { ...rest, nodes, order, peaceAt, store }
  if (order === "drawn") yield { ...options, order: "fifo" }
  if (store === "sqlite") yield { ...options, store: "memory" }
  for (const key of ["storeLatency", "latency"] as const) {
    if (options[key] > 0) yield { ...options, [key]: 0 }
    if (options[key] > 1) yield { ...options, [key]: 1 }
  }
  if (peaceAt > lastAt + lastMillis) yield { ...options, peaceAt: lastAt + lastMillis }
  for (const [at, node] of nodes.entries()) {
    for (const key of Object.keys(node.settings)) {
      const { [key]: _, ...settings } = node.settings
      yield { ...options, nodes: nodes.with(at, { ...node, settings }) }
    }
    if (node.offset !== 0) yield { ...options, nodes: nodes.with(at, { ...node, offset: 0 }) }
    if (node.rate !== 1) yield { ...options, nodes: nodes.with(at, { ...node, rate: 1 }) }
  }
  for (const [at, { offset, rate, ...device }] of options.devices.entries()) {
    if (offset !== undefined || rate !== undefined) yield { ...options, devices: options.devices.with(at, device) }
  }
}

/** Round times are easier to read, and a story begins soon. */
const roundMillis = 1_000

function* sooner(plan: Plan): Generator<Plan> {
  for (const [index, step] of plan.steps.entries()) {
    const before = plan.steps[index - 1]?.at ?? 0
    for (const at of [before, before + 10, before + roundMillis, Math.floor(step.at / roundMillis) * roundMillis]) {
      if (at < before || at >= step.at) continue
      const by = step.at - at
      yield { ...plan, steps: plan.steps.map((each, i) => i < index ? each : { ...each, at: each.at - by }) }
    }
  }
}

/** What may be smaller in a step, and is neither a name nor a time. */
const amounts = new Set(
  "millis back lost repeated late least most refused step texts length times each after".split(" ")
)

function* smaller(step: Step): Generator<Step> {
  for (const [key, value] of Object.entries(step)) {
    if (typeof value === "number" && amounts.has(key)) {
      for (const each of new Set([0, 1_000, Math.trunc(value / 2)])) {
        if (Math.abs(each) < Math.abs(value)) yield { ...step, [key]: each }
      }
    }
    if ((key === "members" || key === "persons") && Array.isArray(value)) {
      for (const each of indices(value)) yield { ...step, [key]: value.toSpliced(each, 1) }
    }
    if (key === "settings") {
      for (const name of Object.keys(value)) {
        const { [name]: _, ...settings } = value as Record<string, number>
        yield { ...step, settings } as Step
      }
    }
    if (key === "reply" || key === "remove" || key === "other" || key === "after" || key === "before") {
      const { [key]: _, ...rest } = step as Record<string, unknown>
      // What is optional may be left out of any step.
      yield rest as unknown as Step
    }
  }
}

export function* simpler(plan: Plan): Generator<Plan> {
  yield* fewer(plan)
  for (const options of plainer(plan.options, plan.steps.at(-1)?.at ?? 0)) yield { ...plan, options }
  yield* sooner(plan)
  for (const [index, step] of plan.steps.entries()) {
    for (const other of smaller(step)) yield { ...plan, steps: plan.steps.with(index, other) }
  }
}
