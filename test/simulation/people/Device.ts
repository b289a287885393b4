/** What every device has: its line, its program, its own account of what it was told, and what it was answered. */
import { Effect } from "effect"
import type { InviteInfo, MessageAccepted, ServerFrame } from "../../../src/domain/ServerFrame.ts"
import type { Deed, DevicePlan } from "../schedule.ts"
import type { PromiseName } from "../violation.ts"
import type { Line } from "../world/Line.ts"
import type { Machine } from "../world/Machine.ts"
import type { Attempt, Network } from "../world/Network.ts"
import type { SimNode } from "../world/SimNode.ts"
import type { World } from "../world/World.ts"

/** One run of a typed client's program, or one connection of another device. */
export interface Run {
  /** When it was begun, before anything was asked for. */
  readonly begunAt: number
  readonly heard: Array<Heard>
  /** Where the socket took it: what counts as received by a plain client. */
  readonly taken: Array<ServerFrame>
}

export interface Heard {
  readonly at: number
  readonly frame: ServerFrame
  /** Of a typed client: an event of an own entry, which may come before or after others. */
  readonly own?: true
}

/** Something that was said, and what is known to have become of it. */
export interface Said {
  readonly id: string
  readonly key: string
  readonly text: string
  answer?: MessageAccepted | "refused"
}

/** A page of history that was asked for and came. */
export interface PageSeen {
  /** When it was asked for first. */
  readonly askedAt: number
  readonly frame: Extract<ServerFrame, { readonly type: "history_page" }>
  /** It was asked for what comes after this one, or before it. */
  readonly asked: { readonly after: number } | { readonly before: number }
}

export interface Surroundings {
  readonly world: World
  readonly network: Network
  readonly makeMachine: (name: string, plan: DevicePlan) => Machine
  /** The name of a person. */
  readonly people: (person: number) => string
  /** The next server that listens, from this one on. */
  readonly anyNode: (index: number) => SimNode | undefined
  readonly trace: (who: string, what: string) => void
  readonly struck: (what: string) => void
  readonly violated: (promise: PromiseName, law: string, what: string) => void
  readonly founded: (group: string) => void
  /** There is this invitation. */
  readonly invited: (invitation: InviteInfo) => void
}

/** What a device does as one thing. */
export type Act = Exclude<Deed, { readonly _tag: "Pour" }>

export abstract class Device {
  readonly plan: DevicePlan
  readonly index: number
  readonly user: string
  /** The name of its device, where it has one. */
  readonly device: string | undefined
  readonly label: string
  readonly runs: Array<Run> = []
  /** All that it has had. */
  readonly lines: Array<Line> = []
  readonly said: Array<Said> = []
  readonly accepted: Array<MessageAccepted> = []
  readonly pages: Array<PageSeen> = []
  /** Whom it wants to know about. */
  readonly watched = new Set<string>()
  /** Groups as its server told of them when it was asked at rest. */
  readonly groupsTold: Array<Extract<ServerFrame, { readonly type: "group_info" }>> = []
  node: number
  protected readonly around: Surroundings
  protected isIsolated = false
  protected isStalled = false
  #isGone = false
  /** How long its application needs for each event. */
  protected eachMillis = 0
  protected attempt: Attempt | undefined
  line: Line | undefined
  machine: Machine

  constructor(index: number, plan: DevicePlan, user: string, around: Surroundings) {
    this.index = index
    this.plan = plan
    this.user = user
    this.label = `${user}/${index}`
    this.device = plan.named ? `d${index}` : undefined
    this.node = plan.node
    this.around = around
    this.machine = around.makeMachine(this.label, plan)
  }

  abstract begin(): void
  abstract act(deed: Act, target: Record<string, string> | undefined, seq: number): void
  abstract restart(): void
  /** Says goodbye and comes to another server; or stays away, for ever where the time has no end. */
  abstract leave(millis: number): void
  /** There is peace: it comes and stays. */
  abstract come(): void
  abstract readonly isHere: boolean
  /** How much that it asked for has no answer yet. */
  abstract pending(): number

  /** Whoever has gone for ever does not come for having gone for a while before. */
  protected comeAfter(millis: number): void {
    if (!Number.isFinite(millis)) this.#isGone = true
    else this.around.world.after(millis, () => this.#isGone ? undefined : this.come())
  }

  hop(node: number): void {
    this.node = node
    this.leave(0)
  }

  cut(tellClient: boolean, tellServer: boolean): void {
    this.line?.cut(tellClient, tellServer)
  }

  stall(isStalled: boolean): void {
    this.isStalled = isStalled
    if (isStalled) this.line?.stall()
    else this.line?.flow()
  }

  /** Its application needs so long for each event from now on. */
  busy(eachMillis: number): void {
    this.eachMillis = eachMillis
  }

  isolate(isIsolated: boolean): void {
    this.isIsolated = isIsolated
    if (isIsolated) this.line?.cut(false, false)
  }

  /** It hears that it is let in; whether it reads may have changed since the server let it in. */
  protected has(line: Line): void {
    this.line = line
    this.lines.push(line)
    if (this.isStalled) line.stall()
    else line.flow()
  }

  /** For the page that is asked for now. */
  protected noting(asked: PageSeen["asked"]): (frame: PageSeen["frame"]) => Effect.Effect<void> {
    const askedAt = this.around.world.now
    return (frame) => Effect.sync(() => void this.pages.push({ askedAt, frame, asked }))
  }

  protected trace(what: string): void {
    this.around.trace(this.label, what)
  }
}
