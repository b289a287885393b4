/**
 * A model of several servers on one store: a journal, a bus that loses, doubles and reorders, servers that are killed and
 * paused, devices that hop, a group whose members come and go. `Positions` and `GroupView` are the real ones. What is a
 * read in the server is two steps here, with any other things between. One seed is one story, everywhere the same.
 */
import type { GroupChange } from "../../../src/domain/Entry.ts"
import { Device, Session, Violation } from "./modelDevice.ts"
import { type Conditions, ModelNode, type Told, type Variant } from "./modelNode.ts"
import { conversations, group, ModelStore, type Request, users } from "./modelStore.ts"

export type { Variant } from "./modelNode.ts"

const steps = 400

/** A small generator (mulberry32). */
const chanceOf = (seed: number): () => number => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

class Model {
  readonly #chance: () => number
  readonly #store: ModelStore
  readonly #conditions: Conditions
  readonly #nodes: Array<ModelNode> = []
  readonly #devices: ReadonlyArray<Device>
  /** Where each device is connected, and to which server. */
  readonly #sessions = new Map<Device, { readonly session: Session; readonly node: ModelNode }>()
  #nextNode = 1
  #nextNote = 1

  constructor(seed: number, variant: Variant) {
    this.#chance = chanceOf(seed)
    this.#store = new ModelStore({
      history: this.#chance() < 0.5 ? "joined" : "all",
      retention: this.#pick([80, 120, 1_000]),
      isForgetful: variant === "commits into a forgotten epoch"
    })
    this.#conditions = {
      variant,
      chance: this.#chance,
      // Narrow ones, so that what happens past them happens.
      bounds: this.#chance() < 0.25 ? { early: 3, earlyItems: 4, waiting: 4, over: 1 } : undefined,
      pageSize: 3,
      replays: this.#chance() < 0.3
    }
    for (let i = 0; i < 3; i++) this.#boot()
    this.#devices = users.flatMap((user) => [1, 2].map((index) => new Device(user, index, this.#store)))
    for (const device of this.#devices) this.#connect(device)
  }

  run(): void {
    for (let i = 0; i < steps; i++) {
      this.#store.now++
      this.#step(this.#pick(this.#nodes))
    }
    this.#end()
  }

  #below(n: number): number {
    return Math.floor(this.#chance() * n)
  }

  #pick<A>(all: ReadonlyArray<A>): A {
    return all[this.#below(all.length)]!
  }

  #boot(): void {
    this.#nodes.push(new ModelNode(this.#nextNode++, this.#store, this.#conditions))
  }

  #kill(node: ModelNode): void {
    this.#nodes.splice(this.#nodes.indexOf(node), 1)
    this.#silent(node)
    if (this.#nodes.length === 0) this.#boot()
    for (const { session } of Array.from(this.#sessions.values()).filter((at) => at.node === node)) {
      this.#connect(session.device)
    }
  }

  #silent(node: ModelNode): void {
    const epoch = this.#store.epochs.get(node.epoch)
    if (epoch !== undefined) epoch.silentSince = this.#store.now
  }

  #connect(device: Device): void {
    const before = this.#sessions.get(device)
    before?.node.sessions.delete(before.session)
    const node = this.#pick(this.#nodes)
    const session = new Session(device, this.#store, 3)
    node.sessions.add(session)
    this.#sessions.set(device, { node, session })
  }

  #step(node: ModelNode): void {
    if (node.pausedUntil > this.#store.now) return
    const epoch = this.#store.epochs.get(node.epoch)
    if (epoch !== undefined) epoch.silentSince = undefined
    const dice = this.#chance()
    // Whoever was away for too long does nothing before it has found out where the journal is.
    if (node.isAway && dice < 0.66) return node.stepResync()
    const [untold] = node.outcomes
    if (untold !== undefined && this.#store.now - untold.at > 30) return this.#tell(node)
    if (dice < 0.14) return this.#say(node)
    if (dice < 0.3) return this.#tell(node)
    if (dice < 0.5) return node.hear(this.#below(4))
    if (dice < 0.55) return node.beginTail()
    if (dice < 0.57) return node.wants ? node.beginTail() : undefined
    if (dice < 0.66) return node.stepTail(this.#below(2))
    if (dice < 0.72) return node.stepLoad()
    if (dice < 0.725) return node.stepRefresh()
    if (dice < 0.74) return node.stepErasures()
    if (dice < 0.78) return this.#confirm()
    if (dice < 0.81) return this.#connect(this.#pick(this.#devices))
    if (dice < 0.94) return this.#catchUp()
    this.#disturb(node, this.#chance())
  }

  /** The rare things. */
  #disturb(node: ModelNode, dice: number): void {
    if (dice < 0.08) return this.#kill(node)
    if (dice < 0.18) return this.#pause(node)
    if (dice < 0.3) {
      if (this.#nodes.length < 4) this.#boot()
      return
    }
    if (dice < 0.38) return node.forgetView()
    if (dice < 0.43) {
      node.inbox = []
      return
    }
    if (dice < 0.72) return this.#store.trim()
    if (dice < 0.9) return this.#surface()
    this.#erase()
  }

  #pause(node: ModelNode): void {
    // Sometimes for longer than the journal remembers.
    node.pausedUntil = this.#store.now + (this.#chance() < 0.15 ? this.#store.retention + 30 : 40)
    this.#silent(node)
  }

  /** A commit that was given up long ago. */
  #surface(): void {
    const { inDoubt } = this.#store
    if (inDoubt.length === 0) return
    const [{ position, requests }] = inDoubt.splice(this.#below(inDoubt.length), 1) as [(typeof inDoubt)[number]]
    this.#store.commit(position, requests)
  }

  #erase(): void {
    const members = Array.from(this.#store.members.keys()).filter((user) => user !== users[0])
    if (members.length > 0) this.#store.erase(this.#pick(members))
  }

  #say(node: ModelNode): void {
    const requests = Array.from({ length: 1 + this.#below(3) }, (): Request => {
      const conversation = this.#pick(conversations)
      const change = conversation === group && this.#chance() < 0.35 ? this.#change() : undefined
      const senders = this.#store.usersOf(conversation)
      // The first user stays, so that there is always somebody in the group.
      const sender = change?.action === "left"
        ? this.#pick(senders.slice(1))
        : this.#pick(change?.action === "joined" ? users.slice(1) : senders)
      return { conversation, sender, ...(change === undefined ? undefined : { change }) }
    }).filter(({ sender }) => sender !== undefined)
    const note = this.#chance() < 0.1 ? this.#nextNote++ : undefined
    node.commit(requests, note, this.#chance() < 0.9 ? "known" : this.#pick(["unanswered", "late", "never"]))
  }

  #change(): GroupChange {
    const user = this.#pick(users.slice(1))
    const dice = this.#chance()
    if (dice < 0.28) return { action: "members_added", members: [user] }
    if (dice < 0.42) return { action: "joined" }
    if (dice < 0.58) return { action: "members_removed", members: [user] }
    if (dice < 0.72) return { action: "members_banned", members: [user] }
    if (dice < 0.84) return { action: "members_unbanned", members: [user] }
    if (dice < 0.9) return { action: "left" }
    if (dice < 0.94) return { action: "described", description: "at five" }
    return dice < 0.97 ? { action: "renamed", name: "tea" } : { action: "role_set", user, role: "admin" }
  }

  #tell(node: ModelNode): void {
    const told = node.tell()
    if (told === undefined) return
    for (const other of this.#nodes) if (other !== node) this.#send(other, told)
  }

  #send(node: ModelNode, told: Told): void {
    const dice = this.#chance()
    if (dice < 0.25) return
    node.inbox.push(told)
    if (dice > 0.9) node.inbox.push(told)
  }

  #confirm(): void {
    const { node, session } = this.#sessions.get(this.#pick(this.#devices))!
    if (node.pausedUntil <= this.#store.now && !session.isCatchingUp) session.device.confirm()
  }

  #catchUp(): void {
    const busy = Array.from(this.#sessions.values()).filter(({ node, session }) =>
      session.isCatchingUp && node.pausedUntil <= this.#store.now
    )
    if (busy.length > 0) this.#pick(busy).session.step()
  }

  /** The bus goes away for good, and everybody has the time that it takes. */
  #end(): void {
    while (this.#store.inDoubt.length > 0) {
      if (this.#chance() < 0.5) this.#surface()
      else this.#store.inDoubt.pop()
    }
    for (const node of this.#nodes) {
      node.inbox = []
      node.pausedUntil = 0
    }
    for (let round = 0; round < 60; round++) {
      for (const node of this.#nodes) {
        if (node.isAway) {
          node.stepResync()
          continue
        }
        while (node.outcomes.length > 0) node.tell()
        node.stepLoad()
        node.stepErasures()
        if (round % 3 === 0) node.beginTail()
        for (let i = 0; i < 20; i++) node.stepTail(i)
      }
      for (const { session } of this.#sessions.values()) for (let i = 0; i < 10; i++) session.step()
    }
    for (const node of this.#nodes) node.check()
    for (const device of this.#devices) device.check()
  }
}

/** What is wrong with this story, if anything is. */
export const violationIn = (seed: number, variant: Variant = "good"): string | undefined => {
  const model = new Model(seed, variant)
  try {
    model.run()
    return undefined
  } catch (error) {
    if (error instanceof Violation) return error.message
    throw error
  }
}
