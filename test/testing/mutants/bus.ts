/** Buses that lose, cut, mix up or keep what they are given, though nothing is wrong on the way. */
import { Context, Effect, Layer, Queue, Scope } from "effect"
import { Bus, type BusEvent, maxMessageBytes, maxWaitingBytes } from "../../../src/services/cluster/Bus.ts"

export type BusLayer<R> = (channel: string) => Layer.Layer<Bus, never, R>
export type BusMutant = <R>(layer: BusLayer<R>) => BusLayer<R>

const changed =
  (change: (bus: Bus["Service"], channel: string) => Partial<Bus["Service"]>): BusMutant => (layer) => (channel) =>
    Layer.effect(Bus, Effect.map(Bus, (bus) => ({ ...bus, ...change(bus, channel) }))).pipe(
      Layer.provide(layer(channel))
    )

/** What becomes of a message that is published: any number of them. */
const publishes = (make: () => (message: string) => ReadonlyArray<string>): BusMutant =>
  changed((bus) => {
    const given = make()
    return { publish: (message) => given(message).forEach((each) => bus.publish(each)) }
  })

const offer = ({ events }: Bus["Service"], event: BusEvent) =>
  // What is taken from is a queue, whoever may offer to it.
  void Queue.offerUnsafe(events as Queue.Queue<BusEvent>, event)

/** By channel. */
const shared = <A>(make: () => A) => {
  const all = new Map<string, A>()
  return (channel: string): A => {
    const known = all.get(channel) ?? make()
    all.set(channel, known)
    return known
  }
}

export const busMutants: Readonly<Record<string, BusMutant>> = {
  "what is published is heard by all members and by oneself, in order": publishes(() => {
    let held: string | undefined
    return (message) => {
      const before = held
      held = before === undefined ? message : undefined
      return before === undefined ? [] : [message, before]
    }
  }),
  "a Gap comes first, also for who comes later, and that one hears nothing of before": (layer) => {
    const said = shared<Array<string>>(() => [])
    return changed((bus, channel) => {
      for (const message of said(channel)) offer(bus, { _tag: "Heard", message })
      return {
        publish: (message) => {
          said(channel).push(message)
          bus.publish(message)
        }
      }
    })(layer)
  },
  "it is healthy soon": changed(() => ({ healthy: Effect.succeed(false) })),
  "equal messages are all heard": publishes(() => {
    let last: string | undefined
    return (message) => {
      const isNew = message !== last
      last = message
      return isNew ? [message] : []
    }
  }),
  "all that is text arrives as it is": publishes(() => (message) => [message.trim()]),
  "long messages arrive whole, the longest too": publishes(() => (message) => [message.slice(0, 100_000)]),
  "a message that is too long is dropped and harms nobody": publishes(() => (message) => [
    message.slice(0, maxMessageBytes / 2)
  ]),
  "2,000 messages at once all arrive": publishes(() => {
    let count = 0
    return (message) => ++count > 1_000 ? [] : [message]
  }),
  "members that speak at once are all heard": (layer) => {
    const speaking = shared<{ who: Bus["Service"] | undefined }>(() => ({ who: undefined }))
    return changed((bus, channel) => ({
      publish: (message) => {
        // Who speaks while another did is not heard.
        const line = speaking(channel)
        if (line.who === undefined || line.who === bus) bus.publish(message)
        line.who = bus
      }
    }))(layer)
  },
  "two channels do not hear each other": (layer) => () => layer("the only one"),
  "publishing never waits: past what may wait the oldest goes, and the newest is heard": publishes(() => {
    let room = maxWaitingBytes
    return (message) => {
      room -= message.length
      return room < 0 ? [] : [message]
    }
  }),
  // What is heard waits without a bound.
  "where nobody takes what is heard, the oldest goes and a Gap says so": (layer) => (channel) =>
    Layer.effect(
      Bus,
      Effect.gen(function*() {
        const bus = yield* Bus
        const events = yield* Queue.unbounded<BusEvent>()
        yield* Effect.forkScoped(
          Effect.forever(Effect.map(Queue.take(bus.events), (event) => Queue.offerUnsafe(events, event)))
        )
        return { ...bus, events }
      })
    ).pipe(Layer.provide(layer(channel))),
  "a member that ended leaves no connection, nor does one that ended before it was in": (layer) => (channel) =>
    // Its scope is nobody's.
    Layer.effect(Bus, Effect.map(Layer.buildWithScope(layer(channel), Scope.makeUnsafe()), Context.get(Bus)))
}
