/** The life of one connection: opened, welcomed, read until it ends. The watchdog does not wait for the line to admit it. */
import { Array, Clock, Deferred, Effect, Queue, type Scope } from "effect"
import type { ServerFrame, Welcome } from "../domain/ServerFrame.ts"
import { type Address, openRequest } from "./Credentials.ts"
import { fieldOf, parse } from "./json.ts"
import { monotonicMillis } from "./monotonic.ts"
import { costOf, rateOf, SendRate } from "./SendRate.ts"
import { type Link, LinkClosed, type OpenFailed, type TransportService } from "./Transport.ts"

export interface ConnectionOptions {
  readonly address: Address
  readonly transport: TransportService
  /** The connection may be used: `send` never waits. */
  readonly onWelcome: (welcome: Welcome, send: (json: string) => void) => Effect.Effect<void, OpenFailed>
  /** Everything but `welcome`, in order. Must not throw or wait. */
  readonly onFrame: (frame: ServerFrame) => void
  /** The connection is of no use any more; called once for each `onWelcome`. */
  readonly onEnd: () => void
}

/** Somebody thinks that the line may be dead: a sign of life is asked for, and has to come within seconds. */
export type Probe = Queue.Dequeue<void>

const openTimeout = "15 seconds"
const welcomeTimeout = "10 seconds"

/** What the server waits for its answer, and what the network and both clocks may add. */
const graceMillis = 10_000
const slackMillis = 5_000

/** How soon a probe has to be answered. */
const probeMillis = 5_000

const lost = (reason: string) => new LinkClosed({ code: 1006, reason })

const timeout = (duration: "15 seconds" | "10 seconds", reason: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, { duration, orElse: () => Effect.fail(lost(reason)) })

/** What is no JSON object with a type is passed over, as is every type that this version does not know. */
const framesOf = (texts: ReadonlyArray<string>): ReadonlyArray<ServerFrame> =>
  texts.map(parse).filter((value): value is ServerFrame => fieldOf(value, "type") !== undefined)

/** Reads until `welcome` has come; what came with it in the same packet is handed on. */
const awaitWelcome = Effect.fnUntraced(function*(link: Link) {
  while (true) {
    const frames = framesOf(yield* link.receive)
    const index = frames.findIndex((frame) => frame.type === "welcome")
    const welcome = frames[index]
    if (welcome?.type === "welcome") return { welcome, rest: frames.slice(index + 1) }
  }
})

const ping = JSON.stringify({ type: "ping" })

/** Fails when the line is dead: nothing came for longer than the server is ever silent, also after it was asked. */
const watch = Effect.fnUntraced(function*(lastInbound: () => number, heartbeat: number, send: (json: string) => void) {
  const clock = yield* Clock.Clock
  while (true) {
    const since = lastInbound()
    const quiet = (millis: number) =>
      Effect.suspend(() => Effect.sleep(Math.max(Math.ceil(since + millis - monotonicMillis(clock)), 0)))
    // Later than the server's own heartbeat would be: to anticipate it would silence it, and it carries the heads.
    yield* quiet(heartbeat + slackMillis)
    if (lastInbound() !== since) continue
    send(ping)
    yield* quiet(heartbeat + graceMillis + slackMillis)
    if (lastInbound() === since) return yield* lost("the server has been silent for too long")
  }
})

const probeLine = Effect.fnUntraced(function*(lastInbound: () => number, probe: Probe, send: (json: string) => void) {
  while (true) {
    yield* Queue.take(probe)
    const asked = monotonicMillis(yield* Clock.Clock)
    send(ping)
    yield* Effect.sleep(probeMillis)
    if (lastInbound() < asked) return yield* lost("the line is dead")
  }
})

/** Never succeeds: how it ends says what to do next. However it ends, the line is abandoned at once. */
export const connectOnce = Effect.fnUntraced(function*(
  { address, onEnd, onFrame, onWelcome, transport }: ConnectionOptions,
  probe: Probe
): Effect.fn.Return<never, LinkClosed | OpenFailed, Scope.Scope> {
  const clock = yield* Clock.Clock
  const request = yield* openRequest(address).pipe(timeout(openTimeout, "the credentials did not come in time"))
  const link = yield* transport.open(request).pipe(timeout(openTimeout, "the server does not answer"))
  const { rest, welcome } = yield* awaitWelcome(link).pipe(timeout(welcomeTimeout, "the server sent no welcome"))

  const outbound = yield* Queue.unbounded<string>()
  const send = (json: string) => void Queue.offerUnsafe(outbound, json)
  const ended = yield* Deferred.make<never, LinkClosed>()
  let lastInbound = monotonicMillis(clock)

  // A client that says too much at once is closed as a flood, and may not come back.
  const rate = new SendRate(rateOf(welcome), monotonicMillis(clock))
  const write = Effect.forever(Effect.gen(function*() {
    const texts = yield* Queue.takeBetween(outbound, 1, rate.burst)
    yield* Effect.sleep(rate.take(costOf(texts), monotonicMillis(clock)))
    if (Array.isArrayNonEmpty(texts)) yield* link.send(texts)
  }))
  const read = Effect.forever(Effect.map(link.receive, (texts) => {
    lastInbound = monotonicMillis(clock)
    for (const frame of framesOf(texts)) onFrame(frame)
  }))
  const isAlive = () => lastInbound

  yield* Effect.addFinalizer(() => Effect.sync(onEnd))
  yield* onWelcome(welcome, send)
  for (const frame of rest) onFrame(frame)
  for (const part of [write, watch(isAlive, welcome.heartbeat_ms, send), probeLine(isAlive, probe, send)]) {
    yield* part.pipe(Effect.catchCause((cause) => Deferred.failCause(ended, cause)), Effect.forkScoped)
  }
  return yield* Effect.raceFirst(read, Deferred.await(ended))
}, Effect.scoped)
