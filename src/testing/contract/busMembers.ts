/** A channel of a bus and its members, as the cases of the contract see them. */
import { Effect, Queue, type Scope } from "effect"
import type { Bus } from "../../services/cluster/Bus.ts"

export type Member = Bus["Service"]

const patience = "20 seconds"

export const inTime = <A, E, R>(what: string, effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, {
    duration: patience,
    orElse: () => Effect.die(new Error(`${what} within ${patience}`))
  })

/** Until it holds; asked every few milliseconds, because nothing says when. */
export const until = <E, R>(what: string, condition: Effect.Effect<boolean, E, R>) =>
  inTime(
    what,
    Effect.repeat(Effect.delay(condition, "10 millis"), { until: (holds: boolean) => holds })
  )

/** What is heard until `isLast`, whatever came between. */
export const heardUntil = (member: Member, isLast: (message: string, count: number) => boolean) =>
  inTime(
    "not all was heard",
    Effect.gen(function*() {
      const heard: Array<string> = []
      while (true) {
        const event = yield* Queue.take(member.events)
        if (event._tag !== "Heard") continue
        heard.push(event.message)
        if (isLast(event.message, heard.length)) return heard
      }
    })
  )

export const hear = (member: Member, count: number) => heardUntil(member, (_, n) => n === count)

export interface Room<E, R> {
  readonly channel: string
  /** Another member, which has heard that it is in. */
  readonly join: Effect.Effect<Member, E, R | Scope.Scope>
  readonly joinIn: (channel: string) => Effect.Effect<Member, E, R | Scope.Scope>
}

export interface Case<E, R> {
  readonly name: string
  readonly body: (room: Room<E, R>) => Effect.Effect<void, E, R | Scope.Scope>
}

export const numbered = (count: number, width = 0) =>
  Array.from({ length: count }, (_, i) => `message ${i} ${"x".repeat(width)}`)
