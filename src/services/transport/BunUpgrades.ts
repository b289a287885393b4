/** The WebSockets of a server of Bun: what `Bun.serve` makes of an upgrade that the Gateway lets in. */
import { Effect, FiberSet } from "effect"
import type { ConnectRequest } from "../access/Authenticator.ts"
import type { Refusal } from "../api/problem.ts"
import { Settings } from "../Settings.ts"
import type { BunHandlers, BunListener } from "./bun.ts"
import { BunConnection, type Shared, TurnNumber } from "./BunConnection.ts"
import { type Arrival, Gateway, type Opened, subprotocol } from "./Gateway.ts"
import { refusalOf } from "./webAnswers.ts"
import type { WebRequest } from "./WebRequest.ts"

/** More than this is a mistake of whoever writes: connections are bounded by what waits for them (P6). */
const noLimit = 1_073_741_824

/** As on Node. */
const maxString = 268_435_456

const offers = (request: Request): boolean =>
  (request.headers.get("sec-websocket-protocol") ?? "").split(",").some((offer) => offer.trim() === subprotocol)

type Answer = (response: Response | undefined) => void

class BunArrival implements Arrival {
  readonly #web: WebRequest
  readonly #server: BunListener<BunConnection>
  readonly #shared: Shared
  readonly #answer: Answer

  constructor(web: WebRequest, server: BunListener<BunConnection>, shared: Shared, answer: Answer) {
    this.#web = web
    this.#server = server
    this.#shared = shared
    this.#answer = answer
  }

  get asked(): ConnectRequest {
    return this.#web.asked
  }

  open(): Opened | undefined {
    const { request } = this.#web
    const level = offers(request) ? "v1" : "plain"
    const settled = this.#web.settle()
    const connection = new BunConnection(this.#shared, settled)
    const headers = { ...(level === "v1" ? { "sec-websocket-protocol": subprotocol } : undefined) }
    // Bun would answer another version in its own way, and nobody would count it.
    if (
      request.headers.get("sec-websocket-version") !== "13" ||
      !this.#server.upgrade(request, { data: connection, headers })
    ) {
      settled()
      this.refuse({ status: 400, message: "This is no handshake of a WebSocket." })
      return undefined
    }
    this.#answer(undefined)
    return { connection, level, abandon: () => connection.abandon() }
  }

  refuse(refusal: Refusal): void {
    this.#answer(refusalOf(refusal))
  }
}

export const make = Effect.gen(function*() {
  const gateway = yield* Gateway
  const { maxFrameBytes, maxTextBytes } = yield* Settings
  const run = yield* FiberSet.makeRuntime<never>()
  const shared: Shared = {
    textBytes: maxTextBytes,
    turns: new TurnNumber(),
    later: (millis, it) => {
      const fiber = run(Effect.delay(Effect.sync(it), millis))
      return () => fiber.interruptUnsafe()
    }
  }
  const handlers: BunHandlers<BunConnection> = {
    open: (ws) => ws.data.opened(ws),
    message: (ws, message) => ws.data.receive(message),
    ping: (ws) => ws.data.receivePing(),
    pong: (ws, data) => ws.data.receivePong(data),
    drain: (ws) => ws.data.drained(),
    close: (ws, code, reason) => ws.data.closed(code, reason),
    maxPayloadLength: maxFrameBytes === 0 ? maxString : maxFrameBytes,
    // The Heartbeat looks after that.
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate: false,
    backpressureLimit: noLimit,
    closeOnBackpressureLimit: false
  }

  return {
    handlers,
    /** Answers with nothing where it has become a WebSocket. */
    arrive: (web: WebRequest, server: BunListener<BunConnection>): Promise<Response | undefined> =>
      new Promise((resolve) => {
        const arrival = new BunArrival(web, server, shared, resolve)
        if (web.hasBody) {
          return arrival.refuse({ status: 400, message: "A WebSocket's request has no body; send it without." })
        }
        // For as long as it takes to find out who that is.
        web.begin()
        const fiber = gateway.arrive(arrival)
        if (fiber.pollUnsafe() !== undefined) return
        // Until the handshake is done nobody else notices that the peer is gone.
        const { signal } = web.request
        const onAbort = () => fiber.interruptUnsafe()
        signal.addEventListener("abort", onAbort, { once: true })
        fiber.addObserver(() => {
          signal.removeEventListener("abort", onAbort)
          // Of those who have gone nobody hears it.
          resolve(refusalOf({ status: 503, message: "The server is stopping; connect again.", retryAfterSeconds: 1 }))
        })
      })
  }
})
