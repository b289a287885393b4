/** Lets in who brings a token of an identity provider: by `Authorization`, or by the subprotocol `bearer.<token>`. */
import { Clock, DateTime, Effect, Layer, Schema } from "effect"
import { errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose"
import type { KeyObject } from "node:crypto"
import { UserId } from "../../domain/Ids.ts"
import { Picture, ProfileName } from "../../domain/Profile.ts"
import { userIdRule } from "../../domain/userIds.ts"
import { Authenticator, type ConnectRequest, deviceOf, type Grant, Refused } from "./Authenticator.ts"
import { isUnknownKey, type JwtConfigError, type JwtKeys } from "./JwtKeys.ts"

export interface JwtOptions<R = never> {
  readonly keys: Effect.Effect<JwtKeys, JwtConfigError, R>
  /** `iss` has to be this. */
  readonly issuer?: string
  /** `aud` has to be this, or have it among others. */
  readonly audience?: string
  /** The claim that names the user, `sub` without it: text, or a whole number. */
  readonly userClaim?: string
}

/** Clocks may differ by this much, in seconds. */
const tolerance = 30

/** Longer tokens are refused before anything of them is looked at. */
const maxTokenLength = 8_192

/** What `jose` says of a token; clients hear less. */
class BadToken extends Schema.TaggedError<BadToken>()("BadToken", { cause: Schema.Defect() }) {}

const isUserId = Schema.is(UserId)
const isName = Schema.is(ProfileName)
const isPicture = Schema.is(Picture)

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

/** A name or a picture that will not do is no reason to keep somebody out. */
const profileOf = ({ name, picture }: JWTPayload): Pick<Grant, "profile"> | undefined => {
  const profile = {
    ...(isName(name) ? { name } : undefined),
    ...(isPicture(picture) ? { picture } : undefined)
  }
  return Object.keys(profile).length === 0 ? undefined : { profile }
}

/** A number past this could be another's by the time that it was read. */
const userIn = (claim: unknown): unknown => Number.isSafeInteger(claim) ? String(claim) : claim

const grantOf = (payload: JWTPayload, claim: string): Effect.Effect<Grant, Refused> => {
  const { exp, jti } = payload
  const user = userIn(Object.hasOwn(payload, claim) ? payload[claim] : undefined)
  if (typeof user !== "string") {
    return Effect.fail(invalid(`The token's "${claim}" is neither text nor a whole number, so it names nobody.`))
  }
  if (!isUserId(user)) return Effect.fail(invalid(`The token's "${claim}" is not a user id: ${userIdRule}.`))
  return Effect.succeed({
    user,
    ...(exp === undefined ? undefined : { expiresAt: exp * 1_000 }),
    ...(jti === undefined ? undefined : { tokenId: jti.slice(0, 256) }),
    ...profileOf(payload)
  })
}

const make = Effect.fnUntraced(function*<R>({ audience, issuer, keys, userClaim = "sub" }: JwtOptions<R>) {
  const clock = yield* Clock.Clock
  const { algorithms, get, renewed } = yield* keys

  const check = (token: string, key: KeyObject | JWTVerifyGetKey) =>
    Effect.tryPromise({
      try: () => {
        const options = {
          algorithms: Array.from(algorithms),
          clockTolerance: tolerance,
          currentDate: DateTime.toDateUtc(DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())),
          requiredClaims: ["exp"],
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
    return yield* grantOf((yield* checked).payload, userClaim)
  })

  /** With keys that came since. */
  const checkAgain = Effect.fnUntraced(function*(token: string, bad: BadToken) {
    const others = yield* renewed
    return yield* others === undefined ? Effect.fail(bad) : check(token, others)
  })

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
