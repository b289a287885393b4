/** What is asked of an address by everybody. */
import { BlockList, isIP, isIPv6 } from "node:net"

const loopback = new BlockList()
loopback.addSubnet("127.0.0.0", 8, "ipv4")
loopback.addAddress("::1", "ipv6")

export const familyOf = (address: string): "ipv4" | "ipv6" => isIPv6(address) ? "ipv6" : "ipv4"

/** An IPv4 address that came through an IPv6 socket is the same address. */
export const plain = (address: string): string => address.startsWith("::ffff:") ? address.slice(7) : address

/** For an address or the name of a host. */
export const isLoopback = (host: string): boolean => {
  // The usual ones without a look at the list.
  if (host === "127.0.0.1" || host === "::1") return true
  const address = plain(host.startsWith("[") ? host.slice(1, -1) : host)
  return address === "localhost" || (isIP(address) !== 0 && loopback.check(address, familyOf(address)))
}

/** What is not for the world: RFC 6890 and what has come since. */
const inside = new BlockList()
for (
  const [net, prefix] of [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 3]
  ] as const
) inside.addSubnet(net, prefix, "ipv4")

/** Of IPv6 only what is given out to networks is public; of that, not what stands for something else. */
const given = new BlockList()
given.addSubnet("2000::", 3, "ipv6")
for (
  const [net, prefix] of [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20]] as const
) inside.addSubnet(net, prefix, "ipv6")

/**
 * Whether an address is one of the public network: nothing of this machine, of a private or a local network, of a
 * provider's own, nothing for many, and nothing that carries such an address within (mapped, 6to4, NAT64, Teredo).
 */
export const isPublic = (address: string): boolean => {
  const family = isIP(address)
  if (family === 4) return !inside.check(address, "ipv4")
  return family === 6 && given.check(address, "ipv6") && !inside.check(address, "ipv6")
}

/** Or loopback, where nobody listens. */
export const isHttps = (url: URL): boolean =>
  url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname))
