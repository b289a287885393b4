/** Reports and invitations. */
import { Effect } from "effect"
import { inviting } from "./inviting.ts"
import { reporting } from "./reporting.ts"

export const moderationHandlers = Effect.gen(function*() {
  return { ...(yield* reporting), ...(yield* inviting) }
})
