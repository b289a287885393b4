/**
 * Upgrades to paths of the app. Node lets go of such a socket, and whoever answers it with anything but a WebSocket ends
 * only its own half. So until it is one it counts as pending, has as long as any request, and is destroyed once it has
 * been answered otherwise.
 */
import { Effect, FiberSet } from "effect"
import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { Settings } from "../Settings.ts"
import type { PendingConnections } from "./PendingConnections.ts"

/** How long the client has to read an answer that is not the one it wanted, in milliseconds. */
const lingerMillis = 500

const switching = "HTTP/1.1 101 "

const isSwitching = (chunk: string | Uint8Array): boolean =>
  (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1", 0, switching.length)).startsWith(switching)

/** Watches a socket that is pending already, when its upgrade is about to be handed to the app. */
export const make = Effect.fnUntraced(function*(pending: PendingConnections) {
  const { handshakeMillis } = yield* Settings
  const run = yield* FiberSet.makeRuntime<never>()

  return ({ socket }: IncomingMessage, stream: Duplex): void => {
    const destroyAfter = (millis: number) => run(Effect.delay(Effect.sync(() => socket.destroy()), millis))
    const late = handshakeMillis === 0 ? undefined : destroyAfter(handshakeMillis)
    const over = () => {
      late?.interruptUnsafe()
    }
    socket.once("close", over)
    // Nothing else tells of all the ways in which an app may answer. Only its first write is looked at.
    const write = stream.write
    stream.write = function(this: Duplex, ...args: ReadonlyArray<unknown>) {
      stream.write = write
      if (isSwitching(args[0] as string | Uint8Array)) {
        over()
        socket.off("close", over)
        pending.remove(socket)
      } else {
        socket.once("finish", () => destroyAfter(lingerMillis))
      }
      return write.apply(this, args as Parameters<Duplex["write"]>)
    } as Duplex["write"]
  }
})
