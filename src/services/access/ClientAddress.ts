/** Where a client is: the peer of its socket, or what a proxy that is trusted says of it. */
import { Context } from "effect"
import { BlockList, isIP, isIPv6, SocketAddress } from "node:net"
import { familyOf, isLoopback, plain } from "../kernel/addresses.ts"

/** Peers whose `X-Forwarded-For` is believed. Nobody, unless the app provides another. */
export interface ProxyTrust {
  readonly trusts: (peer: string) => boolean
}

export const TrustedProxies = Context.Reference<ProxyTrust>("switchboard/services/access/TrustedProxies", {
  defaultValue: () => ({ trusts: () => false })
})

/** Trusts addresses and subnets such as `10.0.0.0/8`; `undefined` when one of them is malformed. */
export const trusting = (subnets: ReadonlyArray<string>): ProxyTrust | undefined => {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = "", bits] = subnet.split("/")
    const family = familyOf(address)
    const most = family === "ipv6" ? 128 : 32
    const prefix = bits === undefined ? most : Number(bits)
    if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most) return undefined
    list.addSubnet(address, prefix, family)
  }
  return {
    trusts: (peer) => {
      const address = plain(peer)
      return isIP(address) !== 0 && list.check(address, familyOf(address))
    }
  }
}

/** One subscriber has a whole /64 of IPv6, so limits count that as one address. */
const limited = (address: string): string => {
  const bare = plain(address)
  if (!bare.includes(":") || !isIPv6(bare) || isLoopback(bare)) return bare
  const [front = [], back = []] = bare.split("::").map((part) => part.split(":").filter((group) => group !== ""))
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0")
  const network = [...front, ...zeros, ...back].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""))
  return `${network.join(":")}::/64`
}

/** `1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:5678`, as proxies write them. */
const hopPattern = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5}|(.+))$/

/** The address of a hop in the one way to write it; `undefined` for what is none, such as `unknown`. */
const addressIn = (hop: string): string | undefined => {
  const [, bracketed, withPort, bare] = hopPattern.exec(hop.trim()) ?? []
  const address = bracketed ?? withPort ?? bare ?? ""
  switch (isIP(address)) {
    case 4:
      return bracketed === undefined ? address : undefined
    case 6:
      // What follows a % is an interface of the machine that wrote it.
      return plain(new SocketAddress({ address: address.split("%")[0]!, family: "ipv6" }).address)
    default:
      return undefined
  }
}

/**
 * The address that limits count. Each proxy appends whom it heard to `X-Forwarded-For`, so the last one that is no
 * trusted proxy is the client's; whatever stands before it is the client's own word. Where somebody trusted wrote what
 * cannot be read, it is not known whom they heard, and they are counted themselves.
 */
export const clientAddress = (
  peer: string,
  forwarded: string | ReadonlyArray<string> | undefined,
  proxies: ProxyTrust
): string => {
  if (forwarded === undefined || !proxies.trusts(peer)) return limited(peer)
  const hops = (typeof forwarded === "string" ? forwarded : forwarded.join(",")).split(",")
  let client = peer
  for (const hop of hops.toReversed()) {
    const address = addressIn(hop)
    if (address === undefined) break
    client = address
    if (!proxies.trusts(address)) break
  }
  return limited(client)
}
