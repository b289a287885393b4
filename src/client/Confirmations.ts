/** What the application took is confirmed to the server, for all that has gathered at once. */
import { Effect } from "effect"
import type { Log } from "./Log.ts"
import type { Unanswered } from "./Unanswered.ts"

export interface ConfirmationsOptions {
  readonly say: Unanswered["say"]
  /** Runs for as long as the client lives. */
  readonly run: (effect: Effect.Effect<void>) => void
}

/** They gather for so long: ten of them a second cost the connection nothing. */
const confirmAfter = "100 millis"

export class Confirmations {
  readonly #options: ConfirmationsOptions
  /** Logs in which the application has taken more than was confirmed. */
  readonly #unconfirmed = new Set<Log>()
  #isDue = false

  constructor(options: ConfirmationsOptions) {
    this.#options = options
  }

  confirm(log: Log): void {
    this.#unconfirmed.add(log)
    this.#schedule()
  }

  /** The server does not know that this device has the entry. */
  confirmAgain(log: Log, seq: number): void {
    log.confirmed = Math.min(log.confirmed, seq - 1)
    this.confirm(log)
  }

  /** A connection begins. What the former one was told may have been lost with it. */
  connected(logs: Iterable<Log>): void {
    for (const log of logs) log.confirmed = 0
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isDue || this.#unconfirmed.size === 0) return
    this.#isDue = true
    this.#options.run(Effect.andThen(Effect.sleep(confirmAfter), Effect.sync(() => this.#send())))
  }

  #send(): void {
    this.#isDue = false
    for (const log of this.#unconfirmed) {
      const { complete: up_to, conversation } = log
      // Without a connection it stays for the next one.
      if (up_to > log.confirmed && !this.#options.say({ type: "received", conversation, up_to })) return
      log.confirmed = Math.max(log.confirmed, up_to)
      this.#unconfirmed.delete(log)
    }
  }
}
