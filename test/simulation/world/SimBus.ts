/** The bus between the servers of a simulation: late, and as bad as a bus may be. */
import { Effect, Layer } from "effect"
import { Bus, maxMessageBytes } from "../../../src/services/cluster/Bus.ts"
import { BusEvents } from "../../../src/services/cluster/BusEvents.ts"
import type { Chance } from "./Chance.ts"
import type { Machine } from "./Machine.ts"
import type { World } from "./World.ts"

/** In how many of a thousand cases. */
export interface BusFaults {
  readonly lost: number
  readonly repeated: number
  /** Heard up to two seconds later. */
  readonly late: number
}

interface Member {
  readonly machine: Machine
  readonly events: BusEvents
}

const lateMillis = 2_000

export class SimBus {
  faults: BusFaults | undefined
  readonly #world: World
  readonly #chance: Chance
  readonly #struck: (what: string) => void
  readonly #members = new Set<Member>()
  readonly #cut = new Set<string>()

  constructor(world: World, struck: (what: string) => void) {
    this.#world = world
    this.#chance = world.chance.fork()
    this.#struck = struck
  }

  /** This machine hears nothing any more and is not heard. */
  cut(name: string): void {
    this.#cut.add(name)
  }

  heal(name: string): void {
    if (this.#cut.delete(name)) this.#gap(name)
  }

  /** So much came that the oldest was lost: what is under way, and it is said so. */
  overflow(name: string): void {
    this.#gap(name)
  }

  layer(machine: Machine): Layer.Layer<Bus> {
    const { name } = machine
    return Layer.effect(
      Bus,
      Effect.gen({ self: this }, function*() {
        const events = yield* BusEvents.make
        const member: Member = { machine, events }
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            this.#members.add(member)
            if (!this.#cut.has(name)) events.gap()
          }),
          () => Effect.sync(() => this.#members.delete(member))
        )
        return Bus.of({
          publish: (message) => this.#publish(name, message),
          events: events.queue,
          healthy: Effect.sync(() => !this.#cut.has(name)),
          name: "simulated"
        })
      })
    )
  }

  /** The process is gone, and its subscription with it. */
  left(machine: Machine): void {
    for (const member of this.#members) if (member.machine === machine) this.#members.delete(member)
  }

  #gap(name: string): void {
    for (const { events, machine } of this.#members) if (machine.name === name) machine.post(() => events.gap())
  }

  #publish(from: string, message: string): void {
    if (this.#cut.has(from) || Buffer.byteLength(message) > maxMessageBytes) return
    for (const member of this.#members) if (!this.#cut.has(member.machine.name)) this.#send(member, message)
  }

  #send(member: Member, message: string): void {
    const chance = this.#chance
    const latency = chance.below(3)
    const { faults } = this
    if (faults === undefined) return this.#deliver(member, message, latency)
    const happens = (what: string, ofThousand: number) => {
      const does = chance.below(1_000) < ofThousand
      if (does) this.#struck(what)
      return does
    }
    if (happens("bus lost", faults.lost)) return
    const delay = happens("bus late", faults.late) ? chance.below(lateMillis) : latency
    this.#deliver(member, message, delay)
    if (happens("bus repeated", faults.repeated)) this.#deliver(member, message, delay + chance.below(lateMillis))
  }

  #deliver({ events, machine }: Member, message: string, millis: number): void {
    this.#world.after(millis, () => {
      if (!this.#cut.has(machine.name)) machine.post(() => events.heard(message))
    })
  }
}
