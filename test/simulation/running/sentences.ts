/** Steps of a plan as sentences. */
import type { Options, Plan, Step, Target } from "../schedule.ts"

const list = (names: ReadonlyArray<string>): string =>
  names.length === 0
    ? "nobody"
    : names.length === 1
    ? names[0]!
    : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

const forLong = (millis: number): string => millis >= 1_000 ? `${millis / 1_000} s` : `${millis} ms`

export const personOf = ({ people }: Options, index: number): string => people[index] ?? `nobody (person ${index})`

/** As `alice's device 2`. */
export const deviceOf = (options: Options, index: number): string => {
  const device = options.devices[index]
  return device === undefined ? `nobody (device ${index})` : `${personOf(options, device.person)}'s device ${index}`
}

const nodeOf = (index: number): string => `server ${index}`
const groupOf = (index: number): string => `group ${index}`

const moods = {
  silent: "does not answer",
  late: "answers late",
  failing: "fails",
  unsaid: "does what it is asked and says that it failed",
  full: "has no room left",
  slow: "is slow"
} as const

const other = (settings: Readonly<Record<string, number>>): string => {
  const said = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
  return said.length === 0 ? "" : ` with ${list(said)}`
}

type Doing = Extract<Step, { readonly device: number }>
type Happening = Exclude<Step, { readonly device: number }>

const targetOf = (options: Options, target: Target): string =>
  "group" in target ? groupOf(target.group) : personOf(options, target.person)

const textAt = (back: number): string => back === 0 ? "the last entry" : `the entry ${back} before the last`

const doing = (options: Options, step: Doing): string => {
  const names = (persons: ReadonlyArray<number>) => list(persons.map((each) => personOf(options, each)))
  const to = "target" in step ? targetOf(options, step.target) : ""
  switch (step._tag) {
    case "Say":
      return `says ${JSON.stringify(step.text)} to ${to}${step.reply === undefined ? "" : " as a reply"}`
    case "Retry":
      return `says what it said ${step.back} before the last once more under its name` +
        (step.other === true ? ", with another text" : "")
    case "Edit":
      return `changes ${textAt(step.back)} with ${to} to ${JSON.stringify(step.text)}`
    case "Delete":
      return `deletes ${textAt(step.back)} with ${to}`
    case "React":
      return `${step.remove === true ? "takes back" : "gives"} ${step.emoji} for ${textAt(step.back)} with ${to}`
    case "Read":
      return `reads all with ${to}`
    case "Confirm":
      return `confirms what it has of ${to}`
    case "History":
      return `asks for the history with ${to} ${step.before === true ? "before" : "from"} ${textAt(step.back ?? 0)}`
    case "List":
      return "asks for its conversations"
    case "Typing":
      return `${step.active ? "types" : "types no more"} to ${to}`
    case "Found":
      return `makes a group ${JSON.stringify(step.name)} with ${names(step.members)}` +
        (step.all ? ", who may see all of it" : "")
    case "Add":
      return `adds ${names(step.members)} to ${groupOf(step.group)}`
    case "Remove":
      return `takes ${names(step.members)} out of ${groupOf(step.group)}`
    case "Ban":
      return `bans ${names(step.members)} from ${groupOf(step.group)}`
    case "Unban":
      return `lets ${names(step.members)} into ${groupOf(step.group)} again`
    case "Leave":
      return `leaves ${groupOf(step.group)}`
    case "SetRole":
      return `makes ${personOf(options, step.member)} ${step.role} of ${groupOf(step.group)}`
    case "Rename":
      return `calls ${groupOf(step.group)} ${JSON.stringify(step.name)}`
    case "Invite":
      return `makes an invitation into ${groupOf(step.group)} for ${step.uses ?? "all who come"}`
    case "Join":
      return `shows invitation ${step.invite}`
    case "Revoke":
      return `takes invitation ${step.invite} back`
    case "Block":
      return `blocks ${personOf(options, step.person)}`
    case "Unblock":
      return `blocks ${personOf(options, step.person)} no more`
    case "Watch":
      return `watches whether ${names(step.persons)} are there`
    case "Unwatch":
      return `watches ${names(step.persons)} no more`
    case "Pour":
      return `says ${step.texts} texts of ${step.length} characters to ${to}`
    case "Babble":
      return `sends ${JSON.stringify(step.frame.slice(0, 60))}${step.times === undefined ? "" : ` ${step.times} times`}`
    case "Hop":
      return `goes to ${nodeOf(step.node)}`
    case "Away":
      return `says goodbye for ${forLong(step.millis)}`
    case "Restart":
      return "ends without a word and begins again"
    case "Cut": {
      const told = [...step.tellClient ? ["it"] : [], ...step.tellServer ? ["its server"] : []]
      return `loses its line; ${told.length === 0 ? "nobody" : told.join(" and ")} is told`
    }
    case "Stall":
      return `reads nothing for ${forLong(step.millis)}`
    case "Busy":
      return `has an application that needs ${forLong(step.each)} for each event, for ${forLong(step.millis)}`
    case "Isolate":
      return `is cut off for ${forLong(step.millis)}, and nobody is told`
    case "Sleep":
      return `does nothing for ${forLong(step.millis)}`
  }
}

const happening = (step: Happening): string => {
  switch (step._tag) {
    case "Crash":
      return `${nodeOf(step.node)} is killed${step.told ? "" : " with its machine"}; it begins again ${
        forLong(step.millis)
      } later${other(step.settings)}`
    case "Pause":
      return `${nodeOf(step.node)} stands still for ${forLong(step.millis)}`
    case "Drain":
      return `${nodeOf(step.node)} is told to stop; it begins again ${forLong(step.millis)} after its end${
        other(step.settings)
      }`
    case "Bus":
      return `of a thousand messages the bus loses ${step.lost}, repeats ${step.repeated} and delays ${step.late}, for ${
        forLong(step.millis)
      }`
    case "CutBus":
      return `${nodeOf(step.node)} has no bus for ${forLong(step.millis)}`
    case "OverflowBus":
      return `too much comes over the bus for ${nodeOf(step.node)}, and it is told so`
    case "Store":
      return `the store ${moods[step.mood]}, to ${nodeOf(step.node)}, for ${forLong(step.millis)}`
    case "Clock":
      return `the clock of ${nodeOf(step.node)} is set by ${step.step} ms`
    case "Weather":
      return `the network takes ${step.least} to ${step.most} ms and refuses ${step.refused} of a thousand attempts`
  }
}

/** In the middle of what a server does. */
const amid = (step: Happening): string => "after" in step ? `after ${step.after} more of its tasks ` : ""

export const sentenceOf = ({ options }: Plan, step: Step): string =>
  "device" in step
    ? `${deviceOf(options, step.device)} ${doing(options, step)}`
    : `${amid(step)}${happening(step)}`

export const castOf = ({ options }: Plan): ReadonlyArray<string> => [
  `${options.nodes.length === 1 ? "One server" : `${options.nodes.length} servers`}, store: ${options.store}, ` +
  `fibers: ${options.order}.`,
  ...options.nodes.flatMap(({ offset, rate, settings }, index) => {
    const odd = [
      ...offset === 0 ? [] : [`its clock is off by ${offset} ms`],
      ...rate === 1 ? [] : [`its clock counts ${rate} ms in one`],
      ...Object.entries(settings).map(([name, value]) => `${name} is ${value}`)
    ]
    return odd.length === 0 ? [] : [`Of ${nodeOf(index)}: ${list(odd)}.`]
  }),
  ...options.devices.map(({ confirms, kind, named, node, offset = 0, rate = 1 }, index) =>
    `${deviceOf(options, index)} is ${named ? "a named" : "a nameless"} ${kind} client of ${nodeOf(node)}` +
    (kind === "raw" && !confirms ? " and confirms only when it is told to." : ".") +
    (offset === 0 && rate === 1 ? "" : ` Its clock is off by ${offset} ms and counts ${rate} ms in one.`)
  )
]
