/** Everything that a seed means. */
import { driftOf } from "./planDrift.ts"
import { amidTasks, faultsOf } from "./planFaults.ts"
import { strainOf } from "./planStrain.ts"
import type { DevicePlan, Options, Plan, Step, Target } from "./schedule.ts"
import { webhooksOf } from "./webhooks/webhooks.ts"
import { Chance } from "./world/Chance.ts"

const names = ["ann", "bea", "cem", "dov", "eva", "fay"]
const emojis = ["👍", "❤️", "😀"]
/** The first steps make the groups, so that there is something to talk in. */
const firstAt = 3_000
const talkFrom = 5_000
const restMillis = 90_000

const devicesOf = (chance: Chance, people: number, nodes: number): ReadonlyArray<DevicePlan> =>
  Array.from(
    { length: people },
    (_, person) =>
      Array.from({ length: chance.between(1, person === 0 ? 2 : 3) }, (_, nth): DevicePlan => {
        const dice = chance.next()
        // Somebody who founds a group has a client that is told of it.
        const kind = nth === 0 && person === 0 ? "typed" : dice < 0.55 ? "typed" : dice < 0.85 ? "raw" : "plain"
        return {
          person,
          kind,
          named: chance.happens(0.85) || nth > 0,
          confirms: chance.happens(0.7),
          node: chance.below(nodes)
        }
      })
  ).flat()

const optionsOf = (chance: Chance): Options => {
  const nodes = chance.happens(0.15) ? 1 : chance.between(2, 4)
  const people = names.slice(0, chance.between(3, 6))
  return {
    people,
    devices: devicesOf(chance, people.length, nodes),
    nodes: Array.from(
      { length: nodes },
      () => ({ settings: { heartbeatMillis: 5_000, heartbeatTimeoutMillis: 5_000 }, offset: 0, rate: 1 })
    ),
    order: chance.happens(0.5) ? "fifo" : "drawn",
    store: nodes === 1 && chance.happens(0.5) ? "sqlite" : "memory",
    storeLatency: chance.happens(0.5) ? 0 : chance.between(1, 4),
    latency: chance.pick([0, 1, 5, 40]),
    // Mostly short, because time costs; some things take long until they are found out.
    peaceAt: talkFrom + (chance.happens(0.7) ? chance.between(3_000, 9_000) : chance.between(9_000, 25_000)),
    restMillis,
    absent: chance.happens(0.3) ? [people.length - 1] : [],
    empties: chance.happens(0.15)
  }
}

const targetOf = (chance: Chance, { people }: Options): Target =>
  chance.happens(0.55) ? { group: chance.happens(0.8) ? 0 : 1 } : { person: chance.below(people.length) }

/** What somebody does. */
const deed = (chance: Chance, options: Options, at: number, n: number): Step => {
  const device = chance.below(options.devices.length)
  const person = () => chance.below(options.people.length)
  const target = targetOf(chance, options)
  const group = chance.happens(0.8) ? 0 : 1
  const own = { at, device }
  const dice = chance.next()
  if (dice < 0.5) {
    const reply = chance.happens(0.1) ? { reply: chance.below(3) } : {}
    // People say the same more than once.
    return { _tag: "Say", ...own, target, text: n % 6 === 0 ? "yes" : `word ${n}`, ...reply }
  }
  if (dice < 0.55) {
    return { _tag: "Retry", ...own, back: chance.below(4), ...(chance.happens(0.2) ? { other: true } : {}) }
  }
  if (dice < 0.6) return { _tag: "Edit", ...own, target, back: chance.below(4), text: `edited ${n}` }
  if (dice < 0.63) return { _tag: "Delete", ...own, target, back: chance.below(4) }
  if (dice < 0.68) {
    const remove = chance.happens(0.2) ? { remove: true } as const : {}
    return { _tag: "React", ...own, target, back: chance.below(4), emoji: chance.pick(emojis), ...remove }
  }
  if (dice < 0.71) return { _tag: "Read", ...own, target }
  if (dice < 0.75) return { _tag: "Confirm", ...own, target }
  if (dice < 0.78) {
    return { _tag: "History", ...own, target, ...(n % 2 === 0 ? { before: true, back: n % 5 } as const : {}) }
  }
  if (dice < 0.79) return { _tag: "List", ...own }
  if (dice < 0.81) return { _tag: "Typing", ...own, target, active: chance.happens(0.7) }
  if (dice < 0.85) return { _tag: "Add", ...own, group, members: [person()] }
  if (dice < 0.89) return { _tag: "Remove", ...own, group, members: [person()] }
  if (dice < 0.9) return { _tag: chance.happens(0.5) ? "Ban" : "Unban", ...own, group, members: [person()] }
  if (dice < 0.91) return { _tag: "Leave", ...own, group }
  if (dice < 0.925) {
    return {
      _tag: "SetRole",
      ...own,
      group,
      member: person(),
      role: chance.pick(["owner", "admin", "member"] as const)
    }
  }
  if (dice < 0.935) return { _tag: "Rename", ...own, group, name: `group ${n}` }
  if (dice < 0.965) return { _tag: chance.happens(0.5) ? "Block" : "Unblock", ...own, person: person() }
  if (dice < 0.99) return { _tag: chance.happens(0.75) ? "Watch" : "Unwatch", ...own, persons: [person(), person()] }
  return {
    _tag: "Babble",
    ...own,
    frame: chance.pick(["{", "[]", "{\"type\":\"nonsense\"}", "{\"type\":\"chat_message\"}", "null"])
  }
}

/** What devices do as a whole, and what happens to their lines. */
const move = (chance: Chance, { devices, nodes }: Options, at: number): Step => {
  const own = { at, device: chance.below(devices.length) }
  const dice = chance.next()
  if (dice < 0.25) return { _tag: "Hop", ...own, node: chance.below(nodes.length) }
  if (dice < 0.35) return { _tag: "Away", ...own, millis: chance.between(200, 6_000) }
  if (dice < 0.45) return { _tag: "Restart", ...own }
  if (dice < 0.75) return { _tag: "Cut", ...own, tellClient: chance.happens(0.6), tellServer: chance.happens(0.5) }
  if (dice < 0.85) return { _tag: "Stall", ...own, millis: chance.between(500, 8_000) }
  if (dice < 0.92) return { _tag: "Isolate", ...own, millis: chance.between(500, 8_000) }
  return { _tag: "Sleep", ...own, millis: chance.between(200, 8_000) }
}

const founding = (chance: Chance, { people }: Options): ReadonlyArray<Step> => [
  {
    _tag: "Found",
    at: firstAt,
    device: 0,
    name: "first",
    members: people.map((_, person) => person).filter((person) => person > 0 && chance.happens(0.8)),
    all: chance.happens(0.5)
  },
  ...(chance.happens(0.5)
    ? [{ _tag: "Found" as const, at: firstAt + 500, device: 0, name: "second", members: [1], all: chance.happens(0.5) }]
    : [])
]

export const planOf = (seed: number): Plan => {
  const chance = new Chance(seed)
  const drawn = { ...optionsOf(chance), ...webhooksOf(seed) }
  const strain = strainOf(seed, drawn, talkFrom)
  const drift = driftOf(seed, drawn)
  const options = {
    ...drawn,
    ...drift,
    nodes: drift.nodes.map(({ offset, rate, settings }) => ({
      settings: { ...settings, ...strain.settings },
      offset,
      rate
    }))
  }
  const count = chance.between(60, 160)
  const span = options.peaceAt - talkFrom
  const shareOfMoves = chance.pick([0, 0.1, 0.25])
  const steps = Array.from({ length: count }, (_, n) => {
    const at = talkFrom + Math.round(chance.next() * span)
    return chance.happens(shareOfMoves) ? move(chance, options, at) : deed(chance, options, at, n)
  })
  const faults = strain.isCalm ? [] : amidTasks(seed, faultsOf(chance, options, talkFrom))
  const all = [...founding(chance, options), ...steps, ...strain.steps, ...faults]
  // A sort that keeps the order of those at the same time.
  return { seed, options, steps: all.sort((a, b) => a.at - b.at) }
}
