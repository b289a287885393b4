/** Who may do what to whom. An app with rules of its own provides this reference; without it everybody may. */
import { Context, Effect } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { inTime } from "../kernel/inTime.ts"

/** At once, or after asking somebody. */
export type Decision = boolean | Effect.Effect<boolean>

export interface AuthorizationPolicy {
  /** May `from` write to `to`: messages, edits, reactions, typing. A refusal is `forbidden`. */
  readonly write: (from: UserId, to: UserId) => Decision
  /** May `watcher` see whether `user` is online? A refusal looks like somebody who is offline. */
  readonly seePresence: (watcher: UserId, user: UserId) => Decision
  /** May `by` put `user` into a group? A refusal is `forbidden`. */
  readonly addToGroup: (by: UserId, user: UserId) => Decision
}

const everybody = () => true

export const allowAll: AuthorizationPolicy = { write: everybody, seePresence: everybody, addToGroup: everybody }

/** Provide it with `Layer.succeed(Authorization, { ...allowAll, write: … })`. */
export const Authorization = Context.Reference<AuthorizationPolicy>("switchboard/services/access/Authorization", {
  defaultValue: () => allowAll
})

/** How long an app may think about it, in milliseconds. Who asked waits that long, and what they said meanwhile. */
export const decideMillis = 5_000

/** No answer in time is a no. */
export const decide = (decision: Decision): Effect.Effect<boolean> =>
  typeof decision === "boolean"
    ? Effect.succeed(decision)
    : inTime(decision, { millis: decideMillis, late: () => Effect.succeed(false) })
