/** Plans with one device, server or person less. Steps name them by number, so the numbers behind it move. */
import type { DevicePlan, Plan, Step } from "../schedule.ts"

/** The number without the one that is gone; `undefined` where it is the one. */
const moved = (index: number, gone: number): number | undefined =>
  index === gone ? undefined : index > gone ? index - 1 : index

const movedAll = (indices: ReadonlyArray<number>, gone: number): ReadonlyArray<number> =>
  indices.flatMap((index) => moved(index, gone) ?? [])

type Field = "device" | "node" | "person" | "member"

/** The step with the field's number moved; `undefined` where it was about the one that is gone. */
const movedIn = (step: Step, field: Field, gone: number): Step | undefined => {
  // Which kinds of steps have the field does not matter here.
  const fields = step as Partial<Record<Field, number>>
  const index = fields[field]
  if (index === undefined) return step
  const other = moved(index, gone)
  return other === undefined ? undefined : { ...step, [field]: other }
}

const stepsMoved = (steps: ReadonlyArray<Step>, fields: ReadonlyArray<Field>, gone: number): ReadonlyArray<Step> =>
  steps.flatMap((step) =>
    fields.reduce<Step | undefined>((each, field) => each && movedIn(each, field, gone), step) ?? []
  )

export const withoutDevice = (plan: Plan, gone: number): Plan => ({
  ...plan,
  options: { ...plan.options, devices: plan.options.devices.toSpliced(gone, 1) },
  steps: stepsMoved(plan.steps, ["device"], gone)
})

/** Who was there is on the first of those that are left. */
export const withoutNode = (plan: Plan, gone: number): Plan => ({
  ...plan,
  options: {
    ...plan.options,
    nodes: plan.options.nodes.toSpliced(gone, 1),
    devices: plan.options.devices.map((device): DevicePlan => ({ ...device, node: moved(device.node, gone) ?? 0 }))
  },
  steps: stepsMoved(plan.steps, ["node"], gone)
})

const ofPerson = (device: DevicePlan, person: number): DevicePlan => ({ ...device, person })

/** Somebody, with all their devices. */
export const withoutPerson = (plan: Plan, gone: number): Plan => {
  const { devices } = plan.options
  const theirs = devices.flatMap(({ person }, index) => person === gone ? [index] : [])
  const alone = theirs.reduceRight(withoutDevice, plan)
  const steps = stepsMoved(alone.steps, ["person", "member"], gone).flatMap((step): ReadonlyArray<Step> => {
    if ("target" in step && "person" in step.target) {
      const person = moved(step.target.person, gone)
      return person === undefined ? [] : [{ ...step, target: { person } }]
    }
    if ("members" in step) return [{ ...step, members: movedAll(step.members, gone) }]
    if ("persons" in step) return [{ ...step, persons: movedAll(step.persons, gone) }]
    return [step]
  })
  return {
    ...alone,
    options: {
      ...alone.options,
      people: alone.options.people.toSpliced(gone, 1),
      absent: movedAll(alone.options.absent, gone),
      devices: alone.options.devices.map((device) => ofPerson(device, moved(device.person, gone)!))
    },
    steps
  }
}
