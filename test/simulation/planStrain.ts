/**
 * What some seeds have beside the rest: somebody who reads slowly while much is said to them, an application that is slow,
 * people who say what is wrong, and people who come by invitations. Drawn apart, so that the rest of what a seed means does not depend on it.
 */
import type { Options, Step, Target } from "./schedule.ts"
import { Chance } from "./world/Chance.ts"

export interface Strain {
  readonly steps: ReadonlyArray<Step>
  /** Of all servers, until they are started with others. */
  readonly settings: Readonly<Record<string, number>>
  /** Nothing else goes wrong: then nobody has a reason to wait for anything. */
  readonly isCalm: boolean
}

interface Part {
  readonly steps: ReadonlyArray<Step>
  readonly settings: Readonly<Record<string, number>>
}

interface Drawing {
  readonly chance: Chance
  readonly options: Options
  /** Some time at which people talk, and early enough for what follows. */
  readonly at: () => number
}

const indexOf = (options: Options, kinds: ReadonlyArray<string>, chance: Chance): number | undefined => {
  const all = options.devices.flatMap(({ kind }, index) => kinds.includes(kind) ? [index] : [])
  return all.length === 0 ? undefined : chance.pick(all)
}

/** Somebody reads nothing, also when they come again, and others say much to them. */
const slowReader = ({ at, chance, options }: Drawing): Part => {
  const device = chance.below(options.devices.length)
  const from = at()
  const others = Array.from({ length: chance.between(1, 3) }, (): Step => {
    const target: Target = chance.happens(0.6) ? { group: 0 } : { person: options.devices[device]!.person }
    return {
      _tag: "Pour",
      at: from + chance.between(20, 1_500),
      device: chance.below(options.devices.length),
      target,
      texts: chance.between(2, 12),
      length: chance.pick([500, 4_000, 15_000])
    }
  })
  const comesAgain: ReadonlyArray<Step> = chance.happens(0.3)
    ? [{ _tag: "Cut", at: from + 1_500, device, tellClient: true, tellServer: chance.happens(0.7) }]
    : []
  return {
    steps: [{ _tag: "Stall", at: from, device, millis: chance.between(2_000, 8_000) }, ...others, ...comesAgain],
    settings: chance.happens(0.7) ? { maxOutboundBytes: chance.pick([4_000, 20_000, 60_000]) } : {}
  }
}

const slowApplication = ({ at, chance, options }: Drawing): Part => {
  const device = indexOf(options, ["typed"], chance)!
  const from = at()
  const ends: ReadonlyArray<Step> = chance.happens(0.5)
    ? [{ _tag: "Restart", at: from + chance.between(300, 3_000), device }]
    : []
  const millis = chance.between(1_000, 8_000)
  return {
    steps: [{ _tag: "Busy", at: from, device, millis, each: chance.pick([20, 200, 1_000]) }, ...ends],
    settings: {}
  }
}

const wrong = ["{", "[]", "null", "{\"type\":\"nonsense\",\"id\":\"n\"}", "{\"type\":\"chat_message\",\"id\":\"c\"}"]

/** Some say what is wrong at the same time, and one of them perhaps so much of it that the line is ended. */
const wrongFrames = ({ at, chance, options }: Drawing): Part => {
  const from = at()
  const steps = Array.from({ length: chance.between(2, 5) }, (): ReadonlyArray<Step> => {
    const device = indexOf(options, ["raw", "plain"], chance)
    if (device === undefined) return []
    const when = from + chance.between(0, 1_000)
    return [{ _tag: "Babble", at: when, device, frame: chance.pick(wrong), times: chance.between(1, 4) }]
  })
  return { steps: steps.flat(), settings: { maxInvalidFrames: chance.pick([3, 5, 20]) } }
}

/** People are out of the first group, for some reason, and some come by an invitation. */
const invitations = ({ at, chance, options }: Drawing): Part => {
  const from = at()
  const person = () => chance.below(options.people.length)
  const when = (least: number) => from + chance.between(least, least + 1_000)
  const uses = chance.happens(0.7) ? { uses: chance.between(1, 2) } : {}
  const goes = Array.from({ length: chance.between(1, 3) }, (): Step =>
    chance.pick<Step>([
      { _tag: "Ban", at: when(0), device: 0, group: 0, members: [person()] },
      { _tag: "Remove", at: when(0), device: 0, group: 0, members: [person()] },
      { _tag: "Leave", at: when(0), device: chance.below(options.devices.length), group: 0 }
    ]))
  const comes = Array.from(
    { length: chance.between(3, 8) },
    (): Step => ({ _tag: "Join", at: when(300), device: chance.below(options.devices.length), invite: 0 })
  )
  const revoked: ReadonlyArray<Step> = chance.happens(0.3)
    ? [{ _tag: "Revoke", at: when(500), device: 0, invite: 0 }]
    : []
  return {
    steps: [{ _tag: "Invite", at: from, device: 0, group: 0, ...uses }, ...goes, ...comes, ...revoked],
    settings: {}
  }
}

export const strainOf = (seed: number, options: Options, from: number): Strain => {
  const chance = new Chance(seed ^ 0x57_4a1)
  const at = () => from + chance.below(Math.max(1, options.peaceAt - from - 2_000))
  const parts = [slowReader, slowApplication, wrongFrames, invitations].filter(() => chance.happens(0.15))
    .map((part) => part({ at, chance, options }))
  return {
    steps: parts.flatMap(({ steps }) => steps),
    settings: Object.assign({}, ...parts.map(({ settings }) => settings)) as Record<string, number>,
    isCalm: parts.length > 0 && chance.happens(0.3)
  }
}
