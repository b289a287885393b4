/** The HTTP side of the protocol: what there is, and nothing of how. */
import { Context, Schema } from "effect"
import { ProblemDetails } from "effect/http"
import {
  HttpApi,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiMiddleware,
  HttpApiSchema,
  HttpApiSecurity,
  OpenApi
} from "effect/http-api"
import { DeviceId, Timestamp, UserId } from "../../domain/Ids.ts"
import { isStorable } from "../../domain/Text.ts"
import { type ConnectRequest, type Identity, Refused } from "../access/Authenticator.ts"
import { problemOf } from "../transport/refuse.ts"

/** A `Refused` of this status travels as a problem (RFC 9457), and says when to ask again. */
const refusal = (status: Refused["status"]) =>
  Refused.pipe(HttpApiSchema.encodeToWithHeaders({
    body: Schema.Struct({
      type: Schema.String,
      title: Schema.String,
      status: Schema.Literal(status),
      detail: Schema.String
    }).pipe(
      HttpApiSchema.asJson({ contentType: ProblemDetails.contentType }),
      HttpApiSchema.status(status)
    ),
    headers: { "retry-after": Schema.optional(Schema.Int) }
  }, {
    decode: ({ body, headers: { "retry-after": seconds } }) =>
      new Refused({ status, message: body.detail, ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }) }),
    // One of another status does not fit in here, and finds its own.
    encode: (refused) => ({ body: problemOf(refused), headers: { "retry-after": refused.retryAfterSeconds } })
  }))

const refusals = Refused.fields.status.literals.map(refusal)

export const Info = Schema.Struct({
  name: Schema.Literal("switchboard"),
  version: Schema.String,
  /** How clients show who they are. */
  auth: Schema.Literals(["phone-header", "jwt", "custom"])
})

const TicketRequest = Schema.Struct({
  /** The `?device=` that the connection will name. */
  device: Schema.optionalKey(DeviceId)
})

const TicketResponse = Schema.Struct({ ticket: Schema.String, expires_at: Timestamp, user: UserId })

/** What every store can hold. */
const storable = Schema.makeFilter(isStorable, { expected: "well-formed text without NUL" })

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

const BanRequest = Schema.Struct({
  ...Subject.fields,
  until: Schema.optionalKey(Timestamp),
  reason: Schema.optionalKey(Schema.String.pipe(Schema.check(Schema.isMaxLength(200), storable)))
})

const BanEntry = Schema.Struct({ ...BanRequest.fields, at: Timestamp })

const Kicked = Schema.Struct({ connections: Schema.Int })

export class AdminAccess extends HttpApiMiddleware.Service<AdminAccess>()("switchboard/services/http/AdminAccess", {
  security: { bearer: HttpApiSecurity.bearer },
  error: refusals
}) {}

/** The largest body of a request, in bytes: as large as a frame may be by default. */
export const maxBodyBytes = 65_536

/**
 * A body that is larger is refused with 413 at the first byte past it, or before any where its length is told; a request
 * that does not fit its description, with 400.
 */
export class BoundedBody extends HttpApiMiddleware.Service<BoundedBody>()("switchboard/services/http/BoundedBody", {
  error: refusals
}) {}

/** For what clients use: pages of allowed origins may, those of others may not. */
export class FromPages extends HttpApiMiddleware.Service<FromPages>()("switchboard/services/http/FromPages", {
  error: refusals
}) {}

/** Who asked, found out before the body is read. Without an identity it depends on the body, which names the device. */
export class Asker extends Context.Service<Asker, {
  readonly asked: ConnectRequest
  readonly identity: Identity | undefined
}>()("switchboard/services/http/Asker") {}

export class Credentials extends HttpApiMiddleware.Service<Credentials, { provides: Asker }>()(
  "switchboard/services/http/Credentials",
  { error: refusals }
) {}

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
    }),
    HttpApiEndpoint.get("bans", "/bans", { success: Schema.Struct({ bans: Schema.Array(BanEntry) }) }),
    HttpApiEndpoint.post("ban", "/ban", {
      payload: BanRequest.pipe(Schema.check(exactlyOne)),
      success: Kicked
    }),
    HttpApiEndpoint.post("lift", "/lift", {
      payload: Subject.pipe(Schema.check(exactlyOne)),
      success: Schema.Struct({ lifted: Schema.Boolean })
    })
  )
  .middleware(AdminAccess)
  .middleware(BoundedBody)
  .prefix("/v1/admin")

/** Served by `ApiRoutes`, described at `/openapi.json` and `/docs`. */
export class Api extends HttpApi.make("switchboard").add(Public).add(Admin).annotateMerge(
  OpenApi.annotations({
    title: "Switchboard",
    description: "The HTTP side of the chat. The chat itself is a WebSocket at `/ws`; see docs/protocol.md."
  })
) {}
