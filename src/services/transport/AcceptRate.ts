/**
 * How many sockets a second become anything at all. Overflow policy: what one address has too much of is closed before
 * a parser is made for it. What is too much of all, or so much of one that even this costs too much, shuts the listener
 * for a moment: it closes what the kernel gives it before Node has made a socket of it. To each of these its own refusal
 * would cost more than the flood costs its sender, and whoever is connected would feel that.
 */
import { Clock, Effect, FiberSet } from "effect"
import type { Server } from "node:http"
import type { Socket } from "node:net"
import { clientAddress, TrustedProxies } from "../access/ClientAddress.ts"
import { rateOf, TokenBucket, TokenBuckets } from "../limits/TokenBuckets.ts"
import { limitOf, Settings, shareOf } from "../Settings.ts"

/** How many times the rate of connections is answered, if only with 429 or 503. */
const politeness = 2
/** How many times the rate of connections may be closed one by one. */
const patience = 16
/** How long the listener is shut, in milliseconds; what gathers in the bucket meanwhile comes in after it. */
const shutMillis = 20

const nobody = { trusts: () => false }

/** Answers, for each new socket, whether it may stay. */
export const make = Effect.fnUntraced(function*(server: Server) {
  const settings = yield* Settings
  const clock = yield* Clock.Clock
  const proxies = yield* TrustedProxies
  const run = yield* FiberSet.makeRuntime<never>()
  const now = () => clock.currentTimeMillisUnsafe()
  const ofAll = rateOf(settings.maxConnectionsPerSecond * politeness)
  const ofClosed = rateOf(settings.maxConnectionsPerSecond * patience)
  const all = new TokenBucket(ofAll, now())
  const closed = new TokenBucket(ofClosed, now())
  const addresses = new TokenBuckets(rateOf(shareOf(settings.maxConnectionsPerSecond) * politeness))
  let shut = false

  const shutFor = (millis: number) => {
    if (shut) return
    shut = true
    const before = server.maxConnections
    server.maxConnections = 0
    run(
      Effect.sleep(millis).pipe(Effect.andThen(Effect.sync(() => {
        server.maxConnections = before
        shut = false
      })))
    )
  }

  /** Milliseconds for which the listener has to be shut, 0 when it need not. */
  const judge = ({ remoteAddress = "" }: Socket, at: number): { readonly stays: boolean; readonly shut: number } => {
    // Before any header: behind a proxy that is trusted are many, each of whom the door counts.
    if (!proxies.trusts(remoteAddress)) {
      const wait = addresses.take(clientAddress(remoteAddress, undefined, nobody), 1, at)
      if (wait > 0) return { stays: false, shut: closed.take(ofClosed, 1, at) }
    }
    const wait = all.take(ofAll, 1, at)
    return { stays: wait === 0, shut: wait }
  }

  return (socket: Socket): boolean => {
    if (limitOf(settings, "maxConnectionsPerSecond", socket.remoteAddress ?? "") === 0) return true
    const { shut, stays } = judge(socket, now())
    if (shut > 0) shutFor(Math.max(shut, shutMillis))
    if (!stays) socket.destroy()
    return stays
  }
})
