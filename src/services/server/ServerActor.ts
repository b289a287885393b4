/**
 * Knows who is connected here and routes: requests of users to the PersistenceActor, and what it committed to
 * everyone whom it concerns.
 */
import {
  type Cause,
  Clock,
  Context,
  Effect,
  Fiber,
  FiberSet,
  HashMap,
  Layer,
  Option,
  Queue,
  Ref,
  type Stream
} from "effect"
import type { ChatError } from "../../domain/Errors.ts"
import type { ClientId } from "../../domain/Ids.ts"
import type { MessageAccepted } from "../../domain/ServerFrame.ts"
import { Cluster } from "../cluster/Cluster.ts"
import { LogSignals } from "../events/LogSignals.ts"
import { signing } from "../files/signing.ts"
import { Groups } from "../group/Groups.ts"
import { GroupViews } from "../group/GroupViews.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { inTime } from "../kernel/inTime.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import { ask, drainEach, offer } from "../kernel/Mailbox.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { Quotas } from "../limits/Quotas.ts"
import { dataCheck } from "../MessageDataSchema.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { OwnChanges } from "../preferences/OwnChanges.ts"
import { Presence } from "../presence/Presence.ts"
import { Typing } from "../presence/Typing.ts"
import { Push } from "../push/Push.ts"
import { Here } from "../session/Here.ts"
import { askToKeep } from "../session/Requester.ts"
import { traced } from "../session/TracedRequester.ts"
import { Settings } from "../Settings.ts"
import { Journal } from "../storage/Journal.ts"
import { LogClock } from "../storage/LogClock.ts"
import { stopMillis } from "../storage/storeBounds.ts"
import { MessageTraces, traceWithin } from "../telemetry/MessageTraces.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { Attendances } from "./Attendances.ts"
import { busFigures } from "./busFigures.ts"
import { type ChatEvent, ChatEvents } from "./ChatEvents.ts"
import { Deliveries } from "./Deliveries.ts"
import { handOn, makeHandler, refuse } from "./handling.ts"
import { NewsLine } from "./News.ts"
import { Registrations } from "./Registrations.ts"
import { Router } from "./Router.ts"
import { saidByApp, type SendOptions } from "./saidByApp.ts"
import type { ServerMessage } from "./ServerMessage.ts"
import { makeTypingElsewhere } from "./TypingRoutes.ts"

export type { SendOptions }

/** Senders wait beyond this many messages; their sockets are paused then. */
const mailboxCapacity = 8_192

/** What an app that embeds the server asks of it. */
export class ServerActor extends Context.Service<ServerActor, {
  /**
   * Says something in the name of `sender`, as a connected client would; in a group, `sender` has to be a member.
   * Succeeds after the commit (P1); fails with a `ChatError` whose `code` and `temporary` say whether trying again with
   * the same `id` helps.
   */
  send(options: SendOptions): Effect.Effect<MessageAccepted, ChatError>
  /** How many connections there are. */
  readonly connections: Effect.Effect<number>
  /** What happens, from now on. Slow listeners lose the oldest events. */
  readonly events: Stream.Stream<ChatEvent>
  /** Returns once everything told before has been committed and handed to the mailboxes of those it concerns. */
  readonly flush: Effect.Effect<void>
}>()("switchboard/services/server/ServerActor") {
  static readonly layer: Layer.Layer<
    ServerActor | Router | Here,
    never,
    | ChatEvents
    | Groups
    | GroupViews
    | IdGenerator
    | Lifeline
    | LogClock
    | LogSignals
    | OwnChanges
    | PersistenceActor
    | Presence
    | Push
    | Quotas
    | Settings
    | Typing
  > = Layer.effectContext(
    Effect.gen(function*() {
      const events = yield* ChatEvents
      const groups = yield* Groups
      const { broken, vital, vitalCalls } = yield* Lifeline
      const rules = { maxTextBytes: (yield* Settings).maxTextBytes, dataCheck: yield* dataCheck }
      const ids = yield* IdGenerator
      const presence = yield* Presence
      const typing = yield* Typing
      const cluster = yield* Cluster
      const traces = yield* MessageTraces
      const journal = Option.getOrUndefined(yield* Effect.serviceOption(Journal))
      const run = yield* FiberSet.makeRuntime<never>()
      const registrations = new Registrations({
        presence,
        typing,
        publish: events.publish,
        attendances: cluster === undefined || journal === undefined
          ? undefined
          : (sessionsOf) => new Attendances({ cluster, journal, sessionsOf, run })
      })
      const mailbox = yield* Queue.bounded<ServerMessage, Cause.Done>(mailboxCapacity)
      const handleOne = yield* makeHandler(registrations)
      const loop = yield* drainEach(mailbox, handleOne).pipe(
        (loop) => vital("ServerActor", loop),
        Effect.forkDetach
      )
      ;(yield* OwnChanges).connect(() => registrations.connected)
      const meters = yield* CurrentMeters
      const { gauges } = meters
      gauges.usersOnline = () => HashMap.size(registrations.connected)
      gauges.mailboxes.ServerActor = () => Queue.sizeUnsafe(mailbox)
      if (cluster !== undefined) gauges.bus = Effect.map(cluster.status, busFigures)

      const deliveries = new Deliveries({
        line: yield* NewsLine,
        signals: yield* LogSignals,
        push: (yield* Push).accepted,
        registrations,
        publish: events.publish,
        sign: yield* signing,
        groups,
        presence,
        quotas: yield* Quotas,
        typing,
        views: yield* GroupViews,
        cluster,
        traces,
        meters,
        now: yield* Monotonic.now
      })
      const persistence = yield* PersistenceActor
      // Its own fiber, which waits for nobody: however full the mailbox is, what was committed gets out.
      yield* Queue.takeAll(persistence.outcomes).pipe(
        Effect.map((outcomes) => deliveries.deliver(outcomes)),
        Effect.forever,
        (loop) => vital("Deliveries", loop),
        Effect.forkScoped
      )

      cluster?.onNote((note) => {
        if (note._tag !== "Blocked") return
        if (note.on) typing.blocked(note.user, note.other)
        presence.recheckPair(note.user, note.other)
      })
      yield* cluster?.follow({
        ...deliveries.listener,
        typing: makeTypingElsewhere({ registry: () => registrations.connected, typing })
      }, vitalCalls("Deliveries")) ?? Effect.void

      // Ended before the deliveries stop: what was told until then is still committed and answered (P10).
      yield* Effect.addFinalizer(() =>
        Effect.gen(function*() {
          yield* Queue.end(mailbox)
          yield* inTime(Fiber.await(loop), {
            millis: stopMillis,
            late: () => Effect.sync(() => loop.interruptUnsafe())
          })
          // Where the deliveries have died, nobody is told any more.
          const handedOn = ask((answer) => handOn(groups, persistence, () => answer(Effect.void)))
          yield* inTime(Effect.raceFirst(handedOn, broken), { millis: stopMillis, late: () => Effect.void })
        })
      )

      const tellUnsafe = (message: ServerMessage) => offer(mailbox, message, refuse)
      const tell = (message: ServerMessage) => Effect.suspend(() => tellUnsafe(message) ?? Effect.void)

      const server = ServerActor.of({
        send: Effect.fn("ServerActor.send")(function*(options: SendOptions) {
          // What names a message is good for an id of a client.
          const id = ids.messageId(yield* Clock.currentTimeMillis) as string as ClientId
          const { command, message } = yield* saidByApp({ id, ...options }, rules)
          // The app's own span goes on with it.
          const trace = yield* traceWithin(traces, options.sender, command)
          return yield* askToKeep((requester) => tellUnsafe(message(traced(requester, trace))))
        }),
        connections: Effect.sync(() => registrations.sessions.length),
        events: events.stream,
        flush: ask((answer) => tellUnsafe({ _tag: "Flush", done: () => answer(Effect.void) }))
      })
      const router = Router.of({
        register: (ref) => tell({ _tag: "RegisterUser", ref }),
        unregister: (ref) => tell({ _tag: "UnregisterUser", ref }),
        tellUnsafe,
        kick: (matches) => ask((answer) => tellUnsafe({ _tag: "Kick", matches, done: answer })),
        registry: Ref.get(registrations.registry),
        accepted: Effect.sync(() => deliveries.accepted)
      })
      return Context.make(ServerActor, server).pipe(Context.add(Router, router), Context.add(Here, router))
    })
  )
}
