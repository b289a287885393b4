/** The HTTP side of the protocol: what there is, and nothing of how. */
import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { DeviceId, Timestamp, UserId } from "../../domain/Ids.ts"
import { version } from "../../domain/version.ts"
import { Endpoints } from "../access/openIdEndpoints.ts"
import { AdminBans, BanTerms, storable } from "./AdminBans.ts"
import { AdminConnections } from "./AdminConnections.ts"
import { AdminFiles } from "./AdminFiles.ts"
import { AdminGroups } from "./AdminGroups.ts"
import { AdminMessages } from "./AdminMessages.ts"
import { AdminReports } from "./AdminReports.ts"
import { AdminServer } from "./AdminServer.ts"
import { AdminUsers } from "./AdminUsers.ts"
import { AdminWebhookEvents } from "./AdminWebhookEvents.ts"
import { apiErrors } from "./ApiError.ts"
import { Files } from "./Files.ts"
import { AdminAccess, BoundedBody, Credentials, FromPages } from "./middlewares.ts"
import { pageQuery } from "./paging.ts"

export const Info = Schema.Struct({
  name: Schema.Literal("switchboard"),
  version: Schema.String,
  /** How clients show who they are. */
  auth: Schema.Literals(["phone-header", "jwt", "custom"]),
  /** Where tokens come from, for those who sign in with OpenID Connect. */
  oidc: Schema.optionalKey(Schema.Struct({
    issuer: Schema.String,
    client_id: Schema.String,
    scope: Schema.String,
    /** What it says of itself; missing until it has answered. */
    provider: Schema.optionalKey(Endpoints)
  }))
})

const TicketRequest = Schema.Struct({
  /** The `?device=` that the connection will name. */
  device: Schema.optionalKey(DeviceId)
})

const TicketResponse = Schema.Struct({ ticket: Schema.String, expires_at: Timestamp, user: UserId })

const TokenId = Schema.String.pipe(Schema.check(Schema.isBetweenLength(1, 256), storable))

/** Exactly one of the two. */
export const Subject = Schema.Struct({
  user: Schema.optionalKey(UserId),
  token_id: Schema.optionalKey(TokenId)
})
const exactlyOne = Schema.makeFilter(
  ({ token_id, user }: { readonly user?: UserId; readonly token_id?: string }) =>
    (user === undefined) !== (token_id === undefined),
  { expected: "exactly one of user and token_id" }
)

const BanRequest = Schema.Struct({ ...Subject.fields, ...BanTerms.fields })

const BanEntry = Schema.Struct({ ...BanRequest.fields, at: Timestamp })

const AfterBan = Schema.String.pipe(Schema.check(Schema.isBetweenLength(1, 262), storable))

const Kicked = Schema.Struct({ connections: Schema.Int })

const Public = HttpApiGroup.make("public", { topLevel: true })
  .add(
    HttpApiEndpoint.get("info", "/v1/info", { success: Info }).annotateMerge(
      OpenApi.annotations({ description: "What this server is and how to sign in." })
    ),
    HttpApiEndpoint.post("ticket", "/v1/tickets", {
      payload: TicketRequest,
      success: TicketResponse.pipe(HttpApiSchema.status(201))
    }).middleware(Credentials).annotateMerge(
      OpenApi.annotations({
        description:
          "A one-time ticket for `GET /ws?ticket=`, good for 30 seconds, this user, device and address. Show who you are as you would to `/ws`."
      })
    )
  )
  .middleware(BoundedBody)
  .middleware(FromPages)

const Admin = HttpApiGroup.make("admin")
  .add(
    HttpApiEndpoint.post("kick", "/kick", {
      payload: Subject.pipe(Schema.check(exactlyOne)),
      success: Kicked
    }).annotateMerge(OpenApi.annotations({
      description: "Ends every connection of a user, or of a token, with 4503. They may come back."
    })),
    HttpApiEndpoint.get("bans", "/bans", {
      query: pageQuery(AfterBan),
      success: Schema.Struct({ bans: Schema.Array(BanEntry), has_more: Schema.Boolean })
    }).annotateMerge(OpenApi.annotations({
      description:
        "The bans that hold: of users by id, then of tokens. `after` is the `user` of the last one, or `token:` and its `token_id`; `user:` stands before a user's id that begins with either."
    })),
    HttpApiEndpoint.post("ban", "/ban", {
      payload: BanRequest.pipe(Schema.check(exactlyOne)),
      success: Kicked,
      error: apiErrors
    }).annotateMerge(OpenApi.annotations({
      description:
        "Keeps a user, or a token, out until then or until it is lifted, and ends their connections with 4503."
    })),
    HttpApiEndpoint.post("lift", "/lift", {
      payload: Subject.pipe(Schema.check(exactlyOne)),
      success: Schema.Struct({ lifted: Schema.Boolean }),
      error: apiErrors
    }).annotateMerge(OpenApi.annotations({ description: "Lifts a ban. Says whether there was one." }))
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")

/** Served by `http/ApiRoutes`, described at `/openapi.json` and `/docs`. */
export class Api extends HttpApi.make("switchboard")
  .add(Public, Files)
  .add(Admin)
  .add(AdminUsers, AdminConnections, AdminBans, AdminServer)
  .add(AdminMessages, AdminGroups, AdminFiles, AdminReports, AdminWebhookEvents)
  .annotateMerge(
    OpenApi.annotations({
      title: "Switchboard",
      version,
      description:
        "The HTTP side of the chat. The chat itself is a WebSocket at `/ws`; `/asyncapi.json` and docs/protocol.md have it."
    })
  )
{}
