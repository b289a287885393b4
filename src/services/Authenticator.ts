/** Who is at the other end, decided before the upgrade. Provide this service to let your own users in. */
import { Context, Effect, Layer, Schema } from "effect"
import { defaultDevice, DeviceId, UserId } from "../domain/Ids.ts"

/** What a client showed when it asked to connect. */
export interface ConnectRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** From the query string. */
  readonly query: URLSearchParams
  readonly remoteAddress: string
}

export interface Identity {
  readonly user: UserId
  readonly device: DeviceId
  /** Whether the client named its device; a nameless one shares the user's `default` cursor. */
  readonly named: boolean
}

/** The connection is refused with this HTTP status. `message` is one sentence for the person who tries. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  status: Schema.Literals([400, 401, 403, 429, 503]),
  message: Schema.String,
  retryAfterSeconds: Schema.optionalKey(Schema.Int)
}) {}

const isUserId = Schema.is(UserId)
const isDeviceId = Schema.is(DeviceId)

/** The device that a request names with `?device=`; authenticators of your own can use it too. */
export const deviceOf = (request: ConnectRequest): Effect.Effect<Pick<Identity, "device" | "named">, Refused> => {
  const device = request.query.get("device")
  if (device === null) return Effect.succeed({ device: defaultDevice, named: false })
  if (isDeviceId(device)) return Effect.succeed({ device, named: true })
  return Effect.fail(
    new Refused({ status: 400, message: "Give \"device\" 1 to 64 letters, digits or + . _ @ - characters." })
  )
}

export class Authenticator extends Context.Service<Authenticator, {
  authenticate(request: ConnectRequest): Effect.Effect<Identity, Refused>
}>()("switchboard/services/Authenticator") {
  /** Believes the `Phone-Number` header: for development, and behind a proxy that sets it. */
  static readonly layerPhoneHeader = Layer.succeed(Authenticator, {
    authenticate: Effect.fnUntraced(function*(request: ConnectRequest) {
      const user = request.headers["phone-number"]
      if (user === undefined) {
        return yield* new Refused({ status: 401, message: "Send a Phone-Number header that names the user." })
      }
      if (!isUserId(user)) {
        return yield* new Refused({
          status: 401,
          message: "Give Phone-Number 1 to 64 letters, digits or + . _ @ - characters."
        })
      }
      return { user, ...(yield* deviceOf(request)) }
    })
  })
}
