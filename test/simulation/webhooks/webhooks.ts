/** The webhooks of a simulated server, begun once it listens, as the command begins them with the server. */
import { type Context, Layer, Redacted } from "effect"
import { Webhooks } from "../../../src/services/webhooks/Webhooks.ts"
import { webhookSecret } from "../../support/webhookReceiver.ts"
import { Chance } from "../world/Chance.ts"
import type { SimNode } from "../world/SimNode.ts"
import type { ReceiverFaults, SimReceiver } from "./SimReceiver.ts"

/** Some seeds have webhooks. Drawn apart, so that the rest of what a seed means does not depend on it. */
export const webhooksOf = (seed: number): { readonly webhooks?: ReceiverFaults; readonly empties?: false } => {
  const chance = new Chance(seed ^ 0x7eb_400c)
  if (!chance.happens(0.25)) return {}
  // They go on when all have left, so what is left then says nothing.
  return { empties: false, webhooks: { failing: chance.pick([0, 100, 300]), silent: chance.pick([0, 0, 50]) } }
}

/** They end before their server where that is stopped, and with its process otherwise, in the middle of whatever they do. */
export const beginWebhooks = (node: SimNode, receiver: SimReceiver): void => {
  const { context, machine } = node
  if (context === undefined) return
  const options = {
    url: Redacted.make(new URL("http://receiver.simulation/")),
    secrets: [Redacted.make(webhookSecret)],
    events: ["message.accepted", "group.changed"] as const
  }
  const webhooks = Webhooks.layer(options).pipe(
    Layer.provide(receiver.clientFor(machine)),
    // What it needs is in there, whatever the type of the context says.
    Layer.provide(Layer.succeedContext(context as Context.Context<never>))
  ) as Layer.Layer<never>
  node.begins(webhooks)
}
