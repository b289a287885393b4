/** Who is at the other end, decided before the upgrade. Provide this service to let your own users in. */
import { Context, Effect, ErrorReporter, Layer, Schema } from "effect"
import { defaultDevice, DeviceId, deviceIdRule, UserId } from "../../domain/Ids.ts"
import { Picture, ProfileName } from "../../domain/Profile.ts"
import { userIdRule } from "../../domain/userIds.ts"
import { isLoopback } from "../kernel/addresses.ts"

/** What a client showed when it asked to connect. */
export interface ConnectRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** From the query string. */
  readonly query: URLSearchParams
  /** The other end of the socket: the client, or a proxy. */
  readonly remoteAddress: string
  /** The client's address as limits count it: what a trusted proxy says, and of IPv6 the /64. */
  readonly address: string
  /** Whether the request reached this server through a loopback address. */
  readonly local: boolean
  /** Whether it came over TLS of this server's own; what stands before a server may have its own. */
  readonly secure?: boolean
}

/** How somebody is called and looks where they signed in. */
export const ClaimedProfile = Schema.Struct({
  name: Schema.optionalKey(ProfileName),
  /** An https address. */
  picture: Schema.optionalKey(Picture)
})
export type ClaimedProfile = typeof ClaimedProfile.Type

/** What a token stands for. */
export interface Grant {
  readonly user: UserId
  /** Milliseconds since the epoch; the session ends then with 4501. Without it, it does not expire. */
  readonly expiresAt?: number
  /** Names the token, for a ban of it alone (`jti`). */
  readonly tokenId?: string
  /** Becomes the user's first profile. */
  readonly profile?: ClaimedProfile
}

export interface Identity extends Grant {
  readonly device: DeviceId
  /** Whether the client named its device; a nameless one shares the user's `default` cursor. */
  readonly named: boolean
}

/** The connection is refused with this HTTP status. `message` is one sentence for the person who tries. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  status: Schema.Literals([400, 401, 403, 413, 415, 429, 503]),
  message: Schema.String,
  retryAfterSeconds: Schema.optionalKey(Schema.Int)
}) {
  override readonly [ErrorReporter.ignore] = true
}

const isUserId = Schema.is(UserId)
const isDeviceId = Schema.is(DeviceId)

/** The device that a request names with `?device=`; authenticators of your own can use it too. */
export const deviceOf = (request: ConnectRequest): Effect.Effect<Pick<Identity, "device" | "named">, Refused> => {
  const device = request.query.get("device")
  if (device === null) return Effect.succeed({ device: defaultDevice, named: false })
  if (isDeviceId(device)) return Effect.succeed({ device, named: true })
  return Effect.fail(
    new Refused({ status: 400, message: `Give "device" ${deviceIdRule}.` })
  )
}

export interface PhoneHeaderOptions {
  /** Whether the header is believed from this peer; by default only from this machine. */
  readonly from?: (remoteAddress: string) => boolean
}

export class Authenticator extends Context.Service<Authenticator, {
  /** What `GET /v1/info` says of it, so that a page knows what to ask for; `custom` when it is missing. */
  readonly mode?: "phone-header" | "jwt" | "custom"
  authenticate(request: ConnectRequest): Effect.Effect<Identity, Refused>
  /** Checks the token of a `refresh_auth`. Without it sessions cannot be prolonged. */
  readonly verify?: (token: string) => Effect.Effect<Grant, Refused>
}>()("switchboard/services/access/Authenticator") {
  /**
   * Believes the `Phone-Number` header: for development, and behind a proxy that sets it. Whatever address the server
   * listens on, nobody elsewhere can say who they are, unless `from` trusts them.
   */
  static readonly layerPhoneHeaderWith = ({ from = isLoopback }: PhoneHeaderOptions = {}) =>
    Layer.succeed(Authenticator, {
      mode: "phone-header",
      authenticate: Effect.fnUntraced(function*(request: ConnectRequest) {
        const user = request.headers["phone-number"]
        if (user === undefined) {
          return yield* new Refused({ status: 401, message: "Send a Phone-Number header that names the user." })
        }
        if (!from(request.remoteAddress)) {
          return yield* new Refused({ status: 401, message: "Phone-Number is believed from trusted proxies only." })
        }
        if (!isUserId(user)) {
          return yield* new Refused({
            status: 401,
            message: `Give Phone-Number ${userIdRule}.`
          })
        }
        return { user, ...(yield* deviceOf(request)) }
      })
    })

  static readonly layerPhoneHeader = Authenticator.layerPhoneHeaderWith()
}
