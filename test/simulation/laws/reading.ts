/** What the laws read of a story: which entries came to whom, and who may and must have them. */
import * as Conversation from "../../../src/domain/Conversation.ts"
import { isEntryPush } from "../../../src/domain/entries/index.ts"
import type { Entry } from "../../../src/domain/Entry.ts"
import type { ConversationId, UserId } from "../../../src/domain/Ids.ts"
import type { ServerFrame } from "../../../src/domain/ServerFrame.ts"
import { spansOf } from "../../support/spans.ts"
import type { Facts } from "../Facts.ts"
import type { Device } from "../people/Device.ts"

export type Push = Extract<ServerFrame, { readonly seq: number; readonly conversation: string }> & {
  readonly conversation: ConversationId
}

export interface HeardPush {
  readonly at: number
  readonly push: ReturnType<typeof pushOf> & object
  readonly own: boolean
}

export const pushOf = (frame: ServerFrame) => isEntryPush(frame) ? frame : undefined

/** The pushed entries of each run, or each connection. */
export const runsOf = ({ plan, runs }: Device): ReadonlyArray<ReadonlyArray<HeardPush>> =>
  runs.map(({ heard, taken }) =>
    plan.kind === "plain"
      // What the socket of a plain client took counts as received (docs/protocol.md), whatever became of it on its way.
      ? taken.flatMap((frame) => {
        const push = pushOf(frame)
        return push === undefined ? [] : [{ at: 0, push, own: false }]
      })
      : heard.flatMap(({ at, frame, own }) => {
        const push = pushOf(frame)
        return push === undefined ? [] : [{ at, push, own: own === true }]
      })
  )

/** Where somebody may hear, and from where on they have to, as long as they are in. */
export interface Rights {
  readonly may: (seq: number) => boolean
  /** Whether they were in when this was said. */
  readonly wasIn: (seq: number) => boolean
  /** `undefined` while they are not in. */
  readonly mustFrom: number | undefined
}

const nobody: Rights = { may: () => false, wasIn: () => false, mustFrom: undefined }

export const rightsOf = (conversation: ConversationId, log: ReadonlyArray<Entry>, user: string): Rights => {
  const parsed = Conversation.parse(conversation)
  if (parsed?.kind === "direct") {
    return parsed.users.includes(user as UserId) ? { may: () => true, wasIn: () => true, mustFrom: 1 } : nobody
  }
  const spans = spansOf(log, user as UserId)
  const last = spans.at(-1)
  if (last === undefined) return nobody
  const created = log[0]
  const all = created?.kind === "group" && created.change.action === "created" && created.change.history === "all"
  return {
    wasIn: (seq) => spans.some(([from, to]) => from <= seq && seq <= to),
    may: (seq) => spans.some(([from, to]) => (all || from <= seq) && seq <= to),
    mustFrom: last[1] === Number.POSITIVE_INFINITY ? last[0] : undefined
  }
}

/** The devices that share a cursor: a named one is alone, those without a name are together. */
export const cursorsOf = ({ devices }: Facts): ReadonlyArray<ReadonlyArray<Device>> => {
  const cursors = new Map<string, Array<Device>>()
  for (const device of devices) {
    const key = `${device.user} ${device.device ?? ""}`
    cursors.set(key, [...cursors.get(key) ?? [], device])
  }
  return Array.from(cursors.values())
}

/** Whom somebody wanted to block at some time, whether or not the store had it. */
export const wishesOf = ({ plan: { options, steps } }: Facts, user: string): ReadonlySet<string> =>
  new Set(steps.flatMap((step) => {
    if (step._tag !== "Block") return []
    const { person } = options.devices[step.device % options.devices.length]!
    return options.people[person] === user ? [options.people[step.person % options.people.length]!] : []
  }))
