/** Who asked for which group in vain, a moment ago. What is past the bound is looked up again. */
import type { GroupId, UserId } from "../../domain/Ids.ts"

/** For so long whoever was told that there is no such group of theirs is told so again without a look. */
export const unknownMillis = 2_000
const maxUnknown = 10_000

export class Unknown {
  readonly #since = new Map<string, number>()

  get size(): number {
    return this.#since.size
  }

  add(user: UserId, group: GroupId, now: number): void {
    const key = `${user}\0${group}`
    this.#since.delete(key)
    this.#since.set(key, now)
    if (this.#since.size > maxUnknown) this.#since.delete(this.#since.keys().next().value!)
  }

  has(user: UserId, group: GroupId, now: number): boolean {
    const since = this.#since.get(`${user}\0${group}`)
    return since !== undefined && now < since + unknownMillis
  }

  forget(now: number): void {
    for (const [key, since] of this.#since) {
      if (now < since + unknownMillis) return
      this.#since.delete(key)
    }
  }
}
