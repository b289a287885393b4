/** `switchboard/client/node`: what only Node can do. A WebSocket that tells why it was refused, and a file that lasts. */
import { Effect, Layer } from "effect"
import { WebSocket } from "ws"
import type { JsonObject } from "../domain/entries/MessageData.ts"
import type { ClientOptions } from "./ChatClient.ts"
import { connectWith, type SimpleClient } from "./connect.ts"
import { distrust } from "./distrust.ts"
import { isPermanent, retryAfterMillis, sentenceOf } from "./httpAnswer.ts"
import { nodeUploads } from "./nodeUploads.ts"
import { linkOver, OpenFailed, type OpenRequest, Transport, type TransportService } from "./Transport.ts"
import { Uploads } from "./Uploads.ts"
export { fileOutbox } from "./fileOutbox.ts"
export { fileAt, nodeUploads } from "./nodeUploads.ts"

/** How long a line that was left may take to answer the goodbye, in milliseconds; nobody waits for it but the process. */
const closeTimeout = 2_000

const open: TransportService["open"] = (request: OpenRequest) => {
  let refusal: OpenFailed | undefined
  const acquire = Effect.acquireRelease(
    Effect.try({
      try: () => {
        const options = { headers: { ...request.headers }, closeTimeout }
        const ws = new WebSocket(request.url, [...request.protocols], options)
        ws.once("error", ({ code = "" }: NodeJS.ErrnoException) => {
          const message = distrust(code)
          if (message !== undefined) refusal = new OpenFailed({ message, permanent: false })
        })
        ws.once("unexpected-response", (_request, response) => {
          const status = response.statusCode ?? 0
          let body = ""
          response.on("data", (chunk: Buffer) => {
            if (body.length < 4_096) body += chunk.toString()
          })
          response.once("close", () => {
            refusal = new OpenFailed({
              message: sentenceOf(status, body),
              permanent: isPermanent(status),
              status,
              ...retryAfterMillis(response.headers["retry-after"])
            })
            ws.terminate()
          })
        })
        return ws
      },
      catch: () =>
        new OpenFailed({ message: `${request.url.split("?")[0]} is not a WebSocket's address`, permanent: true })
    }),
    (ws) =>
      Effect.sync(() => {
        ws.close(1000)
        // What the peer has not answered by then is not worth the memory.
        if (ws.readyState === WebSocket.CONNECTING) ws.terminate()
      })
  )
  return linkOver(acquire, () => refusal)
}

/** Connections over the `ws` package: with headers, with reasons, and read no faster than they are handled. */
export const nodeTransport: TransportService = { open }

/** Provide it to `ChatClient.layer`. */
export const layerTransport: Layer.Layer<never> = Layer.mergeAll(
  Layer.succeed(Transport, nodeTransport),
  Layer.succeed(Uploads, nodeUploads)
)

/** Connects at once and stays connected until `close`. */
export const connect = <Data = JsonObject>(options: ClientOptions<Data>): SimpleClient<Data> =>
  connectWith(options, nodeTransport, nodeUploads)
