/**
 * What a `Bus` has to do, as a list of named effects: run each with the test framework of your choice, and with the real
 * clock. Each case has a channel of its own.
 */
import { Context, Effect, Layer, Queue, Random } from "effect"
import assert from "node:assert/strict"
import { Bus } from "../services/cluster/Bus.ts"
import { boundCases } from "./contract/busBounds.ts"
import { hear, inTime, until } from "./contract/busMembers.ts"
import { messageCases } from "./contract/busMessages.ts"

export interface BusUnderTest<E = never, R = never> {
  /** A member of this channel; it is built anew for each. */
  readonly layer: (channel: string) => Layer.Layer<Bus, E, R>
  /** How many connections all members have now; without it nothing is said about what they leave behind. */
  readonly connections?: Effect.Effect<number, E, R>
}

export interface BusCase<E = never, R = never> {
  readonly name: string
  readonly effect: Effect.Effect<void, E, R>
}

const randomName = Effect.map(Random.nextIntBetween(0, 36 ** 8), (n) => `sbt_${n.toString(36)}`)

export const busContract = <E, R>({ connections, layer }: BusUnderTest<E, R>): ReadonlyArray<BusCase<E, R>> => {
  const enter = (channel: string) =>
    Effect.gen(function*() {
      const bus = Context.get(yield* Layer.build(Layer.fresh(layer(channel))), Bus)
      const event = yield* inTime("nothing was heard", Queue.take(bus.events))
      assert.equal(event._tag, "Gap")
      return bus
    })

  const leavesNothing: BusCase<E, R> | undefined = connections === undefined ? undefined : {
    name: "a member that ended leaves no connection, nor does one that ended before it was in",
    effect: Effect.gen(function*() {
      const channel = yield* randomName
      const before = yield* connections
      yield* Effect.scoped(Effect.gen(function*() {
        const member = yield* enter(channel)
        member.publish("hello")
        yield* hear(member, 1)
        assert.ok((yield* connections) > before)
      }))
      yield* until("connections stay", Effect.map(connections, (now) => now === before))
      for (const millis of [0, 1, 2, 5, 10, 20]) {
        yield* Effect.scoped(Effect.andThen(Layer.build(Layer.fresh(layer(channel))), Effect.sleep(millis)))
      }
      yield* until("connections stay", Effect.map(connections, (now) => now === before))
    })
  }

  return [
    ...[...messageCases<E, R>(), ...boundCases<E, R>()].map(({ body, name }) => ({
      name,
      effect: Effect.scoped(
        Effect.flatMap(randomName, (channel) => body({ channel, join: enter(channel), joinIn: enter }))
      )
    })),
    ...(leavesNothing === undefined ? [] : [leavesNothing])
  ]
}
