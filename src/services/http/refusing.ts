/** How a request is refused, and counted. */
import { Effect } from "effect"
import { Refused } from "../access/Authenticator.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"

export const refusing = Effect.map(
  CurrentMeters,
  ({ refused }) => (refusal: ConstructorParameters<typeof Refused>[0]): Effect.Effect<never, Refused> =>
    Effect.suspend(() => {
      refused.add(String(refusal.status))
      return new Refused(refusal)
    })
)
