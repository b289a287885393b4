/** In Node: headers, the server's reasons for a refusal, and an outbox in a file. */
import { connect, fileOutbox } from "switchboard/client/node"

export const enter = (url: string, token: () => Promise<string>, outbox: string) =>
  connect({ url, credentials: { _tag: "Token", token }, device: "worker", outbox: fileOutbox(outbox) })
