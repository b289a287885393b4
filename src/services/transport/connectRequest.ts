/** What the door looks at, taken from a request of Node. */
import type { IncomingMessage } from "node:http"
import { clientAddress, isLoopback, type ProxyTrust } from "../access/ClientAddress.ts"
import type { ConnectRequest } from "../Authenticator.ts"

const queryOf = (url: string): string => {
  const mark = url.indexOf("?")
  return mark === -1 ? "" : url.slice(mark + 1)
}

export const connectRequest = ({ headers, socket, url = "" }: IncomingMessage, proxies: ProxyTrust): ConnectRequest => {
  const remoteAddress = socket.remoteAddress ?? ""
  return {
    headers,
    query: new URLSearchParams(queryOf(url)),
    remoteAddress,
    address: clientAddress(remoteAddress, headers["x-forwarded-for"], proxies),
    local: isLoopback(socket.localAddress ?? "")
  }
}
