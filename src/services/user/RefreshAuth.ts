/** `refresh_auth`: a newer token of the same user prolongs the session. */
import { Clock, Effect } from "effect"
import type { RefreshAuth } from "../../domain/ClientFrame.ts"
import * as CloseCode from "../../domain/CloseCode.ts"
import * as Errors from "../../domain/Errors.ts"
import { type Authenticator, Refused } from "../access/Authenticator.ts"
import type { BanList } from "../access/BanList.ts"
import { inTime } from "../kernel/inTime.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Settings } from "../Settings.ts"
import type { UserRef } from "./UserRef.ts"

export interface RefreshServices {
  readonly authenticator: Authenticator["Service"]
  readonly bans: BanList["Service"]
  readonly settings: Settings["Service"]
}

const refresh = Effect.fnUntraced(function*(
  { id, token }: RefreshAuth,
  ref: UserRef,
  { authenticator, bans, settings: { handshakeMillis } }: RefreshServices
) {
  if (authenticator.verify === undefined) {
    return yield* Errors.unauthenticated("Sessions of this server are not prolonged; connect again.")
  }
  const verified = inTime(authenticator.verify(token), {
    millis: handshakeMillis,
    late: () =>
      Effect.fail(new Refused({ status: 503, message: "The token could not be verified in time; try again." }))
  })
  const { expiresAt, tokenId, user } = yield* Effect.mapError(
    verified,
    ({ message, retryAfterSeconds, status }) =>
      status === 503
        ? Errors.unavailable(message, (retryAfterSeconds ?? 5) * 1_000)
        : Errors.unauthenticated(message)
  )
  // One answer for every token that does not fit, whoever it belongs to.
  if (user !== ref.user) return yield* Errors.unauthenticated("The token is not of this session's user; use your own.")
  if (bans.isBanned(user, tokenId)) ref.closeNow(CloseCode.Kicked)
  const end = expiresAt ?? Number.POSITIVE_INFINITY
  if (end <= (yield* Clock.currentTimeMillis)) {
    return yield* Errors.unauthenticated("The token has expired; bring a newer one.")
  }
  // Whoever brings the older one of two tokens has not meant to end the session.
  if (end < ref.expiresAt) {
    return yield* Errors.unauthenticated("The token ends before the present one; bring a newer one.")
  }
  ref.validity.renew(end, tokenId)
  return new EncodedFrame({
    type: "authenticated",
    ...(id === undefined ? undefined : { id }),
    ...(expiresAt === undefined ? undefined : { expires_at: expiresAt })
  })
})

/** Never fails: a token that is refused is an `error` frame, and the session goes on as it was. */
export const refreshAuth = (frame: RefreshAuth, ref: UserRef, services: RefreshServices): Effect.Effect<EncodedFrame> =>
  Effect.catchTag(refresh(frame, ref, services), "ChatError", (error) => Effect.succeed(ref.refusal(frame.id, error)))
