/**
 * Knows who is connected here and routes: requests of users to the PersistenceActor, and what it committed to
 * everyone whom it concerns.
 */
import {
  type Cause,
  Clock,
  Context,
  Effect,
  Exit,
  Fiber,
  FiberSet,
  HashMap,
  Layer,
  Option,
  Queue,
  Ref,
  Schedule,
  type Stream
} from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import { type ClientId, system } from "../../domain/Ids.ts"
import type { MessageAccepted } from "../../domain/ServerFrame.ts"
import { Cluster, type ClusterStatus } from "../cluster/Cluster.ts"
import { LogSignals } from "../events/LogSignals.ts"
import { refuse as refuseInGroup } from "../group/GroupMessage.ts"
import { Groups } from "../group/Groups.ts"
import { GroupViews } from "../group/GroupViews.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { inTime } from "../kernel/inTime.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import { ask, drainEach, type Handled, offer } from "../kernel/Mailbox.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { Quotas } from "../limits/Quotas.ts"
import { appendOf } from "../persistence/Appends.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Presence } from "../presence/Presence.ts"
import { Typing } from "../presence/Typing.ts"
import { askToKeep } from "../session/Requester.ts"
import { traced } from "../session/TracedRequester.ts"
import { Settings } from "../Settings.ts"
import { Journal } from "../storage/Journal.ts"
import { LogClock } from "../storage/LogClock.ts"
import { stopMillis } from "../storage/storeBounds.ts"
import { MessageTraces, traceWithin } from "../telemetry/MessageTraces.ts"
import { type BusFigures, CurrentMeters } from "../telemetry/Meters.ts"
import { Attendances } from "./Attendances.ts"
import { type ChatEvent, ChatEvents } from "./ChatEvents.ts"
import { Deliveries } from "./Deliveries.ts"
import { NewsLine } from "./News.ts"
import { Registrations } from "./Registrations.ts"
import { Router } from "./Router.ts"
import { saidByApp, type SendOptions } from "./saidByApp.ts"
import type { ServerMessage } from "./ServerMessage.ts"
import { makeTypingElsewhere, makeTypingRoutes } from "./TypingRoutes.ts"

export type { SendOptions }

/** Senders wait beyond this many messages; their sockets are paused then. */
const mailboxCapacity = 8_192

/** How soon a note is tried again. */
const againAfter = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])

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
    ServerActor | Router,
    never,
    | ChatEvents
    | Groups
    | GroupViews
    | IdGenerator
    | Lifeline
    | LogClock
    | LogSignals
    | PersistenceActor
    | Presence
    | Quotas
    | Settings
    | Typing
  > = Layer.effectContext(
    Effect.gen(function*() {
      const events = yield* ChatEvents
      const groups = yield* Groups
      const { broken, vital } = yield* Lifeline
      const { maxTextBytes } = yield* Settings
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

      const meters = yield* CurrentMeters
      const { gauges } = meters
      gauges.usersOnline = () => HashMap.size(registrations.connected)
      gauges.mailboxes.ServerActor = () => Queue.sizeUnsafe(mailbox)
      if (cluster !== undefined) gauges.bus = Effect.map(cluster.status, busFigures)

      const deliveries = new Deliveries({
        line: yield* NewsLine,
        signals: yield* LogSignals,
        registrations,
        publish: events.publish,
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
      }) ?? Effect.void

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
          const id = ids.messageId(yield* Clock.currentTimeMillis) as string as ClientId
          const { command, message } = yield* saidByApp({ id, ...options }, maxTextBytes)
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
      return Context.make(ServerActor, server).pipe(Context.add(Router, router))
    })
  )
}

const busFigures = ({ bus: { gaps, healthy }, nodes }: ClusterStatus): BusFigures => ({
  isUp: healthy,
  gaps,
  nodes: nodes.length + 1
})

/** Everything told before goes through the groups, then through the PersistenceActor. */
const handOn = (groups: Groups["Service"], persistence: PersistenceActor["Service"], done: () => void) =>
  Effect.andThen(
    ask((answer) => groups.flush(() => answer(Effect.void))),
    persistence.flush(done)
  )

const makeHandler = Effect.fnUntraced(function*(registrations: Registrations) {
  const groups = yield* Groups
  const ids = yield* IdGenerator
  const logClock = yield* LogClock
  const persistence = yield* PersistenceActor
  const quotas = yield* Quotas
  const run = yield* FiberSet.makeRuntime<never>()
  const typing = yield* Typing
  const showTyping = makeTypingRoutes({
    registry: () => registrations.connected,
    groups,
    typing,
    cluster: yield* Cluster
  })

  const say = (message: Extract<ServerMessage, { readonly _tag: "UserChat" }>): Handled => {
    const at = logClock.stamp()
    const { byApp, command, conversation, readAt, recipient, requester, sender } = message
    const append = appendOf(command, conversation, sender, ids.messageId(at), at)
    const mayNotBegin = byApp === true || sender === recipient ? undefined : quotas.mayBegin(sender)
    return persistence.append({
      append: mayNotBegin === undefined ? append : { ...append, mayNotBegin },
      readAt,
      requester,
      // The operator is neither of the two.
      audience: sender === system
        ? Conversation.usersOf(conversation)
        : sender === recipient
        ? [sender]
        : [recipient, sender]
    })
  }

  return (message: ServerMessage): Handled => {
    switch (message._tag) {
      case "RegisterUser":
        return registrations.register(message.ref)
      case "UnregisterUser":
        return registrations.unregister(message.ref)
      case "UserChat":
        return say(message)
      case "Group":
        return groups.tell(message.group, message.message)
      case "Typing":
        return showTyping(message)
      case "Blocked": {
        const { by, on, user } = message
        // The store has the block: others have to hear of it, however often they cannot be told.
        run(Effect.ignore(Effect.retry(persistence.note({ _tag: "Blocked", user: by, other: user, on }), againAfter)))
        return on ? typing.blocked(by, user) : undefined
      }
      case "Kick":
        return Effect.map(Effect.exit(Effect.sync(() => registrations.kick(message.matches))), message.done)
      case "Flush":
        return handOn(groups, persistence, message.done)
    }
  }
})

/** Nobody is there any more who would carry it out; whoever waits for an answer has one. */
const refuse = (message: ServerMessage): void => {
  switch (message._tag) {
    case "UserChat":
      message.requester.settled()
      message.requester.rejected(message.command.id, Errors.stopping())
      return message.requester.flush()
    case "Group":
      return refuseInGroup(message.message, Errors.stopping())
    case "Kick":
      return message.done(Exit.succeed(0))
    case "Flush":
      return message.done()
    case "RegisterUser":
    case "UnregisterUser":
    case "Typing":
  }
}
