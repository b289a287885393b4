/** How the clients of a server that stops leave it: to other servers, each in its turn, or all at once when it is alone. */
import { Effect, FiberSet, Random } from "effect"
import * as CloseCode from "../../domain/CloseCode.ts"
import { Cluster } from "../cluster/Cluster.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { OtherServers } from "../OtherServers.ts"
import { ServerActor } from "../server/ServerActor.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"
import type { Session } from "../session/Session.ts"
import { Settings, type SettingValues } from "../Settings.ts"

/** A stop takes no longer than this, however many clients there are; then the doors of the others say when to come. */
const longestSpreadMillis = 600_000

/** After the last has been asked to go: what it still waits for may be answered, and it may be on its way. */
const graceMillis = 2_000

/** Plain clients are closed no more often than this, all whose turn has come. */
const stepMillis = 50

/**
 * Over how many milliseconds the clients go: `others` servers let them in no faster than at their rate, of which half is
 * for people who come anyway.
 */
export const spreadOf = (settings: SettingValues, clients: number, others: number): number => {
  const { maxConnectionsPerSecond: rate, reconnectSpreadMillis } = settings
  const needed = rate === 0 ? 0 : Math.ceil(1_000 * clients / (0.5 * rate * others))
  return Math.max(reconnectSpreadMillis, Math.min(needed, longestSpreadMillis))
}

const close = (ref: Session): void => ref.tell({ _tag: "Close", code: CloseCode.Draining })

/** `sessions` are the fibers of the connections, `clients` those who are there, also who was let in a moment ago. */
export const makeDrain = Effect.fnUntraced(function*(
  sessions: FiberSet.FiberSet<void>,
  clients: Effect.Effect<ReadonlyArray<Session>>
) {
  const cluster = yield* Cluster
  const now = yield* Monotonic.now
  const others = yield* OtherServers
  const server = yield* ServerActor
  const settings = yield* Settings

  const askToGo = Effect.fnUntraced(function*(millis: number) {
    for (const ref of yield* clients) {
      if (ref.level === "plain") continue
      const reconnect_after_ms = yield* Random.nextIntBetween(0, millis)
      ref.push(new EncodedFrame({ type: "draining", reconnect_after_ms }))
      ref.flush()
    }
  })

  /** Plain clients cannot be asked: they are closed, evenly over the time, so that they do not come elsewhere at once. */
  const closePlain = Effect.fnUntraced(function*(millis: number) {
    const plain = (yield* clients).filter(({ level }) => level === "plain")
    const begin = now()
    for (let closed = 0; closed < plain.length;) {
      yield* Effect.sleep(Math.max(stepMillis, Math.ceil(millis / plain.length)))
      const due = millis === 0 ? plain.length : Math.floor(plain.length * (now() - begin) / millis)
      if (due <= closed) continue
      yield* server.flush
      for (const ref of plain.slice(closed, due)) close(ref)
      closed = due
    }
  })

  /** The server serves those who are still here as ever. */
  const letGo = Effect.fnUntraced(function*(millis: number) {
    yield* askToGo(millis)
    yield* Effect.raceFirst(FiberSet.awaitEmpty(sessions), Effect.andThen(closePlain(millis), Effect.never)).pipe(
      Effect.timeoutOption(millis + graceMillis)
    )
  })

  const closeAll = Effect.gen(function*() {
    yield* server.flush
    for (const ref of yield* clients) close(ref)
    yield* FiberSet.awaitEmpty(sessions)
  }).pipe(
    Effect.timeoutOption(settings.drainMillis),
    // Whoever has not gone in time.
    Effect.andThen(clients),
    Effect.map((refs) => refs.forEach((ref) => ref.terminate(CloseCode.Draining))),
    Effect.andThen(FiberSet.clear(sessions))
  )

  /** How many there are, and over how many milliseconds they go; `undefined` when there is nobody to go to. */
  const plan = Effect.map(FiberSet.size(sessions), (clients) => {
    const servers = others()
    return servers === 0 ? undefined : { clients, others: servers, millis: spreadOf(settings, clients, servers) }
  })

  return {
    drain: Effect.gen(function*() {
      const planned = yield* plan
      yield* cluster?.draining ?? Effect.void
      if (planned === undefined) {
        yield* askToGo(settings.reconnectSpreadMillis)
      } else {
        yield* Effect.annotateLogs(Effect.logInfo("Gateway.draining"), planned)
        yield* letGo(planned.millis)
      }
      yield* closeAll
    }).pipe(Effect.withSpan("Gateway.drain")),
    longest: Effect.map(
      plan,
      (planned) => settings.drainMillis + (planned === undefined ? 0 : planned.millis + graceMillis)
    )
  }
})
