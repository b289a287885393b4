/** Lets in who brings a token of an identity provider: by `Authorization`, or by the subprotocol `bearer.<token>`. */
import { Clock, DateTime, Effect, Layer, Schema } from "effect"
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose"
import type { KeyObject } from "node:crypto"
import { UserId } from "../../domain/Ids.ts"
import { Authenticator, type ConnectRequest, deviceOf, type Grant, Refused } from "./Authenticator.ts"
import { isUnknownKey, type JwtConfigError, type JwtKeys } from "./JwtKeys.ts"

export interface JwtOptions<R = never> {
  readonly keys: Effect.Effect<JwtKeys, JwtConfigError, R>
  /** `iss` has to be this. */
  readonly issuer?: string
  /** `aud` has to be this, or have it among others. */
  readonly audience?: string
}

/** Clocks may differ by this much, in seconds. */
const tolerance = 30

/** Longer tokens are refused before anything of them is looked at. */
const maxTokenLength = 8_192

/** What `jose` says of a token; clients hear less. */
class BadToken extends Schema.TaggedError<BadToken>()("BadToken", { cause: Schema.Defect() }) {}

const isUserId = Schema.is(UserId)

const invalid = (message = "The token is not valid; sign in again.") => new Refused({ status: 401, message })

/** `bearer.<token>` among the subprotocols, or a bearer token in `Authorization`. */
export const tokenOf = ({ headers }: ConnectRequest): string | undefined => {
  const { authorization } = headers
  if (typeof authorization === "string") return /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  const offered = headers["sec-websocket-protocol"]
  if (typeof offered !== "string") return undefined
  const prefix = "bearer."
  return offered.split(",").map((each) => each.trim()).find((each) => each.startsWith(prefix))?.slice(prefix.length)
}

const grantOf = ({ exp, jti, sub }: JWTPayload): Grant | undefined => {
  if (!isUserId(sub) || exp === undefined) return undefined
  return { user: sub, expiresAt: exp * 1_000, ...(jti === undefined ? undefined : { tokenId: jti.slice(0, 256) }) }
}

const make = Effect.fnUntraced(function*<R>({ audience, issuer, keys }: JwtOptions<R>) {
  const clock = yield* Clock.Clock
  const { algorithms, get, renewed } = yield* keys

  const check = (token: string, key: KeyObject | JWTVerifyGetKey) =>
    Effect.tryPromise({
      try: () => {
        const options = {
          algorithms: Array.from(algorithms),
          clockTolerance: tolerance,
          currentDate: DateTime.toDateUtc(DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())),
          requiredClaims: ["exp", "sub"],
          ...(issuer === undefined ? undefined : { issuer }),
          ...(audience === undefined ? undefined : { audience })
        }
        return typeof key === "function" ? jwtVerify(token, key, options) : jwtVerify(token, key, options)
      },
      catch: (cause) => new BadToken({ cause })
    })

  const verify = Effect.fn("JwtAuthenticator.verify")(function*(token: string) {
    if (token.length > maxTokenLength) return yield* invalid("The token is too long; sign in again.")
    const key = yield* get.pipe(
      Effect.mapError(() =>
        new Refused({ status: 503, message: "Tokens cannot be checked now; try again later.", retryAfterSeconds: 5 })
      )
    )
    const checked = check(token, key).pipe(
      Effect.catchTag("BadToken", (bad) => isUnknownKey(bad.cause) ? checkAgain(token, bad) : Effect.fail(bad)),
      Effect.mapError(({ cause }) =>
        cause instanceof errors.JWTExpired ? invalid("The token has expired; sign in again.") : invalid()
      )
    )
    return yield* accepted((yield* checked).payload)
  })

  /** With keys that came since. */
  const checkAgain = Effect.fnUntraced(function*(token: string, bad: BadToken) {
    const others = yield* renewed
    return yield* others === undefined ? Effect.fail(bad) : check(token, others)
  })

  const accepted = (payload: JWTPayload): Effect.Effect<Grant, Refused> => {
    const grant = grantOf(payload)
    return grant === undefined
      ? Effect.fail(invalid("The token's \"sub\" is not a user id: 1 to 64 letters, digits or + . _ @ - characters."))
      : Effect.succeed(grant)
  }

  return Authenticator.of({
    mode: "jwt",
    verify,
    authenticate: Effect.fnUntraced(function*(request: ConnectRequest) {
      const token = tokenOf(request)
      if (token === undefined) {
        return yield* new Refused({
          status: 401,
          message: "Send a token, as \"Authorization: Bearer\" or as the subprotocol \"bearer.<token>\"."
        })
      }
      return { ...(yield* verify(token)), ...(yield* deviceOf(request)) }
    })
  })
})

/** Fails with one sentence when the keys cannot work. */
export const layer = <R>(options: JwtOptions<R>) => Layer.effect(Authenticator, make(options))
