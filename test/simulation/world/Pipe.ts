/** One direction of a line: what goes in comes out later and in its order, unless the line is cut before. */
import type { Machine } from "./Machine.ts"

export class Pipe<A> {
  readonly #to: Machine
  readonly #latency: () => number
  readonly #handle: (item: A) => boolean
  /** What is on its way. Each arrival is that of the first, whichever of two at the same time is looked at first. */
  readonly #underWay: Array<A> = []
  /** What has come and was not handled yet. */
  readonly #inbox: Array<A> = []
  #lastAt = 0
  #isPosted = false
  #isStopped = false
  isCut = false

  /** `handle` is called by the machine at the end of it; it returns false to be given nothing more until `resume`. */
  constructor(to: Machine, latency: () => number, handle: (item: A) => boolean) {
    this.#to = to
    this.#latency = latency
    this.#handle = handle
  }

  send(item: A): void {
    if (this.isCut) return
    const { world } = this.#to
    const at = Math.max(this.#lastAt, world.now + this.#latency())
    this.#lastAt = at
    if (at === world.now && this.#underWay.length === 0) return this.#come(item)
    this.#underWay.push(item)
    world.after(at - world.now, this.#arrive)
  }

  /** What is under way is lost, and what has come and was not read. */
  cut(): void {
    this.isCut = true
    this.#underWay.length = 0
    this.#inbox.length = 0
  }

  stop(): void {
    this.#isStopped = true
  }

  resume(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    this.#wake()
  }

  readonly #arrive = (): void => {
    if (!this.isCut) this.#come(this.#underWay.shift()!)
  }

  #come(item: A): void {
    this.#inbox.push(item)
    this.#wake()
  }

  #wake(): void {
    if (this.#isPosted || this.#isStopped || this.#inbox.length === 0) return
    this.#isPosted = true
    this.#to.post(this.#drain)
  }

  readonly #drain = (): void => {
    this.#isPosted = false
    while (!this.#isStopped && this.#inbox.length > 0) {
      if (!this.#handle(this.#inbox.shift()!)) this.#isStopped = true
    }
  }
}
