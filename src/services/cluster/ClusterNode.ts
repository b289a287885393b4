/**
 * Makes this process one server of several on one database. The journal alone delivers everything, in order, whatever
 * happens to the bus; the bus makes it fast, and carries what is never stored: who is where, receipts, typing.
 */
import { Clock, Context, Effect, FiberSet, Layer, Random } from "effect"
import { inTime } from "../kernel/inTime.ts"
import type { Vital } from "../kernel/Lifeline.ts"
import * as LogLimit from "../kernel/LogLimit.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { OtherServers } from "../OtherServers.ts"
import { Journal, type Position } from "../storage/Journal.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { stopMillis } from "../storage/storeBounds.ts"
import { Bus } from "./Bus.ts"
import { Cluster, type ClusterService, type Item, type Listener } from "./Cluster.ts"
import { Envelope } from "./Envelope.ts"
import { Follower } from "./Follower.ts"
import { makeListeners } from "./Listeners.ts"
import { loops } from "./loops.ts"
import type { PeerEvent } from "./Peers.ts"
import { Publisher } from "./Publisher.ts"
import { Questions } from "./Questions.ts"
import { Receiver } from "./Receiver.ts"
import { Soft } from "./Soft.ts"
import { timelyJournal } from "./timelyJournal.ts"
import { Vicinity } from "./Vicinity.ts"
import { encode, type Message, type NewsItem } from "./Wire.ts"

/** How often others are told who came and went, and what is never stored. */
const tellMillis = 50
const softMillis = 50
/** Text that may be too much for one message is not tried. */
const maxNewsLength = 200_000

const base36 = (n: number): string => n.toString(36).padStart(6, "0")

const makeNodeId = Effect.map(
  Effect.all([Random.nextIntBetween(0, 36 ** 6), Random.nextIntBetween(0, 36 ** 6)]),
  ([a, b]) => base36(a) + base36(b)
)

const newsItemOf = ({ after, conversation, entry, seq, version }: Item): NewsItem => ({
  conversation,
  from: seq,
  to: seq,
  ...(entry === undefined ? undefined : { entry }),
  ...(after === undefined ? undefined : { after }),
  ...(version === undefined ? undefined : { version })
})

const logged = (event: PeerEvent) => {
  const name = `Node.${event._tag.toLowerCase()}`
  const isBad = event._tag !== "Joined" && event._tag !== "Left"
  const line = Effect.annotateLogs(isBad ? Effect.logWarning(name) : Effect.logInfo(name), {
    node: event.node,
    ...("silentMillis" in event ? { silent_ms: Math.round(event.silentMillis) } : undefined),
    ...("aheadMillis" in event ? { ahead_ms: event.aheadMillis } : undefined)
  })
  return LogLimit.limited(name, line)
}

/** What tells others of what has changed here, all at once and a little later. */
const makeTickers = Effect.fnUntraced(function*(soft: Soft, vicinity: Vicinity) {
  const tell = yield* makeTicker("Cluster.tell", {
    turn: Effect.sync(() => vicinity.tell()),
    pause: tellMillis,
    isIdle: () => vicinity.isSettled
  })
  return {
    tell,
    soft: yield* makeTicker("Cluster.soft", {
      turn: Effect.sync(() => soft.tell()),
      pause: softMillis,
      isIdle: () => soft.isEmpty
    })
  }
})

const make = Effect.gen(function*() {
  const bus = yield* Bus
  const journal = timelyJournal(yield* Journal)
  const now = yield* Monotonic.now
  const scope = yield* Effect.scope
  const node = yield* makeNodeId
  const runSync = Effect.runSyncWith(yield* Effect.context<never>())
  const run = yield* FiberSet.makeRuntime<never>()
  const envelope = new Envelope({ key: yield* journal.key, node })
  const publish = (message: Message) => bus.publish(envelope.seal(encode(message)))
  const publisher = new Publisher(journal, node)
  // Others see this server from here on; what was committed before is in the store when its first client asks.
  yield* publisher.next()
  const known = yield* journal.positions

  const { attendances, floods, missed, notes, profiles } = makeListeners()
  const clock = yield* Clock.Clock
  const vicinity: Vicinity = new Vicinity({
    node,
    now,
    wallNow: () => clock.currentTimeMillisUnsafe(),
    publish,
    changed: attendances.tell,
    log: (event) => runSync(logged(event)),
    gone: missed.tell,
    greet: () => publish(vicinity.beat(publisher))
  })
  const others = () => Array.from(vicinity.peers.all, ({ node }) => node)
  const questions = new Questions({ node, publish, others, isHealthy: bus.healthy })
  const soft = new Soft(publish)
  const tickers = yield* makeTickers(soft, vicinity)
  let follower: Follower | undefined

  const follow = Effect.fnUntraced(function*(listener: Listener, vital: Vital) {
    follower = new Follower(known, {
      journal,
      publisher,
      listener: {
        ...listener,
        deliver: vital(listener.deliver),
        flush: vital(listener.flush),
        resync: vital(() => {
          // Before everybody reads the store again.
          missed.tell()
          listener.resync()
        })
      },
      now,
      noted: vital(notes.tell),
      seen: (epochs) => vicinity.stored(epochs)
    })
    const receiver = new Receiver({
      envelope,
      follower,
      vicinity,
      moved: listener.moved,
      typing: listener.typing,
      flooded: floods.tell,
      profile: profiles.tell,
      asked: () => run(vicinity.answer),
      questioned: (asked) => run(questions.asked(asked)),
      answered: (answered) => questions.heard(answered)
    })
    // Who is there is known before the first client comes.
    yield* Effect.ignore(follower.read)
    for (const loop of loops({ bus, envelope, follower, receiver, vicinity, journal, publisher, publish, now })) {
      yield* Effect.forkIn(loop, scope)
    }
  })

  const committed = (position: Position, items: ReadonlyArray<Item>, said: ReadonlyArray<unknown>) => {
    const { epoch, offset } = position
    // Who comes later finds it in the journal.
    if (vicinity.peers.size > 0) publish(newsOf(position, items, said))
    follower?.offer({ epoch, offset, prev: offset - 1, items, notes: [] })
  }

  // Its last news has gone by now: the parts that make some end before it.
  yield* Effect.addFinalizer(() => farewell(publisher, journal, (position) => publish({ _: "bye", node, ...position })))

  return serviceOf({
    node,
    bus,
    publisher,
    envelope,
    vicinity,
    questions,
    soft,
    publish,
    follow,
    committed,
    resume: (conversation) => follower?.resume(conversation),
    onNote: notes.add,
    onMissed: missed.add,
    onAttendance: attendances.add,
    onFlood: floods.add,
    onProfile: profiles.add,
    gaps: () => follower?.gaps ?? 0,
    tellSoon: tickers.tell.wake,
    tellSoftSoon: tickers.soft.wake
  })
})

const farewell = (publisher: Publisher, journal: Journal["Service"], say: (position: Position) => void) =>
  Effect.suspend(() => {
    const { epoch, offset } = publisher
    if (epoch === undefined) return Effect.void
    say({ epoch, offset })
    // A store that does not answer keeps no server from its end: its silence says the same to the others a little later.
    return inTime(Effect.ignore(journal.end(epoch)), { millis: stopMillis, late: () => Effect.void })
  })

type Kept =
  | "node"
  | "publisher"
  | "follow"
  | "committed"
  | "resume"
  | "onNote"
  | "onMissed"
  | "onAttendance"
  | "onFlood"
  | "onProfile"

interface ServiceParts extends Pick<ClusterService, Kept> {
  readonly bus: Bus["Service"]
  readonly envelope: Envelope
  readonly vicinity: Vicinity
  readonly questions: Questions
  readonly soft: Soft
  readonly publish: (message: Message) => void
  readonly gaps: () => number
  readonly tellSoon: () => void
  readonly tellSoftSoon: () => void
}

const serviceOf = (
  { bus, envelope, gaps, publish, questions, soft, tellSoftSoon, tellSoon, vicinity, ...kept }: ServiceParts
): ClusterService => ({
  ...kept,
  moved: (moved) => {
    // Who has just come to another server is not known here yet.
    if (vicinity.peers.size === 0) return
    soft.moved(moved)
    tellSoftSoon()
  },
  typing: (sign) => {
    if (vicinity.peers.size === 0) return
    soft.typing(sign)
    tellSoftSoon()
  },
  flooded: (user) => {
    if (vicinity.peers.size === 0) return
    soft.flooded(user)
    tellSoftSoon()
  },
  profile: (profile) => {
    if (vicinity.peers.size === 0) return
    soft.profile(profile)
    tellSoftSoon()
  },
  attend: (user, attendance) => {
    vicinity.attend(user, attendance)
    tellSoon()
  },
  ask: questions.ask,
  onQuestion: (answer) => {
    questions.answer = answer
  },
  users: () => vicinity.roster.users(),
  has: (user) => vicinity.roster.has(user),
  connections: (user) => vicinity.roster.connections(user),
  newest: (user, device) => vicinity.roster.newest(user, device),
  others: () => vicinity.others,
  draining: Effect.sync(() => {
    vicinity.isDraining = true
    publish(vicinity.beat(kept.publisher))
  }),
  status: Effect.map(bus.healthy, (healthy) => ({
    node: kept.node,
    bus: {
      kind: bus.name,
      healthy,
      refused: Object.values(envelope.refused).reduce((sum, count) => sum + count, 0),
      gaps: gaps()
    },
    nodes: vicinity.status
  }))
})

const newsOf = ({ epoch, offset }: Position, items: ReadonlyArray<Item>, notes: ReadonlyArray<unknown>): Message => {
  let length = 0
  for (const { entry } of items) {
    if (entry !== undefined) {
      length += "text" in entry
        ? (entry.text ?? "").length + 250
        : 250
    }
  }
  const isLong = length > maxNewsLength
  const told = items.map((item) => newsItemOf(isLong ? { ...item, entry: undefined } : item))
  // What is read from the journal need not be told in full.
  return { _: "news", epoch, offset, prev: offset - 1, items: isLong ? told.slice(0, 1) : told, notes }
}

/** Needs the `Journal` of a store that several servers may share, and a `Bus`. */
export const layer: Layer.Layer<never, StoreError, Journal | Bus> = Layer.effectContext(
  Effect.map(make, (cluster) => Context.make(Cluster, cluster).pipe(Context.add(OtherServers, cluster.others)))
).pipe(Layer.provide(LogLimit.layer))
