/** P7: a device that has come again has one connection, on whatever servers, and not only when the older one falls silent. */
import type { Plan, Step } from "./schedule.ts"
import type { PromiseName } from "./violation.ts"
import type { Line } from "./world/Line.ts"
import type { World } from "./world/World.ts"

/** So soon the older connection is ended where all is well; a dead line is found out later than that. */
const soonMillis = 1_500

/** What was under way when a trouble ended has come by then. */
const troubleMillis = 5_000

export interface DeviceLinesOptions {
  readonly plan: Plan
  /** What struck servers later than it stands in the plan. */
  readonly struckAmid: () => ReadonlyArray<Step>
  readonly world: World
  readonly violated: (promise: PromiseName, law: string, what: string) => void
}

interface Opened {
  readonly line: Line
  readonly at: number
}

export class DeviceLines {
  readonly #options: DeviceLinesOptions
  readonly #lines = new Map<string, Array<Opened>>()

  constructor(options: DeviceLinesOptions) {
    this.#options = options
  }

  readonly opened = (user: string, device: string | undefined, line: Line): void => {
    if (device === undefined) return
    const name = `${user} ${device}`
    const known = this.#lines.get(name) ?? []
    const { world } = this.#options
    const lines = [...known.filter(({ line }) => line.isWhole), { line, at: world.now }]
    this.#lines.set(name, lines)
    if (lines.length > 1) world.after(soonMillis, () => this.#look(name, lines))
  }

  #look(name: string, lines: ReadonlyArray<Opened>): void {
    const { violated, world } = this.#options
    // One that came while the store was away has no place among the others.
    const whole = lines.filter(({ at, line }) => line.isWhole && !this.#isTrouble(at)).length
    if (whole < 2 || this.#isTrouble(world.now)) return
    violated("P7", "a device has one connection", `${name} has ${whole} at ${world.now.toFixed(0)}`)
  }

  /** A server that cannot hear of the newer connection does not end the older one. */
  #isTrouble(now: number): boolean {
    const { plan: { options, steps }, struckAmid } = this.#options
    return [...steps, ...struckAmid()].some((step) => {
      if (step._tag === "Crash" || step._tag === "Drain" || step._tag === "OverflowBus") {
        return step.at <= now && now <= step.at + 2 * troubleMillis
      }
      if (step._tag !== "Pause" && step._tag !== "CutBus" && step._tag !== "Store" && step._tag !== "Bus") return false
      return step.at <= now && now <= Math.min(options.peaceAt, step.at + step.millis) + troubleMillis
    })
  }
}
