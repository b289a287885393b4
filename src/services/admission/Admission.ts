/** Who comes in: the checks of the door, the cheap ones first, the same for a WebSocket and for a ticket. */
import { Clock, Context, Effect, HashMap, Layer, Option } from "effect"
import { system, type UserId } from "../../domain/Ids.ts"
import { isReached } from "../../domain/Limit.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { Authenticator, type ConnectRequest, type Identity, Refused } from "../access/Authenticator.ts"
import { BanList } from "../access/BanList.ts"
import { AllowedOrigins, allows, originQuestion } from "../access/Origins.ts"
import { Cluster } from "../cluster/Cluster.ts"
import { inTime } from "../kernel/inTime.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { ConnectionRate } from "../limits/ConnectionRate.ts"
import { FrameLimits } from "../limits/FrameLimits.ts"
import { Router } from "../server/Router.ts"
import { limitOf, Settings } from "../Settings.ts"
import { Journal } from "../storage/Journal.ts"
import { Tickets } from "./Tickets.ts"

const tooMany = (message: string, retryAfterSeconds: number) => new Refused({ status: 429, message, retryAfterSeconds })

const later = (why: string, retryAfterSeconds: number) =>
  new Refused({ status: 503, message: `${why}; try again later.`, retryAfterSeconds })

class Counts {
  readonly #counts = new Map<string, number>()

  of(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  add(key: string, n: 1 | -1): void {
    const count = this.of(key) + n
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, count)
  }
}

/** What a connection takes of what its address and its user may have. */
class Slots {
  readonly #addresses: Counts
  readonly #users: Counts
  #address: string | undefined
  #user: UserId | undefined

  constructor(addresses: Counts, users: Counts) {
    this.#addresses = addresses
    this.#users = users
  }

  takeAddress(address: string): void {
    this.#addresses.add(address, 1)
    this.#address = address
  }

  takeUser(user: UserId): void {
    this.#users.add(user, 1)
    this.#user = user
  }

  /** Once, however often it is called. */
  release(): void {
    if (this.#address !== undefined) this.#addresses.add(this.#address, -1)
    if (this.#user !== undefined) this.#users.add(this.#user, -1)
    this.#address = undefined
    this.#user = undefined
  }
}

export interface Admitted {
  readonly identity: Identity
  /** Of a named device, where there are several servers: the newest of its connections has the largest. */
  readonly order: number | undefined
  /** When the connection has ended: others may have its slots. */
  readonly release: () => void
}

/** Made where nothing else is known, so that a connection keeps nothing of its request. */
const admitted = (identity: Identity, order: number | undefined, slots: Slots): Admitted => ({
  identity,
  order,
  release: () => slots.release()
})

/** A store that is away keeps nobody out; the device's place is asked for again then. */
const orderMillis = 1_000

export class Admission extends Context.Service<Admission, {
  /**
   * Asks all there is to ask, and hands who may come in to `enter`, which returns whether they have. If so, the slots of
   * the connection are theirs until the release; if not, or if anything goes wrong before, they are given back here.
   */
  admit(request: ConnectRequest, enter: (admitted: Admitted) => boolean): Effect.Effect<void, Refused>
  /** Whether the address may ask at all. The first question, also for what needs no connection, such as a ticket. */
  checkAddress(request: ConnectRequest): Effect.Effect<void, Refused>
  /** Who this is, if they may come in. */
  identify(request: ConnectRequest): Effect.Effect<Identity, Refused>
}>()("switchboard/services/admission/Admission") {
  static readonly layer = Layer.effect(
    Admission,
    Effect.gen(function*() {
      const addresses = new Counts()
      const users = new Counts()
      const checkAddress = yield* makeCheckAddress(addresses)
      const identify = yield* makeIdentify
      const checkUser = yield* makeCheckUser(users)
      const orderOf = yield* makeOrderOf

      const identityOf = Effect.fnUntraced(function*(request: ConnectRequest, slots: Slots) {
        yield* checkAddress(request)
        slots.takeAddress(request.address)
        const identity = yield* identify(request)
        yield* checkUser(identity)
        slots.takeUser(identity.user)
        return identity
      })

      const admit = (request: ConnectRequest, enter: (admitted: Admitted) => boolean) =>
        Effect.suspend(() => {
          const slots = new Slots(addresses, users)
          let entered = false
          return identityOf(request, slots).pipe(
            Effect.flatMap((identity) =>
              // Before the client is inside, and may be elsewhere as well: whoever comes later has a larger one.
              Effect.map(orderOf(identity), (order) => {
                entered = enter(admitted(identity, order, slots))
              })
            ),
            Effect.ensuring(Effect.sync(() => {
              if (!entered) slots.release()
            }))
          )
        })

      return Admission.of({ admit, checkAddress, identify })
    })
  )
}

const seconds = (millis: number) => Math.max(1, Math.ceil(millis / 1_000))

const makeCheckAddress = Effect.fnUntraced(function*(connections: Counts) {
  const allowed = yield* AllowedOrigins
  const now = yield* Monotonic.now
  const settings = yield* Settings
  const rate = new ConnectionRate(settings, now())

  const pace = Effect.fnUntraced(function*(address: string) {
    if (limitOf(settings, "maxConnectionsPerSecond", address) === 0) return
    const own = rate.takeOwn(address, now())
    if (own > 0) return yield* tooMany("This address connects too often; wait and try again.", seconds(own))
    const wait = rate.takeOfAll(now())
    if (wait > 0) return yield* later("Too many are connecting at the moment", seconds(wait))
  })

  return Effect.fnUntraced(function*(request: ConnectRequest) {
    const { address } = request
    yield* pace(address)
    const most = limitOf(settings, "maxConnectionsPerAddress", address)
    if (isReached(most, connections.of(address))) {
      return yield* tooMany(`This address has ${most} connections already; close one of them.`, 5)
    }
    // Whether it is local is a call into the system, and few send an origin.
    if (request.headers["origin"] !== undefined && !allows(allowed, originQuestion(request))) {
      return yield* new Refused({
        status: 403,
        message: "Pages of this origin may not connect; allow it with --allow-origin."
      })
    }
  })
})

const makeIdentify = Effect.gen(function*() {
  const audit = yield* AuditLog
  const authenticator = yield* Authenticator
  const bans = yield* BanList
  const clock = yield* Clock.Clock
  const limits = yield* FrameLimits
  const { handshakeMillis } = yield* Settings
  const tickets = yield* Tickets

  const authenticate = (request: ConnectRequest) => {
    const ticket = request.query.get("ticket")
    return inTime(ticket === null ? authenticator.authenticate(request) : tickets.redeem(ticket, request), {
      millis: handshakeMillis,
      late: () => Effect.fail(later("Signing in took too long", 5))
    })
  }

  return Effect.fnUntraced(
    function*(request: ConnectRequest) {
      const identity = yield* authenticate(request)
      const { expiresAt, tokenId, user } = identity
      // The operator's name would be the operator's rights; an authenticator of one's own may not know.
      if (user === system) {
        return yield* new Refused({ status: 401, message: "Nobody may be called @system; sign in as somebody else." })
      }
      if (bans.isBanned(user, tokenId)) {
        return yield* new Refused({ status: 403, message: "You may not connect to this server." })
      }
      if (expiresAt !== undefined && expiresAt <= clock.currentTimeMillisUnsafe()) {
        return yield* new Refused({ status: 401, message: "The credentials have expired; sign in again." })
      }
      const cooldown = limits.cooldown(user)
      if (cooldown > 0) {
        return yield* tooMany("You sent too much; wait before you connect again.", seconds(cooldown))
      }
      return identity
    },
    (effect, { address }) =>
      Effect.tapError(
        effect,
        ({ message, status }) => audit.record("Admission.refused", { status, address, reason: message })
      )
  )
})

const makeOrderOf = Effect.gen(function*() {
  const cluster = yield* Cluster
  const journal = Option.getOrUndefined(yield* Effect.serviceOption(Journal))
  if (cluster === undefined || journal === undefined) return () => Effect.undefined
  const order = inTime(Effect.orElseSucceed(journal.nextOrder, () => undefined), {
    millis: orderMillis,
    late: () => Effect.undefined
  })
  return ({ named }: Identity) => named ? order : Effect.undefined
})

const makeCheckUser = Effect.fnUntraced(function*(connections: Counts) {
  const audit = yield* AuditLog
  const cluster = yield* Cluster
  const router = yield* Router
  const { maxConnectionsPerUser: most } = yield* Settings

  /** A device that comes back takes the place of its own older connection. */
  const replaces = ({ device, named, user }: Identity): Effect.Effect<boolean> =>
    named && cluster?.newest(user, device) !== undefined
      ? Effect.succeed(true)
      : named
      ? Effect.map(
        router.registry,
        (registry) =>
          Option.getOrElse(HashMap.get(registry, user), () => []).some((ref) => ref.named && ref.device === device)
      )
      : Effect.succeed(false)

  return Effect.fnUntraced(function*(identity: Identity) {
    const { user } = identity
    const open = connections.of(user) + (cluster?.connections(user) ?? 0)
    if (isReached(most, open) && !(yield* replaces(identity))) {
      yield* audit.record("Admission.refused", { user, reason: "too many connections" })
      return yield* tooMany(`You have ${most} connections already; close one of them.`, 5)
    }
  })
})
