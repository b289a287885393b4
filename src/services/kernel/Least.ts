/** Of many things that are looked at one after the other, the few with the lowest keys, in order. */

interface Kept<T> {
  readonly key: string
  readonly item: T
}

export class Least<T> {
  readonly #most: number
  readonly #after: string
  #kept: Array<Kept<T>> = []

  /** At most `most` of those whose key is greater than `after`. */
  constructor({ after = "", most }: { readonly after?: string | undefined; readonly most: number }) {
    this.#after = after
    this.#most = most
  }

  /** A key that is there already changes nothing. `item` is asked for only where it is one of the few. */
  add(key: string, item: () => T): void {
    const kept = this.#kept
    if (key <= this.#after || (kept.length === this.#most && key >= kept.at(-1)!.key)) return
    let place = kept.length
    while (place > 0 && kept[place - 1]!.key >= key) place--
    if (kept[place]?.key === key) return
    kept.splice(place, 0, { key, item: item() })
    if (kept.length > this.#most) kept.pop()
  }

  get items(): ReadonlyArray<T> {
    return this.#kept.map(({ item }) => item)
  }
}
