/**
 * Finds out who is gone without saying so, and whose credentials run out. One fiber looks at all connections once a
 * second, so a silent connection costs neither a fiber nor a timer, and a message costs no more than noting the time.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { isReached } from "../../domain/Limit.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { Settings } from "../Settings.ts"

export interface HeartbeatPeer {
  /** Milliseconds of the monotonic clock; the peer keeps it. */
  readonly lastActivity: number
  /** Whether it was asked for a sign of life in the present silence. */
  readonly isPinged: boolean
  /** It has been silent for `heartbeatMillis`: ask for a sign of life. Called once per silence. */
  readonly heartbeatDue: () => void
  /** It did not answer within `heartbeatTimeoutMillis`: end it. Called each second until the peer is gone. */
  readonly heartbeatMissed: () => void
  /** When the credentials end, in milliseconds since the epoch; `Infinity` when they do not. */
  readonly expiresAt: number
  /** They end within `expiryWarningMillis`. Called each second until then. */
  readonly credentialsExpiring: () => void
  readonly credentialsExpired: () => void
}

/** How long before the end of its credentials a client is told of it. */
export const expiryWarningMillis = 60_000

const tickMillis = 1_000

export class Heartbeat extends Context.Service<Heartbeat, {
  /** Watches a peer until it is forgotten. */
  watch(peer: HeartbeatPeer): void
  forget(peer: HeartbeatPeer): void
  /** How many peers are watched. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/user/Heartbeat") {
  static readonly layer = Layer.effect(
    Heartbeat,
    Effect.gen(function*() {
      const { heartbeatMillis, heartbeatTimeoutMillis } = yield* Settings
      const clock = yield* Clock.Clock
      const monotonic = Monotonic.nowOf(clock)
      const peers = new Set<HeartbeatPeer>()

      const look = () => {
        const now = monotonic()
        // A token ends at a date.
        const date = clock.currentTimeMillisUnsafe()
        for (const peer of peers) {
          if (peer.expiresAt - date <= expiryWarningMillis) {
            if (peer.expiresAt > date) peer.credentialsExpiring()
            else peer.credentialsExpired()
          }
          const silence = now - peer.lastActivity
          if (!isReached(heartbeatMillis, silence)) continue
          if (!peer.isPinged) peer.heartbeatDue()
          else if (isReached(heartbeatTimeoutMillis, silence - heartbeatMillis)) peer.heartbeatMissed()
        }
      }
      const ticker = yield* makeTicker("Heartbeat", {
        turn: Effect.sync(look),
        pause: tickMillis,
        isIdle: () => peers.size === 0
      })

      return Heartbeat.of({
        watch: (peer) => {
          peers.add(peer)
          ticker.wake()
        },
        forget: (peer) => void peers.delete(peer),
        size: Effect.sync(() => peers.size)
      })
    })
  )
}
