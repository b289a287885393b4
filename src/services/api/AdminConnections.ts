/** The admin API about connections. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { SessionId, UserId } from "../../domain/Ids.ts"
import { ConnectionInfo } from "../cluster/connectionList.ts"
import { apiErrors } from "./ApiError.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"
import { pageQuery } from "./paging.ts"

const Session = SessionId.pipe(
  Schema.check(Schema.isPattern(/^[!-~]{1,64}$/u, { expected: "the session of a connection" }))
)

export const AdminConnections = HttpApiGroup.make("connections")
  .add(
    HttpApiEndpoint.get("listConnections", "/connections", {
      query: { ...pageQuery(Session), user: Schema.optionalKey(UserId) },
      success: Schema.Struct({
        connections: Schema.Array(ConnectionInfo),
        has_more: Schema.Boolean,
        /** Servers that did not answer in time: their connections are not in the list. */
        missing: Schema.optionalKey(Schema.Array(Schema.String))
      })
    }).annotateMerge(OpenApi.annotations({
      description:
        "Connections on all servers, in the order of `session`, which is the order in which they came for those of one server. `missing` names servers that did not answer within two seconds."
    })),
    HttpApiEndpoint.delete("endConnection", "/connections/:session", {
      params: { session: Session },
      success: HttpApiSchema.NoContent,
      error: apiErrors
    }).annotateMerge(OpenApi.annotations({
      description:
        "Ends a connection with 4503, whichever server has it; its client may come back. 404 if no server has it. Where a server does not answer it is told through the store, and that is a 204 too."
    }))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
