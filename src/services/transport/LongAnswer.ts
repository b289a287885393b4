/** An answer that may be long: it may take its time, as long as it is taken at all. */
import { Deferred, Effect, Stream } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { ServerResponse } from "node:http"
import { leastBytesPerSecond } from "../files/Uploads.ts"
import { giveBack } from "../kernel/lent.ts"
import { Settings } from "../Settings.ts"
import { responseOf } from "./nodeRequest.ts"
import { turnsOf } from "./RequestTurns.ts"
import { webRequestOf } from "./WebRequest.ts"

/** How often it is looked whether enough has gone, in milliseconds. */
const lookMillis = 1_000

/**
 * What is lent of it is given back once the socket has nothing of it any more: it holds nothing, and has sent as much as was
 * handed over. Where an app's own middleware makes something else of it, such as less, it is left to the collector.
 */
const lentTo = <E, R>(response: ServerResponse, content: Stream.Stream<Uint8Array, E, R>) => {
  const { socket } = response.req
  const sent = socket.bytesWritten
  let handed = 0
  let before: ReadonlyArray<Uint8Array> = []
  return Stream.mapArray(content, (pieces) => {
    if (response.writableLength === 0 && socket.bytesWritten - sent >= handed) before.forEach(giveBack)
    for (const { length } of pieces) handed += length
    before = pieces
    return pieces
  })
}

/**
 * To a client of the web's kind: what is not asked for while there is some was not taken. Cut short where that takes too
 * long on the whole; one that takes nothing is the server's own to notice here, too.
 */
const inPace = <E, R>(content: Stream.Stream<Uint8Array, E, R>, patience: number) =>
  Effect.gen(function*() {
    if (patience === 0) return content
    const late = yield* Deferred.make<void>()
    let handed = 0
    let isWaiting = false
    let waited = 0
    const look = Effect.suspend(() => {
      if (!isWaiting) return Effect.void
      waited += lookMillis
      return waited > patience + handed / leastBytesPerSecond * 1_000 ? Deferred.succeed(late, undefined) : Effect.void
    })
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(lookMillis), look)))
    return Stream.transformPull(content, (upstream) => {
      const handOver = Effect.map(upstream, (pieces) => {
        for (const { length } of pieces) handed += length
        isWaiting = true
        return pieces
      })
      return Effect.succeed(Effect.suspend(() => {
        isWaiting = false
        return handOver
      }))
    }).pipe(Stream.interruptWhen(Deferred.await(late)))
  })

/**
 * Until the scope closes the connection is none that is pending, and is destroyed when its client takes less than the least
 * pace on the whole. One that takes nothing is the server's own to notice, as with any answer.
 */
export const make = Effect.map(Settings, ({ handshakeMillis }) => {
  const pace = (response: ServerResponse) => {
    const { socket } = response
    if (socket === null || handshakeMillis === 0) return Effect.void
    const before = socket.bytesWritten
    let waited = 0
    const look = Effect.sync(() => {
      // Only where there is something that the client does not take.
      if (!response.writableNeedDrain) return
      waited += lookMillis
      const taken = socket.bytesWritten - socket.writableLength - before
      if (waited > handshakeMillis + taken / leastBytesPerSecond * 1_000) socket.destroy()
    })
    return Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(lookMillis), look)))
  }

  return Effect.fnUntraced(
    function*<E, R>(served: HttpServerRequest.HttpServerRequest, content: Stream.Stream<Uint8Array, E, R>) {
      const web = webRequestOf(served)
      if (web !== undefined) {
        yield* Effect.acquireRelease(Effect.sync(() => web.settle()), (settled) => Effect.sync(settled))
        return yield* inPace(content, handshakeMillis)
      }
      const response = responseOf(served)
      const turns = turnsOf(response.req.socket)
      yield* Effect.acquireRelease(
        Effect.sync(() => turns?.beginDownload()),
        () => Effect.sync(() => turns?.endTransfer())
      )
      yield* pace(response)
      return lentTo(response, content)
    }
  )
})
