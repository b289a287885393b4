/**
 * One-time tickets, for browsers: a WebSocket of theirs cannot send a header, so they show what they have over HTTP and
 * connect with the ticket they get. A ticket is of one user, one device and one address, and lives for 30 seconds.
 */
import { Clock, Context, Effect, Layer, Option, Schema } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { DeviceId, UserId } from "../../domain/Ids.ts"
import { ClaimedProfile, type ConnectRequest, deviceOf, type Identity, Refused } from "../access/Authenticator.ts"
import { Cluster } from "../cluster/Cluster.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { Journal } from "../storage/Journal.ts"
import type { StoreError } from "../storage/MessageStore.ts"

const ticketMillis = 30_000

/** Past this many the oldest is forgotten: its owner asks for another. */
const maxTickets = 20_000

export interface Ticket {
  readonly ticket: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

const Held = Schema.Struct({
  identity: Schema.Struct({
    user: UserId,
    device: DeviceId,
    named: Schema.Boolean,
    expiresAt: Schema.optionalKey(Schema.Number),
    tokenId: Schema.optionalKey(Schema.String),
    profile: Schema.optionalKey(ClaimedProfile)
  }),
  address: Schema.String
})
type Held = typeof Held.Type

/** Where tickets are until they are shown. Each is taken once. */
interface Shelf {
  readonly put: (hash: string, held: Held) => Effect.Effect<void, StoreError>
  readonly take: (hash: string) => Effect.Effect<Held | undefined, StoreError>
}

/** Only hashes are kept, so that a look into memory or a dump opens no door. */
const hashOf = (ticket: string): string => createHash("sha256").update(ticket).digest("base64")

const invalid = () =>
  new Refused({ status: 401, message: "The ticket is not valid, or no longer; ask for another at /v1/tickets." })

/** Of this process alone. */
const makeShelf = (now: Monotonic.Now): Shelf => {
  const tickets = new Map<string, { readonly held: Held; readonly until: number }>()
  const forgetOld = (at: number) => {
    for (const [hash, { until }] of tickets) {
      if (until > at && tickets.size < maxTickets) return
      tickets.delete(hash)
    }
  }
  return {
    put: (hash, held) =>
      Effect.sync(() => {
        forgetOld(now())
        tickets.set(hash, { held, until: now() + ticketMillis })
      }),
    take: (hash) =>
      Effect.sync(() => {
        const kept = tickets.get(hash)
        tickets.delete(hash)
        return kept === undefined || kept.until <= now() ? undefined : kept.held
      })
  }
}

const HeldJson = Schema.fromJsonString(Held)
const toJson = Schema.encodeSync(HeldJson)
const fromJson = Schema.decodeOption(HeldJson)

/** Of all servers on one database: a ticket made on one is good on another. */
const sharedShelf = (journal: Journal["Service"]): Shelf => ({
  put: (hash, held) => journal.putTicket(hash, toJson(held), ticketMillis),
  take: (hash) =>
    Effect.map(
      journal.takeTicket(hash),
      (body) => body === undefined ? undefined : Option.getOrUndefined(fromJson(body))
    )
})

const storeIsDown = () =>
  new Refused({ status: 503, message: "The store does not answer; try again later.", retryAfterSeconds: 1 })

export class Tickets extends Context.Service<Tickets, {
  issue(identity: Identity, address: string): Effect.Effect<Ticket, Refused>
  /** Whoever connects with a ticket is who it was issued to. Fails the second time, and with any other device or address. */
  redeem(ticket: string, request: ConnectRequest): Effect.Effect<Identity, Refused>
}>()("switchboard/services/admission/Tickets") {
  static readonly layer = Layer.effect(
    Tickets,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const cluster = yield* Cluster
      const journal = Option.getOrUndefined(yield* Effect.serviceOption(Journal))
      const shelf = cluster === undefined || journal === undefined
        ? makeShelf(Monotonic.nowOf(clock))
        : sharedShelf(journal)

      return Tickets.of({
        issue: Effect.fnUntraced(function*(identity: Identity, address: string) {
          // From the operating system: Effect's Random is not made for secrets.
          const ticket = randomBytes(32).toString("base64url")
          yield* Effect.mapError(shelf.put(hashOf(ticket), { identity, address }), storeIsDown)
          return { ticket, expiresAt: clock.currentTimeMillisUnsafe() + ticketMillis }
        }),
        redeem: Effect.fnUntraced(function*(ticket: string, request: ConnectRequest) {
          // Whatever is wrong with this attempt, there is no second one.
          const held = yield* Effect.mapError(shelf.take(hashOf(ticket)), storeIsDown)
          if (held === undefined) return yield* invalid()
          const { device, named } = yield* deviceOf(request)
          const { address, identity } = held
          if (address !== request.address || device !== identity.device || named !== identity.named) {
            return yield* invalid()
          }
          return identity
        })
      })
    })
  )
}
