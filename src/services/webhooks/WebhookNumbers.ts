/** What webhooks come to, for those who measure: nothing, where there is none. */
import { Context } from "effect"

export interface WebhookCounts {
  /** Tries that were taken. */
  delivered: number
  /** Tries that failed, and will be made again. */
  retried: number
  /** Events that were given up. */
  failed: number
  /** Times that the receiver wanted nothing any more. */
  stopped: number
}

export class WebhookMeter {
  readonly counts: WebhookCounts = { delivered: 0, retried: 0, failed: 0, stopped: 0 }
  /** How many conversations are known to have something to tell, of each name that this server has. */
  readonly #waiting = new Map<string, () => number>()

  /** On this server. Those that there was no room for, and those of other servers, are not in it. */
  waiting(): number {
    let sum = 0
    for (const count of this.#waiting.values()) sum += count()
    return sum
  }

  watch(name: string, count: (() => number) | undefined): void {
    if (count === undefined) this.#waiting.delete(name)
    else this.#waiting.set(name, count)
  }
}

export const WebhookNumbers = Context.Reference<WebhookMeter>("switchboard/services/webhooks/WebhookNumbers", {
  defaultValue: () => new WebhookMeter()
})
