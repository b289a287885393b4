/** Signing in with an OpenID Connect provider, as the flags say it. */
import { Effect, Option, type Redacted } from "effect"
import type { CliError } from "effect/cli"
import { Sources } from "./configuration/Sources.ts"
import { userError } from "./errors.ts"
import * as flags from "./flags.ts"

export const oidcFlags = {
  oidcIssuer: flags.text(
    "oidc-issuer",
    "",
    "The OpenID Connect provider with which people sign in, as it calls itself"
  ),
  oidcClientId: flags.text("oidc-client-id", "", "The name of this chat at the provider, a public client"),
  oidcScope: flags.text("oidc-scope", "openid profile", "What the page asks the provider for")
}

interface Given extends flags.Input<typeof oidcFlags> {
  readonly auth: "phone-header" | "jwt"
  readonly trustPhoneHeader: boolean
  readonly jwtSecret: Option.Option<Redacted.Redacted<string>>
  readonly jwtPublicKey: Option.Option<Redacted.Redacted<string>>
  readonly jwksUrl: string
  readonly jwtIssuer: string
  readonly jwtAudience: string
}

/** What is wrong with it, in a sentence. */
const wrongIn = (input: Given, isAuthGiven: boolean): string | undefined => {
  const { auth, jwtAudience, jwtIssuer, oidcClientId, oidcIssuer, oidcScope } = input
  if (oidcIssuer === "") {
    return oidcClientId === "" ? undefined : "--oidc-client-id needs --oidc-issuer as well; add it."
  }
  if (oidcClientId === "") return "--oidc-issuer needs --oidc-client-id as well; add it."
  if (auth === "phone-header" && isAuthGiven) {
    return "--auth phone-header believes names and --oidc-issuer tokens; leave one of them out."
  }
  if (input.trustPhoneHeader) return "With --oidc-issuer no names are believed; leave --trust-phone-header out."
  const [own] = [
    ...(Option.isSome(input.jwtSecret) ? ["jwt-secret"] : []),
    ...(Option.isSome(input.jwtPublicKey) ? ["jwt-public-key"] : []),
    ...(input.jwksUrl === "" ? [] : ["jwks-url"])
  ]
  if (own !== undefined) return `The keys come from --oidc-issuer; leave --${own} out.`
  if (jwtIssuer !== "" && jwtIssuer !== oidcIssuer) return "--jwt-issuer is not --oidc-issuer; leave it out."
  if (jwtAudience !== "" && jwtAudience !== oidcClientId) return "--jwt-audience is not --oidc-client-id; leave it out."
  return oidcScope.split(" ").includes("openid") ? undefined : "Give --oidc-scope openid among its words."
}

/** A provider means tokens, whose keys, issuer and audience are its own. */
export const withProvider = Effect.fnUntraced(function*<A extends Given>(
  input: A
): Effect.fn.Return<A, CliError.UserError> {
  const { inForce } = yield* Sources
  const wrong = wrongIn(input, inForce.some(({ name, source }) => name === "auth" && source !== "default"))
  if (wrong !== undefined) return yield* userError(wrong)
  return input.oidcIssuer === "" ? input : { ...input, auth: "jwt" }
})
