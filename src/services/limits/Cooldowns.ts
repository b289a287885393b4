/** Who flooded stays outside for a while. Bounded: past the bound the oldest one ends. */
const maxCooldowns = 10_000

export class Cooldowns {
  readonly #until = new Map<string, number>()

  start(key: string, until: number): void {
    this.#until.delete(key)
    this.#until.set(key, until)
    if (this.#until.size <= maxCooldowns) return
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
