/**
 * What the server does not answer, such as how far this client has come. Where it is refused for the moment, it is said
 * again when the server says so, unless something newer was said since.
 */
import { Effect } from "effect"
import type { ErrorFrame } from "../domain/ServerFrame.ts"

interface Position {
  readonly type: "received" | "read"
  readonly conversation: string
  readonly up_to: number
}

export interface UnansweredOptions {
  /** False when there is no connection. */
  readonly tell: (frame: object) => boolean
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

/** Whatever is refused is refused soon; past so many the oldest went well. */
const maxSaid = 1_000
/** When the server does not say for how long, in milliseconds. */
const defaultRetryAfter = 1_000

const keyOf = ({ conversation, type }: Position): string => `${type} ${conversation}`

export class Unanswered {
  readonly #options: UnansweredOptions
  /** The latest of each kind and conversation, by the name that its refusal comes under, the oldest first. */
  readonly #said = new Map<string, Position>()
  readonly #names = new Map<string, string>()
  #count = 0

  constructor(options: UnansweredOptions) {
    this.#options = options
  }

  /** False when there is no connection; then it is for the next one. */
  say(position: Position): boolean {
    const key = keyOf(position)
    this.#forget(this.#names.get(key))
    const id = `~${++this.#count}`
    this.#said.set(id, position)
    this.#names.set(key, id)
    if (this.#said.size > maxSaid) this.#forget(this.#said.keys().next().value)
    return this.#options.tell({ ...position, id })
  }

  /** False when the frame refuses nothing that was said here. */
  refused(id: string, { retry_after_ms, temporary }: ErrorFrame): boolean {
    const position = this.#said.get(id)
    if (position === undefined) return false
    if (!temporary) this.#forget(id)
    else {
      const again = Effect.sync(() => {
        if (this.#said.has(id)) this.say(position)
      })
      this.#options.run(Effect.delay(again, Math.max(1, retry_after_ms ?? defaultRetryAfter)))
    }
    return true
  }

  /** A connection begins, to which everything is said anew. */
  connected(): void {
    this.#said.clear()
    this.#names.clear()
  }

  #forget(id: string | undefined): void {
    const position = id === undefined ? undefined : this.#said.get(id)
    if (position === undefined) return
    this.#said.delete(id!)
    this.#names.delete(keyOf(position))
  }
}
