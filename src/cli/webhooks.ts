/** Who is told what happens, as the flags say. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer, Option, Redacted } from "effect"
import { keyOf } from "../services/webhooks/signature.ts"
import { isWebhookEventType, usualUnreadMillis, webhookEventTypes } from "../services/webhooks/WebhookOptions.ts"
import { Webhooks } from "../services/webhooks/Webhooks.ts"
import { userError } from "./errors.ts"
import * as flags from "./flags.ts"

const url = flags.secret("webhook-url", "Where to tell what happens, as https://host/path; without it nobody is told")

export const webhookFlags = {
  webhookUrl: url,
  webhookSecret: flags.secret(
    "webhook-secret",
    "Signs what is told: whsec_ and 24 to 64 bytes in base64; two with a comma between while one is replaced"
  ),
  webhookEvents: flags.list("webhook-events", `Which events are told, with commas between; all without it`),
  webhookNoText: flags.toggle("webhook-no-text", "Leave texts out of what is told"),
  webhookUnreadMs: flags.int(
    "webhook-unread-ms",
    usualUnreadMillis,
    "How long a text may be unconfirmed before message.unread, in milliseconds"
  )
}

type WebhookFlags = flags.Input<typeof webhookFlags>

const addressOf = Effect.fnUntraced(function*(text: string) {
  const address = URL.parse(text)
  if (address === null || (address.protocol !== "https:" && address.protocol !== "http:")) {
    return yield* userError("--webhook-url is no address; give one such as https://example.com/switchboard.")
  }
  return address
})

const secretsOf = Effect.fnUntraced(function*(secret: Option.Option<Redacted.Redacted<string>>) {
  const secrets = Redacted.value(Option.getOrElse(secret, () => Redacted.make("")))
    .split(/[,\s]+/).filter((each) => each !== "")
  if (secrets.length === 0) {
    return yield* userError(
      "--webhook-url needs a secret: set SWITCHBOARD_WEBHOOK_SECRET to whsec_ and what `openssl rand -base64 32` prints."
    )
  }
  if (secrets.some((each) => keyOf(each) === undefined)) {
    return yield* userError(
      "SWITCHBOARD_WEBHOOK_SECRET is not whsec_ followed by 24 to 64 bytes in base64; make a new one."
    )
  }
  return secrets.map((each) => Redacted.make(each))
})

const eventsOf = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const unknown = names.find((name) => !isWebhookEventType(name))
  if (unknown !== undefined) {
    return yield* userError(`--webhook-events has no ${unknown}; choose from ${webhookEventTypes.join(", ")}.`)
  }
  return names.filter(isWebhookEventType)
})

/** What waits for a line is bounded elsewhere; lines are used again. */
const client = NodeHttpClient.layerNodeHttpOptions({ keepAlive: true })

/** Nothing without `--webhook-url`. */
export const webhooksOf = Effect.fnUntraced(function*(input: WebhookFlags) {
  const events = yield* eventsOf(input.webhookEvents)
  if (Option.isNone(input.webhookUrl)) {
    return Option.isNone(input.webhookSecret) && events.length === 0
      ? Layer.empty
      : yield* userError(
        "--webhook-secret and --webhook-events are for a webhook; add --webhook-url, or leave them out."
      )
  }
  return Layer.provide(
    Webhooks.layer({
      url: Redacted.make(yield* addressOf(Redacted.value(input.webhookUrl.value))),
      secrets: yield* secretsOf(input.webhookSecret),
      ...(events.length === 0 ? undefined : { events }),
      withText: !input.webhookNoText,
      unreadMillis: input.webhookUnreadMs
    }),
    client
  )
})
