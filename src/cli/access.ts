/** Who may connect, as the flags say it. */
import { Effect, FileSystem, Layer, Option, Redacted } from "effect"
import { type CliError, Flag } from "effect/cli"
import { Authenticator } from "../services/access/Authenticator.ts"
import { TrustedProxies, trusting } from "../services/access/ClientAddress.ts"
import * as JwtAuthenticator from "../services/access/JwtAuthenticator.ts"
import * as JwtKeys from "../services/access/JwtKeys.ts"
import * as OpenIdProvider from "../services/access/OpenIdProvider.ts"
import { AllowedOrigins } from "../services/access/Origins.ts"
import { isLoopback } from "../services/kernel/addresses.ts"
import { redacting, UserNames } from "../services/UserNames.ts"
import { told, userError } from "./errors.ts"
import * as flags from "./flags.ts"
import { oidcFlags, withProvider } from "./oidc.ts"

export const jwtSecretFlag = flags.secret("jwt-secret", "The secret of HS256 tokens, at least 32 bytes")
export const jwtIssuerFlag = flags.text("jwt-issuer", "", "What \"iss\" of a token has to be")
export const jwtAudienceFlag = flags.text("jwt-audience", "", "What \"aud\" of a token has to be")
export const jwtUserClaimFlag = flags.text("jwt-user-claim", "sub", "The claim of a token that names the user").pipe(
  Flag.filter((claim) => claim !== "", () => "Give --jwt-user-claim the name of a claim, such as sub.")
)

export const accessFlags = {
  auth: flags.choice("auth", ["phone-header", "jwt"], "phone-header", "How clients show who they are"),
  trustPhoneHeader: flags.toggle(
    "trust-phone-header",
    "Believe the Phone-Number header of everybody, on any address"
  ),
  trustedProxy: flags.list(
    "trusted-proxy",
    "Addresses or subnets of proxies whose Phone-Number and X-Forwarded-For are believed, with commas between"
  ),
  jwtSecret: jwtSecretFlag,
  jwtPublicKey: flags.secret("jwt-public-key", "The public key of tokens: PEM, or a file with it"),
  jwksUrl: flags.text("jwks-url", "", "Where the issuer publishes its keys"),
  jwtIssuer: jwtIssuerFlag,
  jwtAudience: jwtAudienceFlag,
  jwtUserClaim: jwtUserClaimFlag,
  ...oidcFlags,
  allowOrigin: flags.list(
    "allow-origin",
    "Origins of web pages that may connect beside the server's own, with commas between"
  ),
  redactUsers: flags.toggle("redact-users", "Show users in log lines as marks that cannot be turned back")
}

export type AccessFlags = flags.Input<typeof accessFlags>

export const readKey = Effect.fnUntraced(function*(value: string) {
  if (value.includes("-----BEGIN")) return value
  const fs = yield* FileSystem.FileSystem
  return yield* fs.readFileString(value).pipe(
    Effect.mapError(() =>
      new JwtKeys.JwtConfigError({ message: `Cannot read ${value}; give --jwt-public-key PEM or a file with it.` })
    )
  )
})

export const jwtKeys = Effect.fnUntraced(function*({ jwksUrl, jwtIssuer, jwtPublicKey, jwtSecret }: AccessFlags) {
  const given = [Option.isSome(jwtSecret), Option.isSome(jwtPublicKey), jwksUrl !== ""].filter(Boolean).length
  if (given !== 1) {
    return yield* new JwtKeys.JwtConfigError({
      message: "--auth jwt needs exactly one of --jwt-secret, --jwt-public-key and --jwks-url."
    })
  }
  if (Option.isSome(jwtSecret)) return yield* JwtKeys.fromSecret(Redacted.value(jwtSecret.value))
  if (Option.isSome(jwtPublicKey)) {
    return yield* JwtKeys.fromPublicKey(yield* readKey(Redacted.value(jwtPublicKey.value)))
  }
  // One key set may serve many issuers; a token of another one must not open this door.
  if (jwtIssuer === "") {
    return yield* new JwtKeys.JwtConfigError({ message: "--jwks-url needs --jwt-issuer as well; add it." })
  }
  return yield* JwtKeys.fromUrl(jwksUrl)
})

const authenticator = (input: AccessFlags, proxies: { readonly trusts: (peer: string) => boolean }) => {
  if (input.auth === "phone-header") {
    return Authenticator.layerPhoneHeaderWith(
      input.trustPhoneHeader
        ? { from: () => true }
        : input.trustedProxy.length === 0
        ? {}
        : { from: proxies.trusts }
    )
  }
  const { jwtAudience, jwtIssuer, jwtUserClaim, oidcIssuer } = input
  if (oidcIssuer !== "") {
    return OpenIdProvider.layer({
      issuer: oidcIssuer,
      clientId: input.oidcClientId,
      scope: input.oidcScope,
      userClaim: jwtUserClaim
    }).pipe(Layer.catchTag("JwtConfigError", (error) => Layer.effect(Authenticator, told(error))))
  }
  return JwtAuthenticator.layer({
    keys: jwtKeys(input),
    userClaim: jwtUserClaim,
    ...(jwtIssuer === "" ? undefined : { issuer: jwtIssuer }),
    ...(jwtAudience === "" ? undefined : { audience: jwtAudience })
  }).pipe(
    Layer.catchTag("JwtConfigError", (error) => Layer.effect(Authenticator, told(error)))
  )
}

/** Everything about who may connect, for a server that listens on `host`. */
export const accessOf = Effect.fnUntraced(function*(
  given: AccessFlags,
  host: string
): Effect.fn.Return<Layer.Layer<Authenticator, CliError.UserError, FileSystem.FileSystem>, CliError.UserError> {
  const input = yield* withProvider(given)
  const proxies = trusting(input.trustedProxy)
  if (proxies === undefined) {
    return yield* userError("Give --trusted-proxy addresses or subnets such as 10.0.0.0/8, with commas between.")
  }
  if (
    input.auth === "phone-header" && !isLoopback(host) && !input.trustPhoneHeader && input.trustedProxy.length === 0
  ) {
    return yield* userError(
      `Phone-Number authentication trusts its caller, so --host ${host} needs --trusted-proxy or --trust-phone-header as well.`
    )
  }
  return authenticator(input, proxies).pipe(
    Layer.provideMerge(Layer.succeed(TrustedProxies, proxies)),
    Layer.provideMerge(Layer.succeed(AllowedOrigins, input.allowOrigin)),
    Layer.provideMerge(input.redactUsers ? Layer.succeed(UserNames, redacting()) : Layer.empty)
  )
})
