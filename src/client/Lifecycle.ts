/** Connects, and comes back for as long as it makes sense. */
import { Clock, Effect, Fiber, Queue, Random } from "effect"
import * as CloseCode from "../domain/CloseCode.ts"
import type { ServerFrame, Welcome } from "../domain/ServerFrame.ts"
import { connectOnce } from "./Connection.ts"
import type { Address } from "./Credentials.ts"
import { makeDeparture } from "./Departure.ts"
import { monotonicMillis } from "./monotonic.ts"
import type { Observable } from "./Observable.ts"
import { briefMillis, canRenew, decide, spread, stableMillis } from "./Reconnect.ts"
import { LinkClosed, OpenFailed, type TransportService } from "./Transport.ts"
import type { ClientState } from "./types.ts"

export interface LifecycleOptions {
  readonly address: Address
  readonly transport: TransportService
  readonly state: Observable<ClientState>
  /** Each element ends a wait for the next attempt, or asks whether the line is alive. */
  readonly wake: Queue.Dequeue<void>
  /** A connection may be used from here on; the state becomes `Ready` after this. */
  readonly onReady: (welcome: Welcome, send: (json: string) => void) => void
  readonly onFrame: (frame: ServerFrame) => void
  readonly onEnd: () => void
  /** Something that was asked has no answer yet. */
  readonly isBusy: () => boolean
}

/**
 * An attempt that was given up while it opened may reach the server late, and then replaces its own successor. For so
 * long a close that says so is not believed.
 */
const ghostMillis = 60_000

const unauthorized = 401

/** Whoever changes servers has a connection again within so long, and nobody need hear of it; past it they do. */
const moveMillis = 2_000

/** Ends when the client must not come back, with the reason and the code. */
export const lifecycle = Effect.fnUntraced(function*(options: LifecycleOptions) {
  const { address, isBusy, onEnd, onFrame, onReady, state, transport, wake } = options
  const random = yield* Random.Random
  const clock = yield* Clock.Clock
  const now = () => monotonicMillis(clock)
  let user: string | undefined
  let attempt = 0
  /** When the connection could be used; `undefined` before it can. */
  let welcomedAt: number | undefined
  /** Whether the last attempt was refused as unauthorized: once, a ticket or token may have expired on its way. */
  let refused = false
  let ghostAt = Number.NEGATIVE_INFINITY
  const departure = yield* makeDeparture(isBusy)

  const connection = connectOnce({
    address,
    transport,
    onEnd,
    onWelcome: Effect.fnUntraced(function*(welcome, send) {
      // Messages that one user wrote must not be said by another.
      if (user !== undefined && user !== welcome.user) {
        return yield* new OpenFailed({
          message: `The credentials are ${welcome.user}'s, not ${user}'s`,
          permanent: true
        })
      }
      user = welcome.user
      welcomedAt = now()
      // First, so that whoever hears of the state can say something at once.
      onReady(welcome, send)
      state.set({ _tag: "Ready", welcome })
    }),
    onFrame: (frame) => {
      if (frame.type === "draining") departure.asked(frame.reconnect_after_ms)
      else onFrame(frame)
    }
  }, wake)

  // Whoever goes leaves first: a device that comes while its older connection is there takes its place.
  const once = Effect.raceFirst(connection, departure.due).pipe(
    Effect.catchDefect((defect) =>
      Effect.andThen(
        Effect.logError("ChatClient.defect", defect),
        Effect.fail(new LinkClosed({ code: 1006, reason: "the client made a mistake" }))
      )
    ),
    Effect.flip
  )

  /** Whether a replaced connection may have been replaced by what this client gave up itself. */
  const isGhost = (code: number | undefined) => code === CloseCode.Replaced.code && now() - ghostAt < ghostMillis

  /** From one server to the next: a state of its own only if it takes long. */
  const move = Effect.fnUntraced(function*(reason: string) {
    const say = Effect.sync(() => {
      if (welcomedAt === undefined) {
        state.set({ _tag: "Reconnecting", attempt: Math.max(1, attempt), delayMillis: 0, reason })
      }
    })
    const timer = yield* Effect.forkChild(Effect.delay(say, moveMillis))
    return yield* Effect.ensuring(once, Fiber.interrupt(timer))
  })

  let moving: string | undefined
  while (true) {
    welcomedAt = undefined
    departure.forget()
    const error = yield* moving === undefined ? once : move(moving)
    const decision = decide(error, address.credentials, departure.left())
    const stale = decision.code === unauthorized && !refused && canRenew(address.credentials)
    refused = decision.code === unauthorized
    if (decision._tag === "Never" && !stale && !isGhost(decision.code)) return decision
    const lasted: number = welcomedAt === undefined ? 0 : now() - welcomedAt
    if (welcomedAt === undefined) ghostAt = now()
    // A server that greets everybody and then closes is not well: only a connection that lasts begins anew.
    else if (lasted >= stableMillis) attempt = 0
    // Servers that are stopped one after the other send their clients on, which is no fault; to do it at once is one.
    const isSentOn = decision.drawn && lasted >= briefMillis
    const delayMillis = spread(decision, isSentOn ? 0 : attempt, random.nextDoubleUnsafe())
    moving = decision.drawn && delayMillis === 0 ? decision.reason : undefined
    if (moving === undefined || !isSentOn) attempt++
    if (moving !== undefined) continue
    state.set({ _tag: "Reconnecting", attempt, delayMillis, reason: decision.reason })
    yield* Effect.timeoutOption(Queue.take(wake), delayMillis)
  }
})
