/** What stands before the endpoints. */
import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import type { ConnectRequest, Identity } from "../access/Authenticator.ts"
import { bodyRefusals, refusals } from "./ApiError.ts"

export class AdminAccess extends HttpApiMiddleware.Service<AdminAccess>()("switchboard/services/api/AdminAccess", {
  security: { bearer: HttpApiSecurity.bearer },
  error: refusals
}) {}

/** The largest body of a request, in bytes: as large as a frame may be by default. */
export const maxBodyBytes = 65_536

/**
 * A body that is larger is refused with 413 at the first byte past it, or before any where its length is told; a request
 * that does not fit its description, with 400, and a body that is not said to be JSON with 415.
 */
export class BoundedBody extends HttpApiMiddleware.Service<BoundedBody>()("switchboard/services/api/BoundedBody", {
  error: bodyRefusals
}) {}

/** A request that does not fit its description is refused with 400. Of bodies that are not read before it is known whose they are. */
export class FittingRequest
  extends HttpApiMiddleware.Service<FittingRequest>()("switchboard/services/api/FittingRequest", { error: refusals })
{}

/** For what clients use: pages of allowed origins may, those of others may not. */
export class FromPages extends HttpApiMiddleware.Service<FromPages>()("switchboard/services/api/FromPages", {
  error: refusals
}) {}

/** Who asked, found out before the body is read. Without an identity it depends on the body, which names the device. */
export class Asker extends Context.Service<Asker, {
  readonly asked: ConnectRequest
  readonly identity: Identity | undefined
}>()("switchboard/services/api/Asker") {}

export class Credentials extends HttpApiMiddleware.Service<Credentials, { provides: Asker }>()(
  "switchboard/services/api/Credentials",
  { error: refusals }
) {}
