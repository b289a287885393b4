/** The limits of a server of Node that only its creation can set. */
import type { ServerOptions } from "node:http"

export const serverOptions = {
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 1_000,
  // An offer of HTTP/2, as some send with every request, may be passed over; it is an ordinary request then.
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() !== "h2c"
} satisfies ServerOptions
