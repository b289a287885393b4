/** From a plan that breaks a law to a short one that breaks the same: steps are left out, then what is left is simplified. */
import type { Plan } from "../schedule.ts"
import { lawOf } from "./jobs.ts"
import type { Pool } from "./Pool.ts"
import { simpler } from "./simpler.ts"

export interface ShrinkOptions {
  readonly pool: Pool
  readonly plan: Plan
  /** As `lawOf` says it. */
  readonly law: string
  /** Plans that are tried at most. */
  readonly tries: number
}

export interface Shrunk {
  readonly plan: Plan
  readonly tries: number
}

/** Everything but the steps from `at` on, `size` of them. */
const without = (plan: Plan, at: number, size: number): Plan => ({
  ...plan,
  steps: plan.steps.filter((_, index) => index < at || index >= at + size)
})

class Shrinking {
  plan: Plan
  tries = 0
  readonly #pool: Pool
  readonly #law: string
  readonly #most: number

  constructor({ law, plan, pool, tries }: ShrinkOptions) {
    this.plan = plan
    this.#pool = pool
    this.#law = law
    this.#most = tries
  }

  async run(): Promise<void> {
    await this.#leaveOut()
    while (!this.#isOver) {
      const isSimpler = await this.#simplify()
      if (!(await this.#leaveOut()) && !isSimpler) return
    }
  }

  get #isOver(): boolean {
    return this.tries >= this.#most
  }

  /** Leaves out as many at once as can be left out, then fewer. Returns whether anything was left out. */
  async #leaveOut(): Promise<boolean> {
    const before = this.plan.steps.length
    for (let size = Math.ceil(before / 2); size >= 1 && !this.#isOver; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      await this.#leaveOutOf(size)
    }
    return this.plan.steps.length < before
  }

  async #leaveOutOf(size: number): Promise<void> {
    let at = 0
    while (at < this.plan.steps.length && !this.#isOver) {
      const places: Array<number> = []
      for (let place = at; place < this.plan.steps.length; place += size) places.push(place)
      const found = await this.#firstOf(places.map((place) => without(this.plan, place, size)))
      if (found === undefined) return
      at = places[found]!
    }
  }

  /** Takes whatever is simpler and still breaks it. */
  async #simplify(): Promise<boolean> {
    let isSimpler = false
    let candidates = Array.from(simpler(this.plan))
    let at = 0
    while (at < candidates.length && !this.#isOver) {
      const found = await this.#firstOf(candidates.slice(at))
      if (found === undefined) return isSimpler
      at += found
      isSimpler = true
      candidates = Array.from(simpler(this.plan))
    }
    return isSimpler
  }

  /** Goes on with the first of these that breaks the law, in their order, however many are tried at once. */
  async #firstOf(candidates: ReadonlyArray<Plan>): Promise<number | undefined> {
    for (let from = 0; from < candidates.length && !this.#isOver; from += this.#pool.size) {
      const together = candidates.slice(from, from + this.#pool.size)
      const answers = await Promise.all(together.map((candidate) => this.#breaks(candidate)))
      const found = answers.indexOf(true)
      if (found < 0) continue
      this.plan = together[found]!
      return from + found
    }
    return undefined
  }

  async #breaks(plan: Plan): Promise<boolean> {
    this.tries++
    const { violations } = await this.#pool.run({ plan, trace: false })
    return violations.some((violation) => lawOf(violation) === this.#law)
  }
}

export const shrink = async (options: ShrinkOptions): Promise<Shrunk> => {
  const shrinking = new Shrinking(options)
  await shrinking.run()
  return { plan: shrinking.plan, tries: shrinking.tries }
}
