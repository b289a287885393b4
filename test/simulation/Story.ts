/** One run of a plan, from the first server to the end of its rest. */
import * as Conversation from "../../src/domain/Conversation.ts"
import { GroupId, UserId } from "../../src/domain/Ids.ts"
import type { InviteInfo } from "../../src/domain/ServerFrame.ts"
import { DeviceLines } from "./DeviceLines.ts"
import type { Facts, NodeEmpty } from "./Facts.ts"
import { emptied, gather } from "./gather.ts"
import { lawsOf } from "./laws/index.ts"
import { Ledger } from "./Ledger.ts"
import type { Device, Surroundings } from "./people/Device.ts"
import { RawDevice } from "./people/RawDevice.ts"
import { TypedDevice } from "./people/TypedDevice.ts"
import type { Deed, Move, Plan, Step, Target } from "./schedule.ts"
import { Servers } from "./Servers.ts"
import type { PromiseName } from "./violation.ts"
import { Machine } from "./world/Machine.ts"
import { Network } from "./world/Network.ts"
import { World } from "./world/World.ts"

/** The servers listen by then. */
const devicesAt = 1_000

/** After everybody has left: groups are let go after a minute without use, and nothing else takes as long. */
const emptyMillis = 100_000

/** Never less than it takes to find out that a line is dead. */
const leastRestMillis = 13_000
const moreRestMillis = 8_000

/** Each of them is another one. */
const textsOf = ({ length, texts, ...own }: Extract<Deed, { readonly _tag: "Pour" }>) =>
  Array.from(
    { length: texts },
    (_, n) => ({ ...own, _tag: "Say", text: `${own.at} ${n} `.padEnd(length, "word ") }) as const
  )

const invitation = /"invite":"[^"]+"/g

type Violated = (promise: PromiseName, law: string, what: string) => void

export class Story {
  readonly plan: Plan
  readonly world: World
  readonly lines: Array<string> = []
  readonly coverage = new Map<string, number>()
  readonly #groups: Array<string> = []
  readonly #invitations: Array<InviteInfo> = []
  /** As they come in the trace. */
  readonly #invites: Array<string> = []
  readonly #ledger: Ledger
  readonly #network: Network
  readonly #servers: Servers
  readonly #devices: ReadonlyArray<Device>
  #isPeace = false

  constructor(plan: Plan, violated: Violated) {
    this.plan = plan
    const { options, seed } = plan
    const { trace } = this
    const struck = this.#struck
    const world = this.world = new World(seed)
    const ledger = this.#ledger = new Ledger({ now: () => world.now, trace, violated })
    this.#network = new Network(world, {
      wrote: (user, text) => ledger.wrote(user, text),
      struck,
      violated
    })
    this.#network.least = this.#network.most = options.latency
    this.#network.opened = new DeviceLines({
      plan,
      world,
      violated,
      struckAmid: () => this.#servers.struckAmid
    }).opened
    this.#servers = new Servers({ plan, world, ledger, trace, struck, violated })
    const around = this.#around(violated)
    this.#devices = options.devices.map((device, index) => {
      const user = options.people[device.person]!
      if ((device.rate ?? 1) !== 1) struck("drift of a client")
      return new (device.kind === "typed" ? TypedDevice : RawDevice)(index, device, user, around)
    })
  }

  /** `look` is called when all are at rest, before they leave. */
  async tell(look: (facts: Facts) => void): Promise<ReadonlyArray<NodeEmpty>> {
    const { options, steps } = this.plan
    const { world } = this
    await this.#servers.begin()
    world.after(devicesAt, () => this.#devices.forEach((device) => device.begin()))
    for (const step of steps) world.after(step.at, () => this.#do(step))
    world.after(options.peaceAt, () => this.#makePeace())
    await this.#rest()
    // Somebody may come to the end of their patience meanwhile, and say again what had no answer.
    for (let heads = ""; heads !== this.#heads();) {
      heads = this.#heads()
      for (const device of this.#devices) if (device instanceof TypedDevice) device.askGroups(this.#groups)
      await world.run(world.now + 2_000)
      await this.#rest()
    }
    look(await this.#facts())
    if (options.empties) {
      for (const device of this.#devices) device.leave(Number.POSITIVE_INFINITY)
      await world.run(world.now + emptyMillis)
    }
    const empty = options.empties ? this.#servers.running.map(emptied) : []
    await this.#servers.end()
    return empty
  }

  /** Until all is well, or for as long as it may take. */
  async #rest(): Promise<void> {
    const { peaceAt, restMillis } = this.plan.options
    await this.world.run(Math.max(this.world.now, peaceAt + leastRestMillis))
    while (this.world.now < peaceAt + restMillis) {
      const facts = await this.#facts()
      let isWell = true
      for (const [, check] of lawsOf) check(facts, () => isWell = false)
      if (isWell) return
      await this.world.run(Math.min(peaceAt + restMillis, this.world.now + moreRestMillis))
    }
  }

  /** How far each conversation is. */
  #heads(): string {
    return Array.from(this.#ledger.heads, (head) => head.join()).join(" ")
  }

  readonly trace = (who: string, what: string): void => {
    this.lines.push(`${this.world.now.toFixed(0).padStart(6)} ${who} ${what.replace(invitation, this.#numbered)}`)
  }

  /** An invitation is the machine's own random number, which no seed draws: a trace has its place among the others. */
  readonly #numbered = (text: string): string => {
    if (!this.#invites.includes(text)) this.#invites.push(text)
    return `"invite":"${this.#invites.indexOf(text)}"`
  }

  readonly #struck = (what: string): void => {
    this.coverage.set(what, (this.coverage.get(what) ?? 0) + 1)
  }

  #around(violated: Violated): Surroundings {
    const { people } = this.plan.options
    return {
      world: this.world,
      network: this.#network,
      makeMachine: (name, { offset = 0, rate = 1 }) =>
        new Machine(name, this.world, { order: this.plan.options.order, offset, rate }),
      people: (person) => people[person % people.length]!,
      anyNode: (index) => this.#servers.near(index),
      trace: this.trace,
      struck: this.#struck,
      violated,
      founded: (group) => {
        if (!this.#groups.includes(group)) this.#groups.push(group)
      },
      invited: (invitation) => {
        // The answer to whoever takes it back names it, too.
        if (!this.#invitations.some(({ invite }) => invite === invitation.invite)) this.#invitations.push(invitation)
      }
    }
  }

  #do(step: Step): void {
    if (this.#isPeace) return
    if ("device" in step) {
      const device = this.#devices[step.device % this.#devices.length]
      if (device !== undefined) this.#doOf(device, step)
    } else if (step._tag === "Weather") {
      this.#struck(step._tag)
      const { least, most, refused } = step
      Object.assign(this.#network, { least, most, refused })
    } else this.#servers.disturb(step)
  }

  #doOf(device: Device, step: Deed | Move): void {
    this.#struck(step._tag)
    switch (step._tag) {
      case "Hop":
        return device.hop(step.node % this.plan.options.nodes.length)
      case "Away":
        return device.leave(step.millis)
      case "Restart":
        return device.restart()
      case "Cut":
        return device.cut(step.tellClient, step.tellServer)
      case "Stall":
        device.stall(true)
        return void this.world.after(step.millis, () => device.stall(false))
      case "Busy":
        device.busy(step.each)
        return void this.world.after(step.millis, () => device.busy(0))
      case "Isolate":
        device.isolate(true)
        return void this.world.after(step.millis, () => device.isolate(false))
      case "Sleep": {
        const { machine } = device
        machine.pause()
        return void this.world.after(step.millis, () => machine.resume())
      }
      default:
        return this.#deed(device, step)
    }
  }

  #deed(device: Device, deed: Deed): void {
    if ("invite" in deed) {
      const invite = this.#invitations[deed.invite]?.invite
      return invite === undefined ? undefined : device.machine.post(() => device.act(deed, { invite }, 0))
    }
    if (!("target" in deed) && !("group" in deed)) return device.machine.post(() => device.act(deed, undefined, 0))
    const wanted: Target = "target" in deed ? deed.target : { group: deed.group }
    const at = this.#place(device.user, wanted)
    if (at === undefined) return
    const head = this.#ledger.heads.get(at.conversation) ?? 0
    const back = "back" in deed ? deed.back : "reply" in deed ? deed.reply ?? 0 : 0
    const byName = deed._tag === "Read" || deed._tag === "Confirm"
    const target: Record<string, string> = byName ? { conversation: at.conversation } : at.target
    const acts = deed._tag === "Pour" ? textsOf(deed) : [deed]
    device.machine.post(() => acts.forEach((act) => device.act(act, target, Math.max(1, head - back))))
  }

  #place(user: string, target: Target): { conversation: string; target: Record<string, string> } | undefined {
    if ("group" in target) {
      const group = this.#groups[target.group]
      return group === undefined
        ? undefined
        : { conversation: Conversation.group(GroupId.make(group)), target: { group } }
    }
    const { people } = this.plan.options
    const recipient = people[target.person % people.length]!
    const conversation = Conversation.direct(UserId.make(user), UserId.make(recipient))
    return { conversation, target: { recipient } }
  }

  #isAbsent({ plan }: Device): boolean {
    return this.#isPeace && this.plan.options.absent.includes(plan.person)
  }

  #makePeace(): void {
    this.#isPeace = true
    this.trace("world", "PEACE")
    Object.assign(this.#network, { least: 1, most: 1, refused: 0 })
    this.#servers.makePeace()
    for (const device of this.#devices) {
      device.machine.resume()
      device.isolate(false)
      device.stall(false)
      device.busy(0)
      if (this.#isAbsent(device)) device.leave(Number.POSITIVE_INFINITY)
      else device.come()
    }
  }

  #facts(): Promise<Facts> {
    return gather({
      plan: this.plan,
      servers: this.#servers,
      ledger: this.#ledger,
      devices: this.#devices.filter((device) => !this.#isAbsent(device)),
      groups: this.#groups,
      invitations: this.#invitations
    }, () => this.world.run(this.world.now + 1))
  }
}
