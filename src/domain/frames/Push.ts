/** Web Push: where a browser is told of messages while no connection of its user is there to take them. */
import { Schema } from "effect"
import { id } from "../entries/fields.ts"

/** Subscriptions of one user that are kept. */
export const maxPushSubscriptions = 10

const base64url = (length: number) =>
  Schema.String.pipe(Schema.check(
    Schema.isMaxLength(length),
    Schema.isPattern(/^[A-Za-z0-9_-]+={0,2}$/u, { expected: "base64url" })
  ))

/** What a browser's `PushSubscription` is as JSON. */
export const PushSubscription = Schema.Struct({
  endpoint: Schema.String.pipe(Schema.check(
    Schema.isMaxLength(1_024),
    Schema.isPattern(/^https:\/\/[!-~]+$/u, { expected: "an https address" })
  )),
  expirationTime: Schema.optionalKey(Schema.NullOr(Schema.Finite)),
  keys: Schema.Struct({ p256dh: base64url(128), auth: base64url(64) })
})
export type PushSubscription = typeof PushSubscription.Type

/** Without a subscription it asks for the list, and for the server's key. */
export const PushSubscribe = Schema.Struct({
  type: Schema.Literal("push_subscribe"),
  id,
  subscription: Schema.optionalKey(PushSubscription)
})
export type PushSubscribe = typeof PushSubscribe.Type

export const PushUnsubscribe = Schema.Struct({
  type: Schema.Literal("push_unsubscribe"),
  id,
  subscription: Schema.Struct({ endpoint: PushSubscription.fields.endpoint })
})
export type PushUnsubscribe = typeof PushUnsubscribe.Type

/** `public_key` is the server's, for `applicationServerKey`. */
export const PushSubscriptions = Schema.Struct({
  type: Schema.Literal("push_subscriptions"),
  id,
  endpoints: Schema.Array(Schema.String),
  public_key: Schema.String
})
export type PushSubscriptions = typeof PushSubscriptions.Type
