/** What one server of several does all the time: hears the bus, reads the journal, and says that it is there. */
import { Effect, Queue } from "effect"
import { limited } from "../kernel/LogLimit.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import type { Bus } from "./Bus.ts"
import type { Envelope } from "./Envelope.ts"
import type { Receiver } from "./Receiver.ts"
import { type Living, signsOfLife } from "./signsOfLife.ts"

/** Without a bus, how often the journal is read; with one, in case that it loses something. */
const aloneMillis = 50
const besideBusMillis = 1_000
/** What is missing is mostly on its way. */
const patienceMillis = 30
/** What the bus has brought and is handled in one turn of the event loop. */
const heardAtOnce = 64
/** A bus may take so many looks, one a second, until it is there. */
const looksToBegin = 5
/** However much of it there is, the log has one line of it in this time. */
const refusedEvery = "10 seconds"

interface LoopParts extends Living {
  readonly bus: Bus["Service"]
  readonly envelope: Envelope
  readonly receiver: Receiver
}

/** All that goes on for as long as the server is there. */
export const loops = (parts: LoopParts): ReadonlyArray<Effect.Effect<unknown>> => {
  const { bus, envelope, follower, journal, receiver, vicinity } = parts
  const hear = Effect.flatMap(Queue.takeBetween(bus.events, 1, heardAtOnce), (events) =>
    Effect.sync(() => {
      for (const event of events) {
        if (event._tag === "Heard") receiver.take(event.message)
        else {
          follower.ask()
          vicinity.askAll()
        }
      }
    }))
  const wait = Effect.flatMap(bus.healthy, (healthy) =>
    Effect.raceFirst(
      Effect.sleep(healthy ? besideBusMillis : aloneMillis),
      Effect.andThen(follower.due, Effect.sleep(patienceMillis))
    ))
  return [
    repeatForever("Cluster.hear", hear),
    repeatForever("Cluster.tail", Effect.andThen(wait, Effect.ignore(follower.read))),
    repeatForever("Cluster.trim", Effect.ignore(journal.trim), "1 minute"),
    watchBus(bus, envelope),
    signsOfLife(parts)
  ]
}

/**
 * Says when the bus is lost, and when it is back; at the beginning it is not there yet, which is no loss. And now and then,
 * what was heard that nobody of us has said.
 */
const watchBus = ({ healthy, name }: Bus["Service"], { refused }: Envelope) => {
  let was: boolean | undefined
  let looks = 0
  let told = { ...refused }
  const look = Effect.flatMap(healthy, (is) => {
    const begins = was === undefined && (is || ++looks < looksToBegin)
    if (begins && is) was = is
    if (begins || is === was) return Effect.void
    was = is
    const [event, log] = is ? ["Bus.back", Effect.logInfo] as const : ["Bus.lost", Effect.logWarning] as const
    return limited(event, Effect.annotateLogs(log(event), { bus: name }))
  })
  const count = Effect.suspend(() => {
    const before: Readonly<Record<string, number>> = told
    const more = Object.entries(refused).filter(([reason, count]) => count > before[reason]!)
    told = { ...refused }
    return more.length === 0 ? Effect.void : Effect.annotateLogs(Effect.logWarning("Bus.refused"), {
      bus: name,
      ...Object.fromEntries(more)
    })
  })
  return Effect.all([
    repeatForever("Cluster.bus", look, "1 second"),
    repeatForever("Cluster.refused", count, refusedEvery)
  ], { concurrency: 2 })
}
