/** What waits to be published. Bounded in bytes of UTF-8; overflow policy: the oldest goes. */
import { MutableList } from "effect"
import { maxMessageBytes, maxWaitingBytes } from "./Bus.ts"

export interface Message {
  readonly text: string
  readonly bytes: number
}

/** What one takes beside its text, so that many small ones have a bound as well. */
export const overhead = 64

export class Waiting {
  readonly #messages = MutableList.make<Message>()
  #bytes = 0

  get isEmpty(): boolean {
    return this.#messages.length === 0
  }

  /** False where the message is too long to be published. */
  add(text: string): boolean {
    // The count of UTF-16 units is at hand, and never more than that of bytes.
    const bytes = text.length > maxMessageBytes ? text.length : Buffer.byteLength(text)
    if (bytes > maxMessageBytes) return false
    this.#bytes += bytes + overhead
    MutableList.append(this.#messages, { text, bytes })
    while (this.#bytes > maxWaitingBytes) this.take()
    return true
  }

  take(): Message | undefined {
    const message = MutableList.take(this.#messages)
    if (message === MutableList.Empty) return undefined
    this.#bytes -= message.bytes + overhead
    return message
  }
}
