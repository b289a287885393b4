/** The door for WebSockets: decides before the upgrade who comes in, and runs a UserActor for each who does. */
import { Context, Effect, FiberSet, Layer } from "effect"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import { Refused } from "../access/Authenticator.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import { Admission, type Admitted } from "../admission/Admission.ts"
import type { Refusal } from "../api/problem.ts"
import { limited } from "../kernel/LogLimit.ts"
import { Readiness } from "../Readiness.ts"
import { Settings } from "../Settings.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { UserActors } from "../user/UserActors.ts"
import { connectRequest } from "./connectRequest.ts"
import { makeDrain } from "./drain.ts"
import { refuse } from "./refuse.ts"
import { ChatWebSocket, WebSocketConnection } from "./WebSocketConnection.ts"

export const subprotocol = "switchboard.v1"

/** More than this Node cannot make a string of, whatever the settings allow. */
const maxString = 268_435_456

/** How long a client may take to answer a close frame, in milliseconds. */
const closeTimeout = 2_000

const stopping = { status: 503, message: "The server is stopping; connect again.", retryAfterSeconds: 1 } as const

function destroyThis(this: Duplex): void {
  this.destroy()
}

/** More fragments, or more pieces of a fragment, than any client's stack makes of a frame. */
const maxFragments = 256
const maxBufferedChunks = 4_096

export class Gateway extends Context.Service<Gateway, {
  /** Takes over the socket of an HTTP `upgrade` event. Never throws. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Connections and refusals in progress. */
  readonly size: Effect.Effect<number>
  /**
   * Lets every client go, and ends those who stay, once what they said so far is committed and delivered. New
   * connections are refused with 503 from then on (P10). With `OtherServers` the clients have time to go there by
   * themselves; alone, they are told when to come back, closed with 4001 and waited for, at most `drainMillis`.
   */
  readonly drain: Effect.Effect<void>
  /** The longest that a `drain` which begins now takes, in milliseconds. */
  readonly longestDrain: Effect.Effect<number>
}>()("switchboard/services/transport/Gateway") {
  static readonly layer = Layer.effect(
    Gateway,
    Effect.gen(function*() {
      const admission = yield* Admission
      const { refused } = yield* CurrentMeters
      const proxies = yield* TrustedProxies
      const readiness = yield* Readiness
      const settings = yield* Settings
      const userActors = yield* UserActors
      const sessions = yield* FiberSet.make<void>()
      const run = yield* FiberSet.runtime(sessions)<never>()
      const drain = yield* makeDrain(sessions)
      let isDraining = false

      const options = {
        noServer: true,
        clientTracking: false,
        closeTimeout,
        maxPayload: settings.maxFrameBytes === 0 ? maxString : settings.maxFrameBytes,
        // The actor answers pings, so that it can count them.
        autoPong: false,
        maxFragments,
        maxBufferedChunks,
        perMessageDeflate: false,
        WebSocket: ChatWebSocket,
        handleProtocols: (offered: ReadonlySet<string>) => offered.has(subprotocol) ? subprotocol : false as const
      }
      const wss = new WebSocketServer(options)

      const turnAway = (socket: Duplex, refusal: Refusal) => {
        refused.add(String(refusal.status))
        refuse(socket, refusal)
      }

      const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // A peer that resets the connection during the upgrade must not end the process.
        socket.on("error", destroyThis)
        const fiber = run(handshake(request, socket, head))
        if (fiber.pollUnsafe() !== undefined) return
        // Until the handshake is done nobody else notices that the peer is gone.
        const onClose = () => fiber.interruptUnsafe()
        socket.once("close", onClose)
        fiber.addObserver(() => socket.off("close", onClose))
      }

      /** Ends with the upgrade; the connection's own fiber keeps nothing of the request. */
      const handshake = Effect.fnUntraced(
        function*(request: IncomingMessage, socket: Duplex, head: Buffer) {
          if (!(yield* readiness.accepting)) return yield* new Refused(stopping)
          const asked = connectRequest(request, proxies)
          yield* admission.admit(asked, (admitted) => {
            // Whoever was asking meanwhile would be told nothing of it.
            if (isDraining) {
              turnAway(socket, stopping)
              return false
            }
            let served = false
            // `ws` answers a malformed handshake itself and does not call back.
            wss.handleUpgrade(request, socket, head, (ws) => {
              served = true
              serve(ws, socket, asked.address, admitted)
            })
            if (!served) refused.add("400")
            return served
          })
        },
        (effect, _request, socket) =>
          effect.pipe(
            Effect.catchTag("Refused", (refusal) => Effect.sync(() => turnAway(socket, refusal))),
            Effect.catchDefect((defect) =>
              Effect.andThen(
                limited("Gateway.defect", Effect.logError("Gateway.defect", defect)),
                Effect.sync(() =>
                  turnAway(socket, { status: 500, message: "The server made a mistake; try again later." })
                )
              )
            )
          )
      )

      const serve = (ws: ChatWebSocket, socket: Duplex, address: string, { identity, order, release }: Admitted) => {
        const fiber = run(userActors.run({
          identity,
          order,
          address,
          level: ws.protocol === subprotocol ? "v1" : "plain",
          connection: new WebSocketConnection(ws, socket, settings.maxTextBytes)
        }))
        fiber.addObserver(release)
        // The Gateway is closing, so no actor has taken the socket over.
        if (fiber.pollUnsafe() !== undefined) ws.terminate()
      }

      return Gateway.of({
        upgrade,
        size: FiberSet.size(sessions),
        drain: Effect.suspend(() => {
          isDraining = true
          return drain.drain
        }),
        longestDrain: drain.longest
      })
    })
  )
}
