/** The admin API about the server itself. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { apiErrors } from "./ApiError.ts"
import { AdminAccess, BoundedBody } from "./middlewares.ts"

const Node = Schema.Struct({
  node: Schema.String,
  /** Whether it is the one that answers. */
  self: Schema.Boolean,
  connections: Schema.Int,
  users: Schema.Int,
  status: Schema.Literals(["up", "draining"])
})

const Stats = Schema.Struct({
  /** On all servers. */
  connections: Schema.Int,
  users_online: Schema.Int,
  /** Entries that this server has accepted since its start. */
  accepted: Schema.Int,
  /** Missing where an app has a store of its own that does not say it. */
  store: Schema.optionalKey(Schema.Struct({
    kind: Schema.String,
    bytes: Schema.optionalKey(Schema.Int),
    conversations: Schema.Int,
    entries: Schema.Int
  })),
  nodes: Schema.Array(Node),
  uptime_ms: Schema.Int,
  version: Schema.String
})

const Setting = Schema.Struct({
  name: Schema.String,
  value: Schema.Union([Schema.String, Schema.Finite, Schema.Boolean]),
  source: Schema.Literals(["default", "file", "environment", "flag"])
})

export const AdminServer = HttpApiGroup.make("server")
  .add(
    HttpApiEndpoint.get("stats", "/stats", { success: Stats, error: apiErrors }).annotateMerge(OpenApi.annotations({
      description:
        "How things are now. `connections` and `users_online` are those of all servers, `accepted` and `uptime_ms` of the one that answers. In a large Postgres `conversations` and `entries` are its own estimates."
    })),
    HttpApiEndpoint.get("config", "/config", {
      success: Schema.Struct({ settings: Schema.Array(Setting) })
    }).annotateMerge(OpenApi.annotations({
      description:
        "Every setting of the server that answers, with its value and where that comes from; secrets are `redacted`."
    }))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")
