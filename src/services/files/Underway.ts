/**
 * Uploads that this process has under way, by the time that their records bear: whatever the wall clock says by then, none
 * of them is one that died.
 */
export class Underway {
  readonly #begun = new Set<{ readonly at: number }>()

  /** Returns what says that it has ended. */
  begin(at: number): () => void {
    const upload = { at }
    this.#begun.add(upload)
    return () => void this.#begun.delete(upload)
  }

  /** The earliest time that one of them bears. */
  get since(): number {
    let since = Number.POSITIVE_INFINITY
    for (const { at } of this.#begun) since = Math.min(since, at)
    return since
  }
}
