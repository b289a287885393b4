/**
 * How often clients may speak: each connection, all connections of a user together, all of an address together.
 * The buckets are asked directly: `RateLimiter.consume` was measured at 2.7 microseconds a call, a tenth of what a whole
 * message costs, and its memory store never forgets a key.
 */
import { Context, Effect, Layer } from "effect"
import type { ClientFrame } from "../../domain/ClientFrame.ts"
import type { UserId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { type Rate, rateOf, TokenBucket, TokenBuckets } from "../kernel/TokenBuckets.ts"
import { limitOf, Settings } from "../Settings.ts"
import { Cooldowns } from "./Cooldowns.ts"

/** What a frame costs, where it is not 1; `Confirmations` knows when `received` and `read` are free. */
const costs: Partial<Record<ClientFrame["type"], number>> = {
  history: 2,
  conversations: 2,
  receipts: 2,
  create_group: 5,
  // Each is a commit of its own.
  block: 10,
  unblock: 10,
  blocked_users: 5,
  subscribe_presence: 5,
  refresh_auth: 10
}

/** Characters of text that cost as much as a frame. */
const unitLength = 2_048
/** Names in a list that cost as much as a frame: to watch somebody is a look, to add somebody are rows. */
const unitUsers = 20
const unitMembers = 10
/** Bytes of an answer that cost as much as a frame. */
const unitBytes = 4_096

/** `undefined` stands for a frame that could not be decoded, or for a ping of the WebSocket protocol. */
export const costOf = (frame: ClientFrame | undefined): number => {
  if (frame === undefined) return 1
  const cost = costs[frame.type] ?? 1
  // Long texts and long lists are as much work as several short ones.
  if ("text" in frame) return frame.text.length > unitLength ? cost + frame.text.length / unitLength : cost
  if ("members" in frame) return cost + frame.members.length / unitMembers
  return "users" in frame ? cost + frame.users.length / unitUsers : cost
}

/** What an answer costs beside the question. Nobody knows before how much was asked for, so it is owed afterwards. */
export const costOfAnswer = (bytes: number): number => bytes > unitBytes ? bytes / unitBytes : 0

/** How long a user who flooded is refused, in milliseconds. */
export const cooldownMillis = 10_000

/** Broken connections that a user may cause: bad networks make some, too. */
const offenceRate = { perSecond: 0.5, burst: 10 }

interface Level {
  readonly rate: Rate
  readonly bucket: TokenBucket
}

/** What a `FrameLimit` tells of its client. */
interface Consequences {
  readonly flooded: () => void
  readonly violation: () => void
  readonly ended: () => void
}

/** The allowance of one connection. */
export class FrameLimit {
  readonly #levels: ReadonlyArray<Level>
  readonly #grace: Level | undefined
  readonly #flooded: () => void
  /** The client broke the rules of WebSocket. Who comes back to do so again and again is refused for a while. */
  readonly violation: () => void
  /** The connection has ended; called once. Until then all connections of a user, and of an address, share what is theirs. */
  readonly ended: () => void

  constructor(levels: ReadonlyArray<Level>, grace: Level | undefined, { ended, flooded, violation }: Consequences) {
    this.#levels = levels
    this.#grace = grace
    this.#flooded = flooded
    this.violation = violation
    this.ended = ended
  }

  /** 0 when the frame may pass, otherwise the milliseconds after which it may. */
  take(cost: number, now: number): number {
    const levels = this.#levels
    for (let i = 0; i < levels.length; i++) {
      const { bucket, rate } = levels[i]!
      const wait = bucket.take(rate, cost, now)
      if (wait === 0) continue
      for (let j = 0; j < i; j++) levels[j]!.bucket.give(levels[j]!.rate, cost)
      return wait
    }
    return 0
  }

  /** Takes what something has cost, at most a full bucket, whether or not it is there; the next frames wait for it. */
  charge(cost: number, now: number): void {
    if (cost > 0) { for (const { bucket, rate } of this.#levels) bucket.charge(rate, Math.min(cost, rate.burst), now) }
  }

  /** A frame was refused. True when the client has gone on for too long: it should be closed with 4511. */
  refused(now: number): boolean {
    if (this.#grace === undefined || this.#grace.bucket.take(this.#grace.rate, 1, now) === 0) return false
    this.#flooded()
    return true
  }
}

/** Nothing is counted: for connections of the app itself, and where all limits are lifted. */
export const unlimited = new FrameLimit([], undefined, { flooded: () => {}, violation: () => {}, ended: () => {} })

export class FrameLimits extends Context.Service<FrameLimits, {
  /** The allowance of a new connection, to be `ended` with it. It shares those of its user and of its address. */
  of(user: UserId, address: string): FrameLimit
  /** Milliseconds for which this user stays refused because of a flood, 0 when they are not. */
  cooldown(user: UserId): number
}>()("switchboard/services/limits/FrameLimits") {
  static readonly layer = Layer.effect(
    FrameLimits,
    Effect.gen(function*() {
      const settings = yield* Settings
      const now = yield* Monotonic.now
      const connection = rateOf(settings.maxMessagesPerSecond)
      const users = new TokenBuckets(rateOf(settings.maxMessagesPerSecondPerUser))
      const addresses = new TokenBuckets(rateOf(settings.maxMessagesPerSecondPerAddress))
      const offences = new TokenBuckets(offenceRate)
      const cooldowns = new Cooldowns()
      const cluster = yield* Cluster
      cluster?.onFlood((user) => cooldowns.start(user, now() + cooldownMillis))

      /** As many refusals as a second has frames, and at least enough for one burst that meant no harm. */
      const graceOf = (levels: ReadonlyArray<Level>): Level | undefined => {
        if (levels.length === 0) return undefined
        const slowest = Math.min(...levels.map(({ rate }) => rate.perSecond))
        const rate = { burst: Math.max(20, slowest), perSecond: Math.max(1, slowest / 10) }
        return { bucket: new TokenBucket(rate, now()), rate }
      }

      return FrameLimits.of({
        of: (user, address) => {
          const at = now()
          const levels: Array<Level> = []
          if (connection.perSecond > 0) levels.push({ bucket: new TokenBucket(connection, at), rate: connection })
          const countsUser = users.rate.perSecond > 0
          if (countsUser) levels.push({ bucket: users.hold(user, at), rate: users.rate })
          const countsAddress = limitOf(settings, "maxMessagesPerSecondPerAddress", address) > 0
          if (countsAddress) levels.push({ bucket: addresses.hold(address, at), rate: addresses.rate })
          const flooded = () => {
            cooldowns.start(user, now() + cooldownMillis)
            cluster?.flooded(user)
          }
          return new FrameLimit(levels, graceOf(levels), {
            flooded,
            violation: () => {
              if (offences.take(user, 1, now()) > 0) flooded()
            },
            ended: () => {
              if (countsUser) users.release(user)
              if (countsAddress) addresses.release(address)
            }
          })
        },
        cooldown: (user) => cooldowns.left(user, now())
      })
    })
  )
}
