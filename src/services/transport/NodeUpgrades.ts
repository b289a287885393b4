/** The WebSockets of a server of Node: what the `ws` package makes of an upgrade that the Gateway lets in. */
import { Effect } from "effect"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import type { Refusal } from "../api/problem.ts"
import { Settings } from "../Settings.ts"
import { connectRequest } from "./connectRequest.ts"
import { type Arrival, Gateway, type Opened, subprotocol } from "./Gateway.ts"
import { refuse } from "./refuse.ts"
import { ChatWebSocket, WebSocketConnection } from "./WebSocketConnection.ts"

/** More than this Node cannot make a string of, whatever the settings allow. */
const maxString = 268_435_456

/** How long a client may take to answer a close frame, in milliseconds. */
const closeTimeout = 2_000

/** More fragments than any client's stack makes of a frame; a larger frame may have more, of so many bytes. */
const maxFragments = 256
const fragmentBytes = 256

/** More pieces than a frame comes in; a larger one may come in more. */
const maxBufferedChunks = 4_096
const chunkBytes = 64

function destroyThis(this: Duplex): void {
  this.destroy()
}

const webSockets = (maxFrameBytes: number) => {
  const maxPayload = maxFrameBytes === 0 ? maxString : maxFrameBytes
  const options = {
    noServer: true,
    clientTracking: false,
    closeTimeout,
    maxPayload,
    // The actor answers pings, so that it can count them.
    autoPong: false,
    maxFragments: Math.max(maxFragments, Math.ceil(maxPayload / fragmentBytes)),
    maxBufferedChunks: Math.max(maxBufferedChunks, Math.ceil(maxPayload / chunkBytes)),
    perMessageDeflate: false,
    WebSocket: ChatWebSocket,
    handleProtocols: (offered: ReadonlySet<string>) => offered.has(subprotocol) ? subprotocol : false as const
  }
  return new WebSocketServer(options)
}

interface Door {
  readonly wss: ReturnType<typeof webSockets>
  readonly textBytes: number
}

class NodeArrival implements Arrival {
  readonly asked: ConnectRequest
  readonly #request: IncomingMessage
  readonly #socket: Duplex
  readonly #head: Buffer
  readonly #door: Door

  constructor(asked: ConnectRequest, request: IncomingMessage, socket: Duplex, head: Buffer, door: Door) {
    this.asked = asked
    this.#request = request
    this.#socket = socket
    this.#head = head
    this.#door = door
  }

  open(): Opened | undefined {
    let opened: Opened | undefined
    const { textBytes, wss } = this.#door
    // `ws` answers a malformed handshake itself and does not call back.
    wss.handleUpgrade(this.#request, this.#socket, this.#head, (ws) => {
      opened = {
        connection: new WebSocketConnection(ws, this.#socket, textBytes),
        level: ws.protocol === subprotocol ? "v1" : "plain",
        abandon: () => ws.terminate()
      }
    })
    return opened
  }

  refuse(refusal: Refusal): void {
    refuse(this.#socket, refusal)
  }
}

/** Takes over the socket of an HTTP `upgrade` event. Never throws. */
export const make = Effect.gen(function*() {
  const gateway = yield* Gateway
  const proxies = yield* TrustedProxies
  const { maxFrameBytes, maxTextBytes } = yield* Settings
  const door: Door = { wss: webSockets(maxFrameBytes), textBytes: maxTextBytes }

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // A peer that resets the connection during the upgrade must not end the process.
    socket.on("error", destroyThis)
    const fiber = gateway.arrive(new NodeArrival(connectRequest(request, proxies), request, socket, head, door))
    if (fiber.pollUnsafe() !== undefined) return
    // Until the handshake is done nobody else notices that the peer is gone.
    const onClose = () => fiber.interruptUnsafe()
    socket.once("close", onClose)
    fiber.addObserver(() => socket.off("close", onClose))
  }
})
