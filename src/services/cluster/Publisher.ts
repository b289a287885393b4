/**
 * This server's own epoch in the journal: with which position the next commit goes in. Whether a commit that nobody
 * answered for happened is not known, so its epoch is given up then, and a later one can hide no gap.
 */
import { Effect } from "effect"
import type { Epoch, Journal, Stamp } from "../storage/Journal.ts"
import type { StoreError } from "../storage/MessageStore.ts"

const noNotes: ReadonlyArray<unknown> = []

export class Publisher {
  readonly #open: Effect.Effect<Epoch, StoreError>
  #epoch: Epoch | undefined
  #offset = 0

  constructor(journal: Pick<Journal["Service"], "open">, node: string) {
    this.#open = journal.open(node)
  }

  /** The epoch in which this server writes now, if it has one. */
  get epoch(): Epoch | undefined {
    return this.#epoch
  }

  get offset(): number {
    return this.#offset
  }

  /** For one commit; the one before it has to be told of, by `wrote` or `doubt`. */
  next(notes: ReadonlyArray<unknown> = noNotes): Effect.Effect<Stamp, StoreError> {
    const epoch = this.#epoch
    if (epoch !== undefined) return Effect.succeed({ epoch, offset: this.#offset + 1, notes })
    return Effect.map(this.#open, (epoch) => {
      this.#epoch = epoch
      this.#offset = 0
      return { epoch, offset: 1, notes }
    })
  }

  /** The commit is in the journal. */
  wrote({ epoch, offset }: Stamp): void {
    if (this.#epoch === epoch) this.#offset = offset
  }

  /** It failed, or nobody knows; or others may take this epoch for dead. */
  doubt(): void {
    this.#epoch = undefined
  }
}
