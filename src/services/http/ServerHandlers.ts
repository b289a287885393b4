/** The admin API about the server itself, carried out. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { version } from "../../domain/version.ts"
import { Stats } from "../admin/Stats.ts"
import { Api } from "../api/Api.ts"
import { storeIsDown } from "../api/ApiError.ts"
import { Configuration } from "../Configuration.ts"

export const ServerHandlers = HttpApiBuilder.group(
  Api,
  "server",
  Effect.fn(function*(handlers) {
    const stats = yield* Stats
    const settings = yield* Configuration
    return handlers.handleAll({
      stats: () =>
        Effect.mapBoth(stats.now, {
          onFailure: storeIsDown,
          onSuccess: ({ uptimeMillis, users, ...now }) => ({
            ...now,
            users_online: users,
            uptime_ms: uptimeMillis,
            version
          })
        }),
      config: () => Effect.succeed({ settings })
    })
  })
)
