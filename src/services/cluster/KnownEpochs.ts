/** Which epochs have been heard of, and which of them are over. Their numbers say nothing about that. */
import type { Epoch } from "../storage/Journal.ts"

export class KnownEpochs {
  /** After how many questions to the journal each was heard of first. */
  readonly #heard: Map<Epoch, number>
  readonly #over = new Set<Epoch>()
  readonly #maxOver: number
  #asked = 0

  /** Overflow policy: past `maxOver` it is forgotten of the oldest that it is over, and found out again where it matters. */
  constructor(known: Iterable<Epoch>, maxOver: number) {
    this.#heard = new Map(Array.from(known, (epoch) => [epoch, 0]))
    this.#maxOver = maxOver
  }

  hear(epoch: Epoch): void {
    if (!this.#heard.has(epoch)) this.#heard.set(epoch, this.#asked)
  }

  isOver(epoch: Epoch): boolean {
    return this.#over.has(epoch)
  }

  asking(): number {
    return ++this.#asked
  }

  /** Returns those that are over now, `there` being all that there were at that question. */
  end(there: ReadonlySet<Epoch>, asked: number): ReadonlyArray<Epoch> {
    const ended: Array<Epoch> = []
    for (const [epoch, heard] of this.#heard) {
      // Heard of later, it may have begun after the journal was read.
      if (heard >= asked || there.has(epoch)) continue
      this.#heard.delete(epoch)
      this.#over.add(epoch)
      ended.push(epoch)
    }
    for (const oldest of this.#over) {
      if (this.#over.size <= this.#maxOver) break
      this.#over.delete(oldest)
    }
    return ended
  }
}
