/** Who flooded stays outside for a while. Bounded: past the bound the oldest penalty is lifted. */
const maxPenalties = 10_000

export class Penalties {
  readonly #until = new Map<string, number>()

  impose(key: string, until: number): void {
    this.#until.delete(key)
    this.#until.set(key, until)
    if (this.#until.size <= maxPenalties) return
    const [oldest] = this.#until.keys()
    if (oldest !== undefined) this.#until.delete(oldest)
  }

  /** Milliseconds left, 0 when there is none. */
  left(key: string, now: number): number {
    const until = this.#until.get(key)
    if (until === undefined) return 0
    if (until > now) return until - now
    this.#until.delete(key)
    return 0
  }
}
