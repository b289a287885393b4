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
  search: 5,
  create_group: 5,
  // Each is a commit of its own.
  block: 10,
  unblock: 10,
  blocked_users: 5,
  subscribe_presence: 5,
  refresh_auth: 10,
  add_members: 10,
  remove_members: 10,
  leave_group: 10,
  set_role: 10,
  rename_group: 10,
  set_group: 10,
  ban_members: 10,
  unban_members: 10,
  profiles: 2,
  find_users: 20,
  set_profile: 10,
  mute: 10,
  unmute: 10,
  archive: 10,
  unarchive: 10,
  mark_unread: 10,
  settings: 5,
  push_subscribe: 10,
  push_unsubscribe: 10,
  report: 10,
  create_invite: 10,
  revoke_invite: 10,
  invites: 5,
  join: 10
}

/** Characters of text that cost as much as a frame. */
const unitLength = 2_048
/** Names in a list that cost as much as a frame: to watch somebody is a look, to add somebody are rows. */
const unitUsers = 20
const unitMembers = 5
/** Bytes of an answer that cost as much as a frame. */
const unitBytes = 4_096

/** As it is kept; where there is none, nothing is asked. */
const lengthOf = (data: object | undefined): number => data === undefined ? 0 : JSON.stringify(data).length

/** `undefined` stands for a frame that could not be decoded, or for a ping of the WebSocket protocol. */
export const costOf = (frame: ClientFrame | undefined): number => {
  if (frame === undefined) return 1
  const cost = costs[frame.type] ?? 1
  // Long texts and long lists are as much work as several short ones.
  if ("text" in frame) {
    const length = frame.text.length + ("data" in frame ? lengthOf(frame.data) : 0)
    return length > unitLength ? cost + length / unitLength : cost
  }
  if ("members" in frame) return cost + frame.members.length / unitMembers
  return "users" in frame ? cost + frame.users.length / unitUsers : cost
}

/** What an answer costs beside the question. Nobody knows before how much was asked for, so it is owed afterwards. */
export const costOfAnswer = (bytes: number): number => bytes > unitBytes ? bytes / unitBytes : 0

/** What it costs beside the frame to ask about a group that is not one's own: it is looked up, and remembered for a while. */
export const costOfStrangeGroup = 4

/** Entries that are counted for what is unread which cost as much as a frame. */
const unitCounted = 500

/** What a list costs beside its frame and its bytes. */
export const costOfCounting = (entries: number): number => entries > unitCounted ? entries / unitCounted : 0

/** A millisecond of the store's work costs as much as so many frames, and no search more than these. */
const unitsPerMilli = 10
const mostOfSearch = 400

/** What a search costs beside its frame. Nobody knows before how much there is to look at, so it is owed afterwards. */
export const costOfSearch = (millis: number): number => Math.min(mostOfSearch, Math.max(0, millis) * unitsPerMilli)

/** How long a user who flooded is refused, in milliseconds. */
export const cooldownMillis = 10_000

/** Broken connections that a user may cause: bad networks make some, too. */
const offenceRate = { perSecond: 0.5, burst: 10 }

interface Level {
  readonly rate: Rate
  readonly bucket: TokenBucket
}

/** Where a `FrameLimit` tells of its client: one for all, because a closure for each connection is memory. */
interface Accounts {
  readonly flooded: (user: UserId) => void
  readonly violation: (user: UserId) => void
  readonly ended: (user: UserId, address: string) => void
}

export interface FrameLimitOptions {
  readonly levels: ReadonlyArray<Level>
  readonly accounts: Accounts
  readonly user: UserId
  readonly address: string
}

/** As many refusals as a second has frames, and at least enough for one burst that meant no harm. */
const graceOf = (levels: ReadonlyArray<Level>, now: number): Level => {
  const slowest = Math.min(...levels.map(({ rate }) => rate.perSecond))
  const rate = { burst: Math.max(20, slowest), perSecond: Math.max(1, slowest / 10) }
  return { bucket: new TokenBucket(rate, now), rate }
}

/** The allowance of one connection. */
export class FrameLimit {
  readonly #levels: ReadonlyArray<Level>
  readonly #accounts: Accounts
  readonly #user: UserId
  readonly #address: string
  /** Most need none. */
  #grace: Level | undefined

  constructor({ accounts, address, levels, user }: FrameLimitOptions) {
    this.#levels = levels
    this.#accounts = accounts
    this.#user = user
    this.#address = address
  }

  /** The client broke the rules of WebSocket. Who comes back to do so again and again is refused for a while. */
  violation(): void {
    this.#accounts.violation(this.#user)
  }

  /** The connection has ended; called once. Until then all connections of a user, and of an address, share what is theirs. */
  ended(): void {
    this.#accounts.ended(this.#user, this.#address)
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
    if (this.#levels.length === 0) return false
    const { bucket, rate } = this.#grace ??= graceOf(this.#levels, now)
    if (bucket.take(rate, 1, now) === 0) return false
    this.#accounts.flooded(this.#user)
    return true
  }
}

/** Nothing is counted: for connections of the app itself, and where all limits are lifted. */
export const unlimited = new FrameLimit({
  levels: [],
  accounts: { flooded: () => {}, violation: () => {}, ended: () => {} },
  user: "" as UserId,
  address: ""
})

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

      const countsUsers = users.rate.perSecond > 0
      const countsAddress = (address: string) => limitOf(settings, "maxMessagesPerSecondPerAddress", address) > 0

      const flooded = (user: UserId) => {
        cooldowns.start(user, now() + cooldownMillis)
        cluster?.flooded(user)
      }
      const accounts: Accounts = {
        flooded,
        violation: (user) => {
          if (offences.take(user, 1, now()) > 0) flooded(user)
        },
        ended: (user, address) => {
          if (countsUsers) users.release(user)
          if (countsAddress(address)) addresses.release(address)
        }
      }

      return FrameLimits.of({
        of: (user, address) => {
          const at = now()
          const levels: Array<Level> = []
          if (connection.perSecond > 0) levels.push({ bucket: new TokenBucket(connection, at), rate: connection })
          if (countsUsers) levels.push({ bucket: users.hold(user, at), rate: users.rate })
          if (countsAddress(address)) levels.push({ bucket: addresses.hold(address, at), rate: addresses.rate })
          // An array that grew keeps room for fourteen more; a copy has none.
          return new FrameLimit({ levels: levels.slice(), accounts, user, address })
        },
        cooldown: (user) => cooldowns.left(user, now())
      })
    })
  )
}
