/** `switchboard token`: a token for development, as an identity provider would sign it. */
import { Clock, Console, DateTime, Duration, Effect, Option, Redacted } from "effect"
import { Command } from "effect/cli"
import { SignJWT } from "jose"
import { randomUUID } from "node:crypto"
import * as JwtKeys from "../services/access/JwtKeys.ts"
import { jwtAudienceFlag, jwtIssuerFlag, jwtSecretFlag, jwtUserClaimFlag } from "./access.ts"
import { told, userError } from "./errors.ts"
import * as flags from "./flags.ts"

/** Ten years. */
const maxMinutes = 5_256_000

export const token = Command.make(
  "token",
  flags.withFile({
    user: flags.user("user", "Who the token is for"),
    minutes: flags.count("minutes", 60, maxMinutes, "How long the token lasts"),
    jwtSecret: jwtSecretFlag,
    jwtIssuer: jwtIssuerFlag,
    jwtAudience: jwtAudienceFlag,
    jwtUserClaim: jwtUserClaimFlag
  }),
  Effect.fn("token")(function*({ jwtAudience, jwtIssuer, jwtSecret, jwtUserClaim, minutes, user }) {
    if (Option.isNone(jwtSecret)) {
      return yield* userError("Give --jwt-secret or SWITCHBOARD_JWT_SECRET, the same that the server has.")
    }
    const secret = Redacted.value(jwtSecret.value)
    const keys = yield* Effect.catchTag(JwtKeys.fromSecret(secret), "JwtConfigError", told)
    const now = yield* Clock.currentTimeMillis
    const at = (millis: number) => DateTime.toDateUtc(DateTime.makeUnsafe(millis))
    const unsigned = new SignJWT({ [jwtUserClaim]: user })
      .setProtectedHeader({ alg: keys.algorithms[0]!, typ: "JWT" })
      .setJti(randomUUID())
      .setIssuedAt(at(now))
      .setExpirationTime(at(now + Duration.toMillis(Duration.minutes(minutes))))
    if (jwtIssuer !== "") unsigned.setIssuer(jwtIssuer)
    if (jwtAudience !== "") unsigned.setAudience(jwtAudience)
    yield* Console.log(yield* Effect.promise(() => unsigned.sign(Buffer.from(secret))))
  })
).pipe(
  Command.withDescription("Sign a token for development with the server's --jwt-secret"),
  Command.withExamples([
    { command: "switchboard token --user alice --jwt-secret …", description: "Print a token that lasts an hour" }
  ])
)
