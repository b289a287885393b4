/** Which entries are on the screen: all up to a place that a page of history shows, the others one by one. */
import type { LogEvent } from "../../client/types.ts"

/** As many of the latest are known. */
const maxShown = 10_000

/** Messages have names that no other has, also after a server without a disk began to count anew. */
const nameOf = (event: LogEvent): string =>
  event.type === "group_changed" ? `${event.conversation} ${event.seq}` : event.message_id

export class Shown {
  readonly #paged = new Map<string, number>()
  readonly #names = new Set<string>()

  /** From here on it is; answers whether it was not. */
  add(event: LogEvent): boolean {
    const name = nameOf(event)
    if (this.#names.has(name)) return false
    this.#names.add(name)
    const [oldest] = this.#names
    if (this.#names.size > maxShown && oldest !== undefined) this.#names.delete(oldest)
    return true
  }

  /** All of them up to here are. */
  addPage(conversation: string, head: number): void {
    this.#paged.set(conversation, Math.max(this.#paged.get(conversation) ?? 0, head))
  }

  isPaged({ conversation, seq }: LogEvent): boolean {
    return seq <= (this.#paged.get(conversation) ?? 0)
  }
}
