/** The servers of a story, with their bus and their store, and what becomes of them. */
import { Exit, Layer, Scope } from "effect"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import type { MessageStore } from "../../src/services/storage/MessageStore.ts"
import type { Ledger } from "./Ledger.ts"
import type { Fault, Plan } from "./schedule.ts"
import type { PromiseName } from "./violation.ts"
import { SimReceiver } from "./webhooks/SimReceiver.ts"
import { beginWebhooks } from "./webhooks/webhooks.ts"
import { Machine } from "./world/Machine.ts"
import { memorySqlite } from "./world/memorySqlite.ts"
import { SimBus } from "./world/SimBus.ts"
import { SimNode } from "./world/SimNode.ts"
import { SimStore } from "./world/SimStore.ts"
import type { World } from "./world/World.ts"

export interface ServersOptions {
  readonly plan: Plan
  readonly world: World
  readonly ledger: Ledger
  readonly trace: (who: string, what: string) => void
  readonly struck: (what: string) => void
  readonly violated: (promise: PromiseName, law: string, what: string) => void
}

type OfServers = Exclude<Fault, { readonly _tag: "Weather" }>
type OfOne = Exclude<OfServers, { readonly _tag: "Bus" }>

/** How soon a server that could not begin is begun again. */
const againMillis = 2_000

export class Servers {
  readonly store: SimStore
  /** Whoever is told over webhooks, where there are any. */
  readonly receiver: SimReceiver | undefined
  /** What struck in the middle of something, and when it did. */
  readonly struckAmid: Array<Fault> = []
  readonly #options: ServersOptions
  readonly #bus: SimBus | undefined
  readonly #scope = Scope.makeUnsafe()
  /** The present run of each, if there is one. */
  readonly #nodes: Array<SimNode | undefined> = []
  readonly #runs: Array<number> = []

  constructor(options: ServersOptions) {
    this.#options = options
    const { ledger, plan, struck, world } = options
    this.#bus = plan.options.nodes.length > 1 ? new SimBus(world, struck) : undefined
    const { webhooks } = plan.options
    this.receiver = webhooks && new SimReceiver(webhooks, world.chance.fork(), struck)
    this.store = new SimStore(new Machine("database", world, { order: "fifo" }), {
      latency: plan.options.storeLatency,
      struck,
      kept: (appends, results) => ledger.keep(appends, results),
      moved: (moves, results) => ledger.move(moves, results),
      blocked: (user, other, on) => ledger.block(user, other, on)
    })
  }

  get running(): ReadonlyArray<SimNode> {
    return this.#nodes.filter((node) => node?.context !== undefined) as ReadonlyArray<SimNode>
  }

  /** The next one that takes clients, from this one on. */
  near(index: number): SimNode | undefined {
    const count = this.#nodes.length
    for (let i = 0; i < count; i++) {
      const node = this.#nodes[(index + i) % count]
      if (node?.isListening === true && !node.isDraining) return node
    }
    return undefined
  }

  async begin(): Promise<void> {
    const { plan: { options }, world } = this.#options
    const { machine } = this.store
    const layer = options.store === "sqlite" ? Layer.fresh(memorySqlite) : MemoryMessageStore.layer()
    const building = machine.run(Layer.buildWithScope(layer as Layer.Layer<MessageStore>, this.#scope))
    await world.run(world.now)
    const exit = building.pollUnsafe()
    if (exit === undefined || Exit.isFailure(exit)) throw new Error(`the store does not begin: ${String(exit)}`)
    this.store.begin(exit.value)
    for (const [index, { settings }] of options.nodes.entries()) this.#begin(index, settings)
  }

  async end(): Promise<void> {
    const { world } = this.#options
    this.store.machine.run(Scope.close(this.#scope, Exit.void))
    await world.run(world.now)
  }

  #begin(index: number, settings: Readonly<Record<string, number>>): void {
    const { plan: { options: { nodes, order } }, struck, trace, world } = this.#options
    const run = this.#runs[index] = (this.#runs[index] ?? 0) + 1
    const name = `server${index}`
    const { offset, rate } = nodes[index]!
    const machine = new Machine(name, world, { order, offset, rate, log: (line) => this.#logged(name, line) })
    const node = new SimNode({ machine, store: this.store, bus: this.#bus, settings, order })
    this.#nodes[index] = node
    if (offset !== 0 || rate !== 1) struck("drift")
    trace(name, `begins, run ${run}`)
    node.begin(() => {
      if (node.failure === undefined) {
        if (this.receiver !== undefined) beginWebhooks(node, this.receiver)
        return trace(name, "listens")
      }
      trace(name, `could not begin: ${node.failure.split("\n")[0]!}`)
      node.crash(true)
      this.#nodes[index] = undefined
      world.after(againMillis, () => this.#revive(index, settings))
    })
  }

  #revive(index: number, settings: Readonly<Record<string, number>>): void {
    if (this.#nodes[index] === undefined) this.#begin(index, settings)
  }

  #logged(name: string, line: string): void {
    const { trace, violated } = this.#options
    trace(name, `log ${line.split("\n")[0]!}`)
    if (/\.defect|Store\.broke/.test(line)) violated("P9", "no server makes a mistake", `${name}: ${line}`)
  }

  disturb(fault: OfServers): void {
    const { struck, trace, world } = this.#options
    if (fault._tag === "Bus") {
      const bus = this.#bus
      if (bus === undefined) return
      struck(fault._tag)
      bus.faults = fault
      return void world.after(fault.millis, () => {
        if (bus.faults === fault) bus.faults = undefined
      })
    }
    const index = fault.node % this.#nodes.length
    const node = this.#nodes[index]
    if (node === undefined || !node.isListening) return
    const strike = () => {
      struck(fault._tag === "Store" ? `Store ${fault.mood}` : fault._tag)
      trace(node.machine.name, `FAULT ${JSON.stringify(fault)}`)
      this.#disturbOne(fault, index, node)
    }
    const after = "after" in fault ? fault.after ?? 0 : 0
    if (after === 0) return strike()
    node.machine.afterTasks(after, () => {
      if (!node.isListening) return
      struck(`${fault._tag} amid tasks`)
      this.struckAmid.push({ ...fault, at: world.now })
      strike()
    })
  }

  #disturbOne(fault: OfOne, index: number, node: SimNode): void {
    const { world } = this.#options
    const { machine } = node
    switch (fault._tag) {
      case "Crash":
        node.crash(fault.told)
        this.#nodes[index] = undefined
        return void world.after(fault.millis, () => this.#revive(index, fault.settings))
      case "Drain":
        return node.stop((untold, lateMillis) => {
          this.#stopped(node, untold, lateMillis)
          if (this.#nodes[index] === node) this.#nodes[index] = undefined
          world.after(fault.millis, () => this.#revive(index, fault.settings))
        })
      case "Pause":
        machine.pause()
        return void world.after(fault.millis, () => machine.resume())
      case "CutBus":
        this.#bus?.cut(machine.name)
        return void world.after(fault.millis, () => this.#bus?.heal(machine.name))
      case "OverflowBus":
        return this.#bus?.overflow(machine.name)
      case "Store":
        this.store.setMood(machine.name, fault.mood)
        return void world.after(fault.millis, () => this.store.setMood(machine.name, "well"))
      case "Clock":
        return machine.step(fault.step)
    }
  }

  /** P10: whoever was there was told, and it came to an end in time. */
  #stopped({ failure, machine: { name } }: SimNode, untold: number, lateMillis: number): void {
    const { trace, violated } = this.#options
    trace(name, `has stopped${failure === undefined ? "" : `, badly: ${failure}`}`)
    if (failure !== undefined) violated("P10", "a server stops", `${name}: ${failure}`)
    if (untold > 0) violated("P10", "clients are told of a stop", `${name}: ${untold} were not`)
    if (lateMillis > 0) violated("P10", "a stop ends in time", `${name} was ${lateMillis} ms late`)
  }

  makePeace(): void {
    this.receiver?.makePeace()
    this.store.isPeace = true
    if (this.#bus !== undefined) this.#bus.faults = undefined
    for (const [index, { settings }] of this.#options.plan.options.nodes.entries()) {
      const name = `server${index}`
      this.#bus?.heal(name)
      this.store.setMood(name, "well")
      this.#nodes[index]?.machine.spare()
      this.#nodes[index]?.machine.resume()
      this.#revive(index, settings)
    }
  }
}
