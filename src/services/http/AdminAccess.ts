/** Who may use the admin API: whoever has the token, or whoever reaches the admin port. */
import { Effect, Layer, Redacted } from "effect"
import { HttpServerRequest } from "effect/http"
import { createHash, timingSafeEqual } from "node:crypto"
import { AuditLog } from "../access/AuditLog.ts"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { hostname, originQuestion } from "../access/Origins.ts"
import { AdminAccess } from "../api/middlewares.ts"
import { isLoopback } from "../kernel/addresses.ts"
import { askedOf } from "./ApiEdge.ts"
import { refusing } from "./refusing.ts"

/** Shorter tokens are refused when the server starts, in characters. */
export const minTokenLength = 16

const digest = (value: string): Buffer => createHash("sha256").update(value).digest()

/** On the main port. Comparing takes as long for a wrong token as for the right one. */
export const layerToken = (token: Redacted.Redacted<string>) =>
  Layer.effect(
    AdminAccess,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const refuse = yield* refusing
      const expected = digest(Redacted.value(token))
      return AdminAccess.of({
        bearer: (httpEffect, { credential }) =>
          timingSafeEqual(digest(Redacted.value(credential)), expected)
            ? httpEffect
            : Effect.andThen(
              audit.record("Admin.refused", { reason: "wrong token" }),
              refuse({ status: 401, message: "Send the admin token, as \"Authorization: Bearer\"." })
            )
      })
    })
  )

/**
 * Whether a browser sent it for a page. A page whose name was pointed at this machine (DNS rebinding) is its own origin
 * and need not say so, but its `Host` is that name.
 */
const isFromPage = ({ headers, local }: ConnectRequest): boolean => {
  const { host } = originQuestion({ headers, local })
  const site = headers["sec-fetch-site"]
  return headers["origin"] !== undefined || (site !== undefined && site !== "none") ||
    (local && host !== undefined && !isLoopback(hostname(host)))
}

const nobody = { trusts: () => false }

/** On a port of its own that only administrators reach. A browser's page is not one of them, wherever it runs. */
export const layerAdminPort = Layer.effect(
  AdminAccess,
  Effect.map(refusing, (refuse) => ({
    bearer: (httpEffect) =>
      Effect.gen(function*() {
        if (isFromPage(askedOf(yield* HttpServerRequest.HttpServerRequest, nobody))) {
          return yield* refuse({ status: 403, message: "Web pages may not use the admin port; call it as localhost." })
        }
        return yield* httpEffect
      })
  }))
)

export const layerOff = Layer.effect(
  AdminAccess,
  Effect.map(refusing, (refuse) => ({
    bearer: () => refuse({ status: 403, message: "The admin API is off; start with --admin-token or --admin-port." })
  }))
)
