/** `switchboard/client/node`: what only Node can do. A WebSocket that tells why it was refused, and a file that lasts. */
import { Effect, Layer } from "effect"
import { WebSocket } from "ws"
import type { ClientOptions } from "./ChatClient.ts"
import { connectWith, type SimpleClient } from "./connect.ts"
import { fieldOf, parse } from "./json.ts"
import { linkOver, OpenFailed, type OpenRequest, Transport, type TransportService } from "./Transport.ts"
export { fileOutbox } from "./fileOutbox.ts"

/** Refusals that another attempt would meet again. */
const isPermanent = (status: number): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429

const retryAfterMillis = (header: string | undefined): { readonly retryAfterMillis?: number } => {
  const seconds = Number(header)
  return header === undefined || !Number.isFinite(seconds) ? {} : { retryAfterMillis: Math.ceil(seconds * 1_000) }
}

/** What the server's answer says, in a sentence: the detail of its problem body, if there is one. */
const sentenceOf = (status: number, body: string): string => {
  const detail = fieldOf(parse(body), "detail")
  return typeof detail === "string" ? detail : `the server answered ${status}`
}

/** Node's codes for a certificate that the client does not accept, whatever is wrong with it. */
const notTrusted = /CERT|ISSUER|UNABLE_TO_VERIFY/

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
          if (!notTrusted.test(code)) return
          const message =
            `its certificate is not accepted (${code}); an authority of your own is named with NODE_EXTRA_CA_CERTS`
          refusal = new OpenFailed({ message, permanent: false })
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
export const layerTransport: Layer.Layer<never> = Layer.succeed(Transport, nodeTransport)

/** Connects at once and stays connected until `close`. */
export const connect = (options: ClientOptions): SimpleClient => connectWith(options, nodeTransport)
