/** What the door looks at, taken from a request of Node. */
import type { IncomingMessage } from "node:http"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { clientAddress, type ProxyTrust } from "../access/ClientAddress.ts"
import { isLoopback } from "../kernel/addresses.ts"

const noQuery = new URLSearchParams()

const queryOf = (url: string): URLSearchParams => {
  const mark = url.indexOf("?")
  return mark === -1 ? noQuery : new URLSearchParams(url.slice(mark + 1))
}

export const connectRequest = ({ headers, socket, url = "" }: IncomingMessage, proxies: ProxyTrust): ConnectRequest => {
  const remoteAddress = socket.remoteAddress ?? ""
  return {
    headers,
    query: queryOf(url),
    remoteAddress,
    secure: "encrypted" in socket,
    address: clientAddress(remoteAddress, headers["x-forwarded-for"], proxies),
    // Few ask, and it is a call into the system.
    get local() {
      return isLoopback(socket.localAddress ?? "")
    }
  }
}
