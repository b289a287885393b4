/**
 * What a seed means, as plain data: it can be printed, kept as JSON, and made shorter by leaving steps out. Steps name people,
 * devices, groups and servers by number; one that makes no sense when its time comes does nothing.
 */
import { Schema } from "effect"

const at = Schema.Finite
const index = Schema.Int

/** A conversation, as a device finds it. */
export const Target = Schema.Union([
  Schema.Struct({ person: index }),
  Schema.Struct({ group: index })
])
export type Target = typeof Target.Type

const millis = Schema.Finite
/** Of people, by number. */
const persons = Schema.Array(index)
/** Somebody's own step: `device` does it. */
const own = { at, device: index }
/** In the `group`th group that there is. */
const grouped = { ...own, group: index }

/** What people do. `back` is how far before the head the text is that is meant. */
export const Deed = Schema.Union([
  Schema.TaggedStruct("Say", { ...own, target: Target, text: Schema.String, reply: Schema.optionalKey(index) }),
  /** Says once more what was said before, under its name; `other` with another text. Only raw devices do. */
  Schema.TaggedStruct("Retry", { ...own, back: index, other: Schema.optionalKey(Schema.Literal(true)) }),
  Schema.TaggedStruct("Edit", { ...own, target: Target, back: index, text: Schema.String }),
  Schema.TaggedStruct("Delete", { ...own, target: Target, back: index }),
  Schema.TaggedStruct("React", {
    ...own,
    target: Target,
    back: index,
    emoji: Schema.String,
    remove: Schema.optionalKey(Schema.Literal(true))
  }),
  Schema.TaggedStruct("Read", { ...own, target: Target }),
  /** Raw devices that do not confirm by themselves. */
  Schema.TaggedStruct("Confirm", { ...own, target: Target }),
  /** After the entry that is meant, or before it. */
  Schema.TaggedStruct("History", {
    ...own,
    target: Target,
    back: Schema.optionalKey(index),
    before: Schema.optionalKey(Schema.Literal(true))
  }),
  Schema.TaggedStruct("List", own),
  Schema.TaggedStruct("Typing", { ...own, target: Target, active: Schema.Boolean }),
  Schema.TaggedStruct("Found", { ...own, name: Schema.String, members: persons, all: Schema.Boolean }),
  Schema.TaggedStruct("Add", { ...grouped, members: persons }),
  Schema.TaggedStruct("Remove", { ...grouped, members: persons }),
  Schema.TaggedStruct("Ban", { ...grouped, members: persons }),
  Schema.TaggedStruct("Unban", { ...grouped, members: persons }),
  Schema.TaggedStruct("Leave", grouped),
  Schema.TaggedStruct("SetRole", { ...grouped, member: index, role: Schema.Literals(["owner", "admin", "member"]) }),
  Schema.TaggedStruct("Rename", { ...grouped, name: Schema.String }),
  /** Into the group, for so many or for all who come. */
  Schema.TaggedStruct("Invite", { ...grouped, uses: Schema.optionalKey(index) }),
  /** Shows the `invite`th invitation that there is, or takes it back. */
  Schema.TaggedStruct("Join", { ...own, invite: index }),
  Schema.TaggedStruct("Revoke", { ...own, invite: index }),
  Schema.TaggedStruct("Block", { ...own, person: index }),
  Schema.TaggedStruct("Unblock", { ...own, person: index }),
  Schema.TaggedStruct("Watch", { ...own, persons }),
  Schema.TaggedStruct("Unwatch", { ...own, persons }),
  /** So many texts of so many characters, one right after the other. */
  Schema.TaggedStruct("Pour", { ...own, target: Target, texts: index, length: index }),
  /** A frame that is none, or not one of the protocol, so many times. Only raw devices send it. */
  Schema.TaggedStruct("Babble", { ...own, frame: Schema.String, times: Schema.optionalKey(index) })
])
export type Deed = typeof Deed.Type

/** What devices do as a whole, and what happens to them. */
export const Move = Schema.Union([
  /** Comes to a server, or leaves the one where it is for that one. */
  Schema.TaggedStruct("Hop", { ...own, node: index }),
  /** Says goodbye, and stays away for so long. */
  Schema.TaggedStruct("Away", { ...own, millis }),
  /** Its program ends and begins again; the line ends without a word. */
  Schema.TaggedStruct("Restart", own),
  Schema.TaggedStruct("Cut", { ...own, tellClient: Schema.Boolean, tellServer: Schema.Boolean }),
  /** It reads nothing for so long, whatever line it has. */
  Schema.TaggedStruct("Stall", { ...own, millis }),
  /** For so long its application needs this long for each event. Only typed devices have one. */
  Schema.TaggedStruct("Busy", { ...own, millis, each: millis }),
  /** Nothing comes through in either direction, and nobody is told. */
  Schema.TaggedStruct("Isolate", { ...own, millis }),
  /** Its program does nothing for so long. */
  Schema.TaggedStruct("Sleep", { ...own, millis })
])
export type Move = typeof Move.Type

export const Settings = Schema.Record(Schema.String, Schema.Finite)

export const mood = Schema.Literals(["silent", "late", "failing", "unsaid", "full", "slow"])

/** After so many more tasks of the server: in the middle of what it does. Without it all are idle by then. */
const after = Schema.optionalKey(index)

/** What becomes of servers, of the bus and of the store. Whatever lasts ends after `millis`, or when there is peace. */
export const Fault = Schema.Union([
  /** Ends as it stands, and another run of it begins after `millis`. */
  Schema.TaggedStruct("Crash", { at, node: index, after, told: Schema.Boolean, millis, settings: Settings }),
  Schema.TaggedStruct("Pause", { at, node: index, after, millis }),
  /** As on SIGTERM; another run of it begins so long after its end. */
  Schema.TaggedStruct("Drain", { at, node: index, after, millis, settings: Settings }),
  Schema.TaggedStruct("Bus", { at, millis, lost: Schema.Int, repeated: Schema.Int, late: Schema.Int }),
  Schema.TaggedStruct("CutBus", { at, node: index, millis }),
  Schema.TaggedStruct("OverflowBus", { at, node: index }),
  /** How the store treats one server. */
  Schema.TaggedStruct("Store", { at, node: index, millis, mood }),
  /** Somebody sets the wall clock of a server. */
  Schema.TaggedStruct("Clock", { at, node: index, step: Schema.Finite }),
  /** How the network is from now on: one way in milliseconds, at least and at most; attempts that are refused, of a thousand. */
  Schema.TaggedStruct("Weather", { at, least: millis, most: millis, refused: Schema.Int })
])
export type Fault = typeof Fault.Type

export const Step = Schema.Union([Deed, Move, Fault])
export type Step = typeof Step.Type

export const DeviceKind = Schema.Literals(["typed", "raw", "plain"])

export const DevicePlan = Schema.Struct({
  person: index,
  kind: DeviceKind,
  /** A nameless one shares its user's cursor with the other nameless ones. */
  named: Schema.Boolean,
  /** Whether a raw one confirms what it gets by itself. */
  confirms: Schema.Boolean,
  node: index,
  /** As those of a server; without them its clock is right. */
  offset: Schema.optionalKey(Schema.Finite),
  rate: Schema.optionalKey(Schema.Finite)
})
export type DevicePlan = typeof DevicePlan.Type

export const NodePlan = Schema.Struct({
  settings: Settings,
  /** How far its wall clock is off, in milliseconds, and how many milliseconds it counts in one. */
  offset: Schema.Finite,
  rate: Schema.Finite
})
export type NodePlan = typeof NodePlan.Type

export const Options = Schema.Struct({
  /** Where there are webhooks: in how many of a thousand cases their receiver fails, and never answers. */
  webhooks: Schema.optionalKey(Schema.Struct({ failing: Schema.Int, silent: Schema.Int })),
  people: Schema.Array(Schema.String),
  devices: Schema.Array(DevicePlan),
  nodes: Schema.Array(NodePlan),
  /** `drawn`: whose turn it is among the fibers of a machine is drawn, too; else only which machine goes on. */
  order: Schema.Literals(["fifo", "drawn"]),
  /** The Memory store that servers share, or SQLite for one of them. */
  store: Schema.Literals(["memory", "sqlite"]),
  /** One way to the store, in milliseconds. */
  storeLatency: millis,
  latency: millis,
  /** When all faults end, and for how long everything has time after that. */
  peaceAt: millis,
  restMillis: millis,
  /** People who stay away when there is peace. */
  absent: persons,
  /** Whether all leave in the end, so that it can be seen what they leave behind. */
  empties: Schema.Boolean
})
export type Options = typeof Options.Type

export const Plan = Schema.Struct({ seed: Schema.Int, options: Options, steps: Schema.Array(Step) })
export type Plan = typeof Plan.Type
