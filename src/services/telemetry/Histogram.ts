/** How often values of each size came, as Prometheus and OpenTelemetry want it told. */
import type { Metric } from "effect"

export class Histogram {
  readonly bounds: ReadonlyArray<number>
  readonly #counts: Float64Array
  #count = 0
  #sum = 0
  #min = Number.MAX_VALUE
  #max = -Number.MAX_VALUE

  /** `bounds` go upwards; what is larger than the last is counted too. */
  constructor(bounds: ReadonlyArray<number>) {
    this.bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  /** It came so many times. */
  observe(value: number, times = 1): void {
    const { bounds } = this
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    this.#counts[i]! += times
    this.#count += times
    this.#sum += value * times
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  get count(): number {
    return this.#count
  }

  get state(): Metric.HistogramState {
    let below = 0
    const buckets = this.bounds.map((bound, i): [number, number] => [bound, below += this.#counts[i]!])
    return { buckets, count: this.#count, sum: this.#sum, min: this.#min, max: this.#max }
  }
}
