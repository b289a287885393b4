/**
 * One-time tickets, for browsers: a WebSocket of theirs cannot send a header, so they show what they have over HTTP and
 * connect with the ticket they get. A ticket is of one user, one device and one address, and lives for 30 seconds.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { createHash, randomBytes } from "node:crypto"
import * as Monotonic from "../kernel/Monotonic.ts"
import { type ConnectRequest, deviceOf, type Identity, Refused } from "./Authenticator.ts"

const ticketMillis = 30_000

/** Past this many the oldest is forgotten: its owner asks for another. */
const maxTickets = 20_000

export interface Ticket {
  readonly ticket: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

interface Held {
  readonly identity: Identity
  readonly address: string
  /** By the monotonic clock. */
  readonly until: number
}

/** Only hashes are kept, so that a look into memory or a dump opens no door. */
const hashOf = (ticket: string): string => createHash("sha256").update(ticket).digest("base64")

const invalid = () =>
  new Refused({ status: 401, message: "The ticket is not valid, or no longer; ask for another at /v1/tickets." })

export class Tickets extends Context.Service<Tickets, {
  issue(identity: Identity, address: string): Effect.Effect<Ticket>
  /** Whoever connects with a ticket is who it was issued to. Fails the second time, and with any other device or address. */
  redeem(ticket: string, request: ConnectRequest): Effect.Effect<Identity, Refused>
}>()("switchboard/services/access/Tickets") {
  static readonly layer = Layer.effect(
    Tickets,
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      const now = Monotonic.nowOf(clock)
      const tickets = new Map<string, Held>()

      const forgetOld = (at: number) => {
        for (const [hash, { until }] of tickets) {
          if (until > at && tickets.size < maxTickets) return
          tickets.delete(hash)
        }
      }

      return Tickets.of({
        issue: (identity, address) =>
          Effect.sync(() => {
            const at = now()
            forgetOld(at)
            // From the operating system: Effect's Random is not made for secrets.
            const ticket = randomBytes(32).toString("base64url")
            tickets.set(hashOf(ticket), { identity, address, until: at + ticketMillis })
            return { ticket, expiresAt: clock.currentTimeMillisUnsafe() + ticketMillis }
          }),
        redeem: Effect.fnUntraced(function*(ticket: string, request: ConnectRequest) {
          const hash = hashOf(ticket)
          const held = tickets.get(hash)
          // Whatever is wrong with this attempt, there is no second one.
          tickets.delete(hash)
          if (held === undefined || held.until <= now()) return yield* invalid()
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
