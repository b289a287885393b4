/** What webhooks come to, as the metrics of this server have it. */
import { Context } from "effect"
import { Meters, type WebhookResult, webhookResults } from "../telemetry/Meters.ts"

export class WebhookMeter {
  readonly #meters: Meters
  /** How many conversations are known to have something to tell, of each name that this server has. */
  readonly #waiting = new Map<string, () => number>()

  constructor(meters: Meters) {
    this.#meters = meters
    meters.gauges.webhooksWaiting = () => this.waiting()
  }

  count(result: WebhookResult): void {
    this.#meters.webhookDeliveries.add(result)
  }

  get counts(): Readonly<Record<WebhookResult, number>> {
    const { webhookDeliveries } = this.#meters
    const [delivered, retried, failed, stopped] = webhookResults.map((result) => webhookDeliveries.of(result))
    return { delivered: delivered!, retried: retried!, failed: failed!, stopped: stopped! }
  }

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
  defaultValue: () => new WebhookMeter(new Meters())
})
