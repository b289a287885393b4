/**
 * How many sockets a second become anything at all, of one address and of all. Overflow policy: closed by the listener,
 * before Node has made a socket and a parser of it. To each of these its own refusal would cost more than the flood costs
 * its sender, and whoever is connected would feel that. Those of a trusted proxy are not counted here.
 */
import { Effect } from "effect"
import type { Server } from "node:http"
import type { Socket } from "node:net"
import { clientAddress, TrustedProxies } from "../access/ClientAddress.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { ConnectionRate } from "../limits/ConnectionRate.ts"
import { limitOf, Settings } from "../Settings.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"

/** How many times the rate of connections is answered, if only with 429 or 503. */
const headroom = 2

const nobody = { trusts: () => false }

interface Gate {
  readonly check: (address: string, family: "ipv4" | "ipv6") => boolean
}

/** Answers, for each new socket, whether it may stay. */
export const make = Effect.fnUntraced(function*(server: Server & { blockList?: Gate }) {
  const settings = yield* Settings
  const now = yield* Monotonic.now
  const proxies = yield* TrustedProxies
  const rate = new ConnectionRate(settings, now(), headroom)
  const { refused } = yield* CurrentMeters

  const hasRoom = (peer: string): boolean => {
    if (limitOf(settings, "maxConnectionsPerSecond", peer) === 0) return true
    // Whose it is stands in its request, and is counted then: one client would use up what all have behind a proxy.
    if (proxies.trusts(peer)) return true
    const at = now()
    // A pipe has no address.
    if (peer !== "" && rate.takeOwn(clientAddress(peer, undefined, nobody), at) > 0) return false
    return rate.takeOfAll(at) === 0
  }

  const mayCome = (peer: string): boolean => {
    const may = hasRoom(peer)
    if (!may) refused.add("none")
    return may
  }

  // What Node asks about an address before it makes a socket, at a third of the price of closing one.
  const others = server.blockList
  let asked = false
  server.blockList = {
    check: (address, family) => {
      asked = true
      return others?.check(address, family) === true || !mayCome(address)
    }
  }

  return (socket: Socket): boolean => {
    // Not every kind of listener has asked.
    const may = asked || mayCome(socket.remoteAddress ?? "")
    asked = false
    if (!may) socket.destroy()
    return may
  }
})
