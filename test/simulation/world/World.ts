/**
 * The time of a simulation and whose turn it is. Nothing here waits for the real clock: when nobody has anything to do, time
 * jumps to what is due next.
 */
import { Chance } from "./Chance.ts"

export interface Timer {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
}

/** Whoever has something to do: a server, a client's program, the database. */
export interface Runner {
  /** Does a part of what there is to do. Returns whether there is more. */
  readonly turn: () => boolean
}

/** More turns than this without any time passing are no work any more but a circle. */
const maxTurns = 200_000

export class Restless extends Error {}

export class World {
  /** True time, in milliseconds since the story began. */
  now = 0
  readonly chance: Chance
  readonly #order: Chance
  readonly #heap: Array<Timer> = []
  readonly #ready: Array<Runner> = []
  #count = 0
  turns = 0
  #turnsNow = 0

  constructor(seed: number) {
    const chance = new Chance(seed)
    this.#order = chance.fork()
    this.chance = chance
  }

  /** Happens then, at true time. */
  after(millis: number, run: () => void): Timer {
    const timer: Timer = { at: this.now + Math.max(0, millis), order: this.#count++, run }
    this.#push(timer)
    return timer
  }

  cancel(timer: Timer): void {
    timer.run = undefined
  }

  /** It has something to do from now on; said once, until `turn` has said that there is no more. */
  ready(runner: Runner): void {
    this.#ready.push(runner)
  }

  /** Whatever happens until then. */
  async run(until: number): Promise<void> {
    while (true) {
      while (this.#ready.length > 0) {
        if (++this.#turnsNow > maxTurns) throw new Restless(`at ${this.now} nobody comes to rest`)
        this.turns++
        this.#turn()
        // What is to be done at the end of a turn is done here: a send queue that is written "soon".
        await undefined
      }
      const next = this.#heap[0]
      if (next === undefined || next.at > until) break
      if (next.at > this.now) {
        this.now = next.at
        this.#turnsNow = 0
      }
      this.#pop()
      next.run?.()
      if (this.#ready.length === 0) await undefined
    }
    this.now = until
  }

  #turn(): void {
    const ready = this.#ready
    const index = ready.length === 1 ? 0 : this.#order.below(ready.length)
    const runner = ready[index]!
    if (runner.turn()) return
    // Nobody's place matters, as the next one is drawn; it is looked for because others may have come meanwhile.
    ready[index] = ready.at(-1)!
    ready.pop()
  }

  #before(a: Timer, b: Timer): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#before(timer, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    while (true) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++
      if (!this.#before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
