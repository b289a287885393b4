/** The keys that tokens are checked with: whether they can be had, and used. */
import { Effect, type FileSystem, Option, Redacted } from "effect"
import { createPublicKey, type webcrypto } from "node:crypto"
import { fetchKeySet, keySetAlgorithms, type KeysUnavailable } from "../../services/access/JwtKeys.ts"
import { discover } from "../../services/access/OpenIdProvider.ts"
import { type AccessFlags, jwtKeys, readKey } from "../access.ts"
import { type Check, failed, ok, type Verdict, warning, whyOf } from "./Check.ts"

const check = "keys"

type Jwk = { readonly [member: string]: unknown }

/** The shortest RSA key that is taken (RFC 7518, section 3.3). */
const minRsaBits = 2_048

/** Whether a token could be checked with it. */
const isUsable = (jwk: Jwk): boolean => {
  const { alg, kty, use } = jwk
  if (use !== undefined && use !== "sig") return false
  if (kty !== "RSA" && kty !== "EC" && kty !== "OKP") return false
  if (typeof alg === "string" && !keySetAlgorithms.includes(alg)) return false
  try {
    // What is no key of the kind that it says it is, Node refuses.
    const { asymmetricKeyDetails, asymmetricKeyType: type } = createPublicKey({
      key: jwk as webcrypto.JsonWebKey,
      format: "jwk"
    })
    if (type === "rsa") return (asymmetricKeyDetails?.modulusLength ?? 0) >= minRsaBits
    return type === "ed25519" || type === "ec"
  } catch {
    return false
  }
}

export const keySetVerdict = (host: string, keys: ReadonlyArray<Jwk>, flag = "jwks-url"): Verdict => {
  const usable = keys.filter(isUsable)
  if (usable.length === 0) {
    return failed(
      check,
      `${host} publishes ${keys.length} keys, none of which tokens can be checked with; check --${flag}.`
    )
  }
  if (keys.some(({ d, kty }) => kty === "oct" || d !== undefined)) {
    return warning(
      check,
      `${host} publishes a secret among its keys, so anybody can sign tokens; tell whoever runs it.`
    )
  }
  const named = new Set(usable.map(({ kid }) => kid).filter((kid) => typeof kid === "string"))
  return usable.length > 1 && named.size < usable.length
    ? warning(
      check,
      `${host} publishes ${usable.length} keys that have no names (kid) of their own; tokens may be refused.`
    )
    : ok(check, `${host} publishes ${usable.length} usable keys.`)
}

const reason = ({ cause }: KeysUnavailable): string =>
  typeof cause === "object" && cause !== null && "cause" in cause && cause.cause !== undefined
    ? `${whyOf(cause)}: ${whyOf(cause.cause)}`
    : whyOf(cause)

const ofUrl = Effect.fnUntraced(function*(jwksUrl: string, flag = "jwks-url") {
  const { host } = new URL(jwksUrl)
  return yield* Effect.match(fetchKeySet(new URL(jwksUrl)), {
    onFailure: (error) =>
      failed(check, `The keys of ${host} cannot be fetched (${reason(error)}); check --${flag} and the network.`),
    onSuccess: (keys) => keySetVerdict(host, keys, flag)
  })
})

/** What it says of itself, and its keys. */
const ofProvider = Effect.fnUntraced(function*(issuer: string) {
  const flag = "oidc-issuer"
  return yield* discover(issuer).pipe(
    Effect.matchEffect({
      onFailure: (error) =>
        Effect.succeed(
          failed(check, `${new URL(issuer).host} does not say who it is (${reason(error)}); check --${flag}.`)
        ),
      onSuccess: ({ jwks_uri }) => ofUrl(jwks_uri, flag)
    })
  )
})

const ofPem = (pem: string): Verdict =>
  pem.includes("PRIVATE KEY")
    ? warning(check, "--jwt-public-key is a private key, which a server does not need; give it the public one alone.")
    : ok(check, "The public key of tokens can be used.")

/** Of `--auth jwt`, and of `--oidc-issuer`. */
export const keysCheck = (input: AccessFlags): Check<FileSystem.FileSystem> => ({
  name: check,
  run: Effect.gen(function*() {
    if (input.oidcIssuer !== "") {
      // What is wrong with the flag itself is said of the settings.
      return URL.canParse(input.oidcIssuer) ? [yield* ofProvider(input.oidcIssuer)] : []
    }
    yield* Effect.scoped(jwtKeys(input))
    if (input.jwksUrl !== "") return [yield* ofUrl(input.jwksUrl)]
    if (Option.isSome(input.jwtPublicKey)) return [ofPem(yield* readKey(Redacted.value(input.jwtPublicKey.value)))]
    return [ok(check, "The secret of tokens is long enough.")]
  }).pipe(Effect.catch((error) => Effect.succeed([failed(check, error.message)])))
})
