/** Where the keys that tokens are checked with come from: the configuration, never the token. */
import { Effect, Schema, type Scope, Semaphore, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose"
import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto"
import { isHttps } from "../kernel/addresses.ts"
import * as Monotonic from "../kernel/Monotonic.ts"

/** A server cannot be set up in this way. `message` is one sentence for whoever started it. */
export class JwtConfigError extends Schema.TaggedError<JwtConfigError>()("JwtConfigError", {
  message: Schema.String
}) {}

/** The keys cannot be had at the moment, so nobody can be told apart. */
export class KeysUnavailable extends Schema.TaggedError<KeysUnavailable>()("KeysUnavailable", {
  cause: Schema.Defect()
}) {}

export interface JwtKeys {
  /** Fixed by the kind of key: what the token's header asks for cannot widen it. */
  readonly algorithms: ReadonlyArray<string>
  /** The keys as they are. */
  readonly get: Effect.Effect<KeyObject | JWTVerifyGetKey, KeysUnavailable>
  /** A key was not among them: answers others, if it is time to ask for them again. */
  readonly renewed: Effect.Effect<JWTVerifyGetKey | undefined>
}

const fixed = (algorithms: ReadonlyArray<string>, key: KeyObject): JwtKeys => ({
  algorithms,
  get: Effect.succeed(key),
  renewed: Effect.undefined
})

/** The shortest secret that HS256 is safe with, in bytes (RFC 7518, section 3.2). */
const minSecretBytes = 32

export const fromSecret = (secret: string): Effect.Effect<JwtKeys, JwtConfigError> => {
  const bytes = Buffer.from(secret)
  return bytes.length < minSecretBytes
    ? Effect.fail(new JwtConfigError({ message: `Give --jwt-secret at least ${minSecretBytes} bytes.` }))
    : Effect.succeed(fixed(["HS256"], createSecretKey(bytes)))
}

const algorithmsOf = (key: KeyObject): ReadonlyArray<string> | undefined => {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return ["RS256", "PS256"]
    case "ed25519":
      return ["EdDSA", "Ed25519"]
    case "ec":
      return key.asymmetricKeyDetails?.namedCurve === "prime256v1"
        ? ["ES256"]
        : key.asymmetricKeyDetails?.namedCurve === "secp384r1"
        ? ["ES384"]
        : undefined
    default:
      return undefined
  }
}

export const fromPublicKey = (pem: string): Effect.Effect<JwtKeys, JwtConfigError> => {
  const bad = new JwtConfigError({ message: "Give --jwt-public-key an RSA, P-256, P-384 or Ed25519 key as PEM." })
  return Effect.try({ try: () => createPublicKey(pem), catch: () => bad }).pipe(
    Effect.flatMap((key) => {
      const algorithms = algorithmsOf(key)
      return algorithms === undefined ? Effect.fail(bad) : Effect.succeed(fixed(algorithms, key))
    })
  )
}

/** Asymmetric only: a key set is public, and so would be a secret in it. */
export const keySetAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "EdDSA",
  "Ed25519"
]
/** Asked for while there are none at all. */
const firstCooldownMillis = 5_000
/** Keys older than this are fetched again, in passing. */
const freshMillis = 600_000
/** The issuer is asked at most this often, whatever the tokens say. */
const cooldownMillis = 30_000
const fetchTimeout = "5 seconds"
const maxKeySet = "256 KiB"

const KeySet = Schema.fromJsonString(
  Schema.Struct({ keys: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)) })
)

/** What the issuer publishes there. A redirect is a failure: it would be another issuer. */
export const fetchText = Effect.fn("JwtKeys.fetch")(
  function*(url: URL) {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.get(url)
    if (response.status !== 200) return yield* new KeysUnavailable({ cause: `the issuer answered ${response.status}` })
    return yield* response.stream.pipe(
      Stream.mapError((cause) => new KeysUnavailable({ cause })),
      Stream.limitBytes(
        maxKeySet,
        () => Stream.fail(new KeysUnavailable({ cause: "the issuer's answer is too big" }))
      ),
      Stream.decodeText,
      Stream.mkString
    )
  },
  Effect.timeout(fetchTimeout),
  Effect.mapError((cause) => new KeysUnavailable({ cause })),
  Effect.provide(FetchHttpClient.layer),
  Effect.provideService(FetchHttpClient.RequestInit, { redirect: "error" })
)

/** The keys as the issuer publishes them. */
export const fetchKeySet = (url: URL) =>
  fetchText(url).pipe(
    Effect.flatMap(Schema.decodeEffect(KeySet)),
    Effect.mapBoth({
      onFailure: (cause) => cause instanceof KeysUnavailable ? cause : new KeysUnavailable({ cause }),
      onSuccess: ({ keys }) => keys
    })
  )

export const fetchKeys = (url: URL): Effect.Effect<JWTVerifyGetKey, KeysUnavailable> =>
  Effect.map(
    fetchKeySet(url),
    (keys) => createLocalJWKSet({ keys: keys as Array<Record<string, never>> }) as JWTVerifyGetKey
  )

/** Those of a key set. */
export const fromUrl = Effect.fnUntraced(function*(jwksUrl: string) {
  const url = yield* Effect.try({
    try: () => new URL(jwksUrl),
    catch: () => new JwtConfigError({ message: "Give --jwks-url the address of a key set, with https." })
  })
  if (!isHttps(url)) {
    return yield* new JwtConfigError({
      message: "Give --jwks-url an address with https; only loopback may do without."
    })
  }
  return yield* renewing(fetchKeys(url))
})

/**
 * Fetched when first needed, again when they are old and when a token names a key that is not among them, and kept
 * while the issuer is down.
 */
export const renewing: (
  fetch: Effect.Effect<JWTVerifyGetKey, KeysUnavailable>
) => Effect.Effect<JwtKeys, never, Scope.Scope> = Effect.fnUntraced(function*(fetch) {
  const now = yield* Monotonic.now
  const scope = yield* Effect.scope
  const oneAtATime = yield* Semaphore.make(1)
  let keys: JWTVerifyGetKey | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let askedAt = Number.NEGATIVE_INFINITY

  const mayAsk = () => now() - askedAt >= (keys === undefined ? firstCooldownMillis : cooldownMillis)

  const fetchNow = Effect.suspend(() => {
    askedAt = now()
    return fetch
  }).pipe(
    Effect.tap((found) =>
      Effect.sync(() => {
        keys = found
        fetchedAt = now()
      })
    ),
    Effect.tapError((error) =>
      Effect.annotateLogs(Effect.logWarning("JwtKeys.failed"), { reason: String(error.cause) })
    )
  )

  /** Whoever waited while another fetched takes what that one found. */
  const refresh = oneAtATime.withPermits(1)(Effect.suspend(() => mayAsk() ? Effect.exit(fetchNow) : Effect.void))

  const get = Effect.gen(function*() {
    if (keys === undefined) yield* refresh
    else if (now() - fetchedAt > freshMillis && mayAsk()) yield* Effect.forkIn(refresh, scope)
    return keys ?? (yield* new KeysUnavailable({ cause: "the issuer did not answer" }))
  })

  const result: JwtKeys = {
    algorithms: keySetAlgorithms,
    get,
    renewed: Effect.suspend(() => {
      const before = keys
      return Effect.map(refresh, () => keys === before ? undefined : keys)
    })
  }
  return result
})

export const isUnknownKey = (error: unknown): boolean => error instanceof errors.JWKSNoMatchingKey
