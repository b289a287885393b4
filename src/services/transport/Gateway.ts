/** The door for WebSockets: decides before the upgrade who comes in, and runs a UserActor for each who does. */
import { Context, Effect, FiberSet, HashMap, Layer, Random } from "effect"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { WebSocketServer } from "ws"
import * as CloseCode from "../../domain/CloseCode.ts"
import { Refused } from "../access/Authenticator.ts"
import { TrustedProxies } from "../access/ClientAddress.ts"
import { Admission, type Admitted } from "../admission/Admission.ts"
import { Readiness } from "../Readiness.ts"
import { Router } from "../server/Router.ts"
import { ServerActor } from "../server/ServerActor.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import { Settings } from "../Settings.ts"
import { UserActors } from "../user/UserActors.ts"
import { connectRequest } from "./connectRequest.ts"
import { refuse } from "./refuse.ts"
import { ChatWebSocket, WebSocketConnection } from "./WebSocketConnection.ts"

export const subprotocol = "switchboard.v1"

/** More than this Node cannot make a string of, whatever the settings allow. */
const maxString = 268_435_456

/** How long a client may take to answer a close frame, in milliseconds. */
const closeTimeout = 2_000

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
   * Tells every client to come back, commits and delivers what they said so far, closes with 4001 and waits until
   * they are gone, at most `drainMillis`. New connections are refused with 503 from then on (P10).
   */
  readonly drain: Effect.Effect<void>
}>()("switchboard/services/transport/Gateway") {
  static readonly layer = Layer.effect(
    Gateway,
    Effect.gen(function*() {
      const admission = yield* Admission
      const proxies = yield* TrustedProxies
      const readiness = yield* Readiness
      const router = yield* Router
      const server = yield* ServerActor
      const settings = yield* Settings
      const userActors = yield* UserActors
      const sessions = yield* FiberSet.make<void>()
      const run = yield* FiberSet.runtime(sessions)<never>()

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
          if (!(yield* readiness.accepting)) {
            return yield* new Refused({
              status: 503,
              message: "The server is stopping; connect again.",
              retryAfterSeconds: 1
            })
          }
          const asked = connectRequest(request, proxies)
          yield* admission.admit(asked, (admitted) => {
            let served = false
            // `ws` answers a malformed handshake itself and does not call back.
            wss.handleUpgrade(request, socket, head, (ws) => {
              served = true
              serve(ws, socket, asked.address, admitted)
            })
            return served
          })
        },
        (effect, _request, socket) =>
          effect.pipe(
            Effect.catchTag("Refused", (refused) => Effect.sync(() => refuse(socket, refused))),
            Effect.catchDefect((defect) =>
              Effect.andThen(
                Effect.logError("Gateway.defect", defect),
                Effect.sync(() =>
                  refuse(socket, { status: 500, message: "The server made a mistake; try again later." })
                )
              )
            )
          )
      )

      const serve = (ws: ChatWebSocket, socket: Duplex, address: string, { identity, release }: Admitted) => {
        const fiber = run(userActors.run({
          identity,
          address,
          level: ws.protocol === subprotocol ? "v1" : "plain",
          connection: new WebSocketConnection(ws, socket, settings.maxTextBytes)
        }))
        fiber.addObserver(release)
        // The Gateway is closing, so no actor has taken the socket over.
        if (fiber.pollUnsafe() !== undefined) ws.terminate()
      }

      const allRefs = Effect.map(router.registry, (users) => Array.from(HashMap.values(users)).flat())

      const drain = Effect.gen(function*() {
        for (const ref of yield* allRefs) {
          if (ref.level === "plain") continue
          const reconnect_after_ms = yield* Random.nextIntBetween(0, settings.reconnectSpreadMillis)
          ref.push(new EncodedFrame({ type: "draining", reconnect_after_ms }))
          ref.flush()
        }
        yield* server.flush
        for (const ref of yield* allRefs) ref.tell({ _tag: "Close", code: CloseCode.Draining })
        yield* FiberSet.awaitEmpty(sessions)
      }).pipe(
        Effect.timeoutOption(settings.drainMillis),
        // Whoever has not gone in time.
        Effect.andThen(allRefs),
        Effect.map((refs) => refs.forEach((ref) => ref.terminate(CloseCode.Draining))),
        Effect.andThen(FiberSet.clear(sessions)),
        Effect.withSpan("Gateway.drain")
      )

      return Gateway.of({ upgrade, size: FiberSet.size(sessions), drain })
    })
  )
}
