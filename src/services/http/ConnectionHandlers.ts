/** The admin API about connections, carried out. */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Connections } from "../admin/Connections.ts"
import { Api } from "../api/Api.ts"
import { apiError, ofChatError } from "../api/ApiError.ts"
import { usualPage } from "../api/paging.ts"

export const ConnectionHandlers = HttpApiBuilder.group(
  Api,
  "connections",
  Effect.fn(function*(handlers) {
    const connections = yield* Connections
    return handlers.handleAll({
      listConnections: ({ query: { limit = usualPage, ...query } }) =>
        Effect.map(connections.list({ ...query, limit }), ({ connections, hasMore, missing }) => ({
          connections,
          has_more: hasMore,
          ...(missing.length === 0 ? undefined : { missing })
        })),
      endConnection: ({ params: { session } }) =>
        connections.end(session).pipe(
          Effect.mapError(ofChatError),
          Effect.flatMap((ended) =>
            ended
              ? Effect.void
              : Effect.fail(apiError(404, "There is no such connection; it may have ended by itself."))
          )
        )
    })
  })
)
