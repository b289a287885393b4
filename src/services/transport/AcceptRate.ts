/**
 * How many sockets a second become anything at all. Overflow policy: for a moment the listener closes what the kernel
 * gives it, before Node has made a socket and a parser of it. To each of these its own refusal would cost more than the
 * flood costs its sender, and whoever is connected would feel that.
 */
import { Clock, Effect, FiberSet } from "effect"
import type { Server } from "node:http"
import type { Socket } from "node:net"
import { rateOf, TokenBucket } from "../limits/TokenBuckets.ts"
import { limitOf, Settings } from "../Settings.ts"

/** How many times the rate of connections is answered, if only with 503. */
const politeness = 2
/** How long the listener is shut, in milliseconds; what gathers in the bucket meanwhile comes in after it. */
const shutMillis = 20

/** Before any header: the address of the socket. */
const addressOf = ({ remoteAddress = "" }: Socket): string =>
  remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress

/** Answers, for each new socket, whether it may stay. */
export const make = Effect.fnUntraced(function*(server: Server) {
  const settings = yield* Settings
  const clock = yield* Clock.Clock
  const run = yield* FiberSet.makeRuntime<never>()
  const bucket = new TokenBucket(rateOf(settings.maxConnectionsPerSecond * politeness), clock.currentTimeMillisUnsafe())
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

  return (socket: Socket): boolean => {
    const perSecond = limitOf(settings, "maxConnectionsPerSecond", addressOf(socket))
    if (perSecond === 0) return true
    const wait = bucket.take(rateOf(perSecond * politeness), 1, clock.currentTimeMillisUnsafe())
    if (wait === 0) return true
    shutFor(Math.max(wait, shutMillis))
    socket.destroy()
    return false
  }
})
