/** How far a subscription has come, written together a few times a second. What a crash leaves out is told again. */
import { Effect } from "effect"
import type { ConversationId } from "../../domain/Ids.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import type { Taken } from "../storage/Subscriptions.ts"

/** Written in one transaction. */
const batch = 500

export class Progress {
  readonly #taken = new Map<ConversationId, number>()
  readonly #move: (taken: ReadonlyArray<Taken>) => Effect.Effect<boolean, StoreError>

  constructor(move: (taken: ReadonlyArray<Taken>) => Effect.Effect<boolean, StoreError>) {
    this.#move = move
  }

  took(conversation: ConversationId, seq: number): void {
    this.#taken.set(conversation, seq)
  }

  /** What was taken and is not written yet. */
  of(conversation: ConversationId): number | undefined {
    return this.#taken.get(conversation)
  }

  /** Writes it; false where somebody else has the subscription by now. What fails is written with the next. */
  readonly write: Effect.Effect<boolean, StoreError> = Effect.suspend(() => this.#next())

  #next(): Effect.Effect<boolean, StoreError> {
    const taken: Array<Taken> = []
    for (const [conversation, seq] of this.#taken) {
      if (taken.length === batch) break
      taken.push({ conversation, seq })
    }
    if (taken.length === 0) return Effect.succeed(true)
    return Effect.flatMap(this.#move(taken), (isOurs) => {
      if (!isOurs) return Effect.succeed(false)
      for (const { conversation, seq } of taken) {
        if (this.#taken.get(conversation) === seq) this.#taken.delete(conversation)
      }
      return this.#taken.size < batch ? Effect.succeed(true) : this.#next()
    })
  }
}
