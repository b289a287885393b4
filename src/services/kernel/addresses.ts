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
