/**
 * The door for WebSockets, whatever server they come to: decides before the upgrade who comes in, and runs a UserActor for
 * each who does.
 */
import { Context, Effect, type Fiber, FiberSet, Layer } from "effect"
import { type ConnectRequest, Refused } from "../access/Authenticator.ts"
import { Admission, type Admitted } from "../admission/Admission.ts"
import type { Refusal } from "../api/problem.ts"
import { limited } from "../kernel/LogLimit.ts"
import { Readiness } from "../Readiness.ts"
import type { Connection } from "../session/Connection.ts"
import type { Level } from "../session/Session.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { UserActors } from "../user/UserActors.ts"
import { makeDrain } from "./drain.ts"

export const subprotocol = "switchboard.v1"

const stopping = { status: 503, message: "The server is stopping; connect again.", retryAfterSeconds: 1 } as const

/** A WebSocket that there is. */
export interface Opened {
  readonly connection: Connection
  readonly level: Level
  /** Nobody takes it over. */
  readonly abandon: () => void
}

/** Somebody who asks to come in, as their server sees them. One of the two is called, once. */
export interface Arrival {
  readonly asked: ConnectRequest
  /** Makes a WebSocket of it at once; nothing where the handshake was malformed, which has had its answer then. */
  readonly open: () => Opened | undefined
  readonly refuse: (refusal: Refusal) => void
}

export class Gateway extends Context.Service<Gateway, {
  /** Asks who that is, and lets them in or not. Never throws. Interrupted when the client has gone before that. */
  readonly arrive: (arrival: Arrival) => Fiber.Fiber<void>
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
      const readiness = yield* Readiness
      const userActors = yield* UserActors
      const sessions = yield* FiberSet.make<void>()
      const run = yield* FiberSet.runtime(sessions)<never>()
      const drain = yield* makeDrain(sessions, userActors.sessions)
      let isDraining = false

      const turnAway = (arrival: Arrival, refusal: Refusal) => {
        refused.add(String(refusal.status))
        arrival.refuse(refusal)
      }

      /** Ends with the upgrade; the connection's own fiber keeps nothing of the request. */
      const handshake = Effect.fnUntraced(
        function*(arrival: Arrival) {
          if (!(yield* readiness.accepting)) return yield* new Refused(stopping)
          const { asked } = arrival
          yield* admission.admit(asked, (admitted) => {
            // Whoever was asking meanwhile would be told nothing of it.
            if (isDraining) {
              turnAway(arrival, stopping)
              return false
            }
            const opened = arrival.open()
            if (opened === undefined) refused.add("400")
            else serve(opened, asked.address, admitted)
            return opened !== undefined
          })
        },
        (effect, arrival) =>
          effect.pipe(
            Effect.catchTag("Refused", (refusal) => Effect.sync(() => turnAway(arrival, refusal))),
            Effect.catchDefect((defect) =>
              Effect.andThen(
                limited("Gateway.defect", Effect.logError("Gateway.defect", defect)),
                Effect.sync(() =>
                  turnAway(arrival, { status: 500, message: "The server made a mistake; try again later." })
                )
              )
            )
          )
      )

      const serve = (
        { abandon, connection, level }: Opened,
        address: string,
        { identity, order, release }: Admitted
      ) => {
        const fiber = run(userActors.run({ identity, order, address, level, connection }))
        fiber.addObserver(release)
        // The Gateway is closing, so no actor has taken the socket over.
        if (fiber.pollUnsafe() !== undefined) abandon()
      }

      return Gateway.of({
        arrive: (arrival) => run(handshake(arrival)),
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
