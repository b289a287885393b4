/** The bus of several servers in one process, and for tests one that is as bad as a bus may be. */
import { Effect, Layer } from "effect"
import { Bus, maxMessageBytes } from "./Bus.ts"
import { BusEvents } from "./BusEvents.ts"

/** What goes wrong on the way to each one who hears, in how many of a thousand cases. */
export interface BusFaults {
  /** A whole number from 0 and below this: every choice is made by it, so that a run can be made again. */
  readonly pick: (below: number) => number
  readonly lost?: number
  readonly repeated?: number
  /** Heard after some that were published later; `MemoryHub.settle` lets them all come. */
  readonly late?: number
}

/** How many of a member's may be late at once. */
const maxLate = 64

class Member {
  readonly name: string
  readonly events: BusEvents
  late: Array<string> = []

  constructor(name: string, events: BusEvents) {
    this.name = name
    this.events = events
  }
}

/** What the members have in common. */
export class MemoryHub {
  /** Undefined is none. */
  faults: BusFaults | undefined
  readonly #members = new Set<Member>()
  readonly #cut = new Set<string>()

  constructor(faults?: BusFaults) {
    this.faults = faults
  }

  get size(): number {
    return this.#members.size
  }

  /** These hear nothing any more and are not heard. */
  cut(name: string): void {
    this.#cut.add(name)
  }

  heal(name: string): void {
    if (!this.#cut.delete(name)) return
    for (const member of this.#members) if (member.name === name) member.events.gap()
  }

  isCut(name: string): boolean {
    return this.#cut.has(name)
  }

  /** What is late comes now. */
  settle(): void {
    for (const member of this.#members) this.#catchUp(member)
  }

  join(name: string, events: BusEvents): () => void {
    const member = new Member(name, events)
    this.#members.add(member)
    if (!this.#cut.has(name)) events.gap()
    return () => void this.#members.delete(member)
  }

  publish(from: string, message: string): void {
    if (this.#cut.has(from) || Buffer.byteLength(message) > maxMessageBytes) return
    for (const member of this.#members) if (!this.#cut.has(member.name)) this.#deliver(member, message)
  }

  #deliver(member: Member, message: string): void {
    const { faults } = this
    if (faults === undefined) return member.events.heard(message)
    const happens = (ofThousand = 0) => ofThousand > 0 && faults.pick(1_000) < ofThousand
    if (happens(faults.lost)) return
    if (member.late.length < maxLate && happens(faults.late)) return void member.late.push(message)
    member.events.heard(message)
    if (happens(faults.repeated)) member.events.heard(message)
    if (member.late.length > 0 && faults.pick(3) === 0) this.#catchUp(member)
  }

  #catchUp(member: Member): void {
    const late = member.late
    member.late = []
    if (!this.#cut.has(member.name)) { for (const message of late) member.events.heard(message) }
  }
}

/** `name` is what the hub knows the member by. */
const layer = (hub: MemoryHub, name = "member"): Layer.Layer<Bus> =>
  Layer.effect(
    Bus,
    Effect.gen(function*() {
      const events = yield* BusEvents.make
      yield* Effect.acquireRelease(
        Effect.sync(() => hub.join(name, events)),
        (leave) => Effect.sync(leave)
      )
      return Bus.of({
        publish: (message) => hub.publish(name, message),
        events: events.queue,
        healthy: Effect.sync(() => !hub.isCut(name)),
        name: "memory"
      })
    })
  )

export const MemoryBus = { hub: (faults?: BusFaults) => new MemoryHub(faults), layer }
