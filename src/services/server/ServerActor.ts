/**
 * Knows who is connected here and routes: requests of users to the PersistenceActor, and what it committed to
 * everyone whom it concerns.
 */
import {
  type Cause,
  Clock,
  Context,
  Deferred,
  Effect,
  Exit,
  Fiber,
  HashMap,
  Layer,
  Queue,
  Ref,
  type Stream
} from "effect"
import * as CloseCode from "../../domain/CloseCode.ts"
import * as Errors from "../../domain/Errors.ts"
import type { ChatError } from "../../domain/Errors.ts"
import type { ClientId, UserId } from "../../domain/Ids.ts"
import type { MessageAccepted } from "../../domain/ServerFrame.ts"
import { refuse as refuseInGroup } from "../group/GroupMessage.ts"
import { Groups } from "../group/Groups.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { inTime } from "../kernel/inTime.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import { drain, offer } from "../kernel/Mailbox.ts"
import { Quotas } from "../limits/Quotas.ts"
import { appendOf } from "../persistence/Appends.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Presence } from "../presence/Presence.ts"
import { Typing } from "../presence/Typing.ts"
import { type Registry, sessionsIn } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"
import { Registered } from "../session/UserMessage.ts"
import { Settings } from "../Settings.ts"
import { LogClock } from "../storage/LogClock.ts"
import { stopMillis } from "../storage/storeBounds.ts"
import { type ChatEvent, ChatEvents } from "./ChatEvents.ts"
import { makeDeliveries } from "./Deliveries.ts"
import { NewsLine } from "./News.ts"
import { saidByApp, type SendOptions } from "./saidByApp.ts"
import type { ServerMessage } from "./ServerMessage.ts"
import { makeTypingRoutes } from "./TypingRoutes.ts"

export type { Registry, SendOptions }

/** Senders wait beyond this many messages; their sockets are paused then. */
const mailboxCapacity = 8_192

/** Nobody is there any more who would carry it out; whoever waits for an answer has one. */
const refuse = (message: ServerMessage): void => {
  const error = () => Errors.unavailable("The server is stopping; send it again with the same id.", 1_000)
  switch (message._tag) {
    case "UserChat":
      message.requester.settled()
      message.requester.rejected(message.command.id, error())
      return message.requester.flush()
    case "Group":
      return refuseInGroup(message.message, error())
    case "Kick":
      return message.done(Exit.succeed(0))
    case "Flush":
      return message.done()
    case "RegisterUser":
    case "UnregisterUser":
    case "Typing":
  }
}

export class ServerActor extends Context.Service<ServerActor, {
  /** Sends `RegisterUser`; the user's mailbox gets `Registered` once what is committed is delivered to it too (P5). */
  register(ref: Session): Effect.Effect<void>
  /** Sends `UnregisterUser`. */
  unregister(ref: Session): Effect.Effect<void>
  /** Sends any message. There is something to wait for only while the mailbox is full. */
  tell(message: ServerMessage): Effect.Effect<void> | undefined
  /**
   * Says something in the name of `sender`, as a connected client would; in a group, `sender` has to be a member. Succeeds after the commit (P1); fails with a
   * `ChatError` whose `code` and `temporary` say whether trying again with the same `id` helps.
   */
  send(options: SendOptions): Effect.Effect<MessageAccepted, ChatError>
  /** Ends the connections of those who match with 4503, at once. Returns how many there were. */
  kick(matches: (ref: Session) => boolean): Effect.Effect<number>
  /** Who is connected to this server. */
  readonly registry: Effect.Effect<Registry>
  /** How many connections there are. */
  readonly connections: Effect.Effect<number>
  /** What happens, from now on. Slow listeners lose the oldest events. */
  readonly events: Stream.Stream<ChatEvent>
  /** Returns once everything told before has been committed and handed to the mailboxes of those it concerns. */
  readonly flush: Effect.Effect<void>
}>()("switchboard/services/server/ServerActor") {
  static readonly layer = Layer.effect(
    ServerActor,
    Effect.gen(function*() {
      const persistence = yield* PersistenceActor
      const ids = yield* IdGenerator
      const events = yield* ChatEvents
      const clock = yield* Clock.Clock
      const logClock = yield* LogClock
      const { maxTextBytes } = yield* Settings
      const groups = yield* Groups
      const { broken, vital } = yield* Lifeline
      const presence = yield* Presence
      const quotas = yield* Quotas
      const typing = yield* Typing
      const registry = yield* Ref.make<Registry>(HashMap.empty())
      const mailbox = yield* Queue.bounded<ServerMessage, Cause.Done>(mailboxCapacity)

      const connected = (): Registry => Ref.getUnsafe(registry)
      const allSessions = () => Array.from(HashMap.values(connected())).flat()

      const setSessions = (user: UserId, sessions: ReadonlyArray<Session>) =>
        Ref.update(
          registry,
          (users) => sessions.length === 0 ? HashMap.remove(users, user) : HashMap.set(users, user, sessions)
        )

      const announce = (_tag: "Connected" | "Disconnected", { device, session, user }: Session) =>
        events.publish(() => ({ _tag, user, device, session }))

      const registerUser = Effect.fnUntraced(function*(ref: Session) {
        const others = sessionsIn(connected(), ref.user)
        const replaced = ref.named ? others.filter((other) => other.named && other.device === ref.device) : []
        for (const other of replaced) other.tell({ _tag: "Close", code: CloseCode.Replaced })
        yield* setSessions(ref.user, [...others.filter((other) => !replaced.includes(other)), ref])
        presence.connected(ref)
        ref.tell(Registered)
        announce("Connected", ref)
      })

      const unregisterUser = Effect.fnUntraced(function*(ref: Session) {
        const sessions = sessionsIn(connected(), ref.user)
        presence.disconnected(ref)
        typing.disconnected(ref)
        if (sessions.includes(ref)) yield* setSessions(ref.user, sessions.filter((other) => other !== ref))
        announce("Disconnected", ref)
      })

      const showTyping = makeTypingRoutes({ registry: connected, groups, typing })

      const flushGroups = Effect.gen(function*() {
        const flushed = yield* Deferred.make<void>()
        groups.flush(() => Deferred.doneUnsafe(flushed, Effect.void))
        yield* Deferred.await(flushed)
      })

      const handOn = (done: () => void) => Effect.andThen(flushGroups, persistence.flush(done))

      const closeNow = (matches: (ref: Session) => boolean) =>
        Effect.sync(() => {
          const matching = allSessions().filter(matches)
          for (const ref of matching) ref.closeNow(CloseCode.Kicked)
          return matching.length
        })

      const handleOne = (message: ServerMessage): Effect.Effect<void> | undefined => {
        switch (message._tag) {
          case "RegisterUser":
            return registerUser(message.ref)
          case "UnregisterUser":
            return unregisterUser(message.ref)
          case "UserChat": {
            const at = logClock.stamp()
            const { byApp, command, conversation, requester, recipient, sender } = message
            const append = appendOf(command, conversation, sender, ids.messageId(at), at)
            const mayNotBegin = byApp === true || sender === recipient ? undefined : quotas.mayBegin(sender)
            return persistence.append({
              append: mayNotBegin === undefined ? append : { ...append, mayNotBegin },
              requester,
              audience: sender === recipient ? [sender] : [recipient, sender]
            })
          }
          case "Group":
            return groups.tell(message.group, message.message) ?? undefined
          case "Typing":
            return showTyping(message) ?? undefined
          case "Blocked":
            return void typing.blocked(message.by, message.user)
          case "Kick":
            return Effect.map(Effect.exit(closeNow(message.matches)), message.done)
          case "Flush":
            return handOn(message.done)
        }
      }

      const loop = yield* drain(mailbox, (batch, from) => {
        for (let i = from; i < batch.length; i++) {
          const effect = handleOne(batch[i]!)
          if (effect !== undefined) return { effect, next: i + 1 }
        }
        return undefined
      }).pipe((loop) => vital("ServerActor", loop), Effect.forkDetach)

      const deliver = makeDeliveries({
        line: yield* NewsLine,
        registry: connected,
        allSessions,
        publish: events.publish,
        groups,
        presence,
        quotas,
        typing
      })

      // Its own fiber, which waits for nobody: however full the mailbox is, what was committed gets out.
      yield* Queue.takeAll(persistence.outcomes).pipe(
        Effect.map(deliver),
        Effect.forever,
        (loop) => vital("Deliveries", loop),
        Effect.forkScoped
      )

      const tell = (message: ServerMessage) => offer(mailbox, message, refuse)
      const told = (message: ServerMessage) => tell(message) ?? Effect.void

      const flushed = Effect.fnUntraced(function*(flush: (done: () => void) => Effect.Effect<void>) {
        const done = yield* Deferred.make<void>()
        yield* flush(() => Deferred.doneUnsafe(done, Effect.void))
        yield* Deferred.await(done)
      })
      const flush = flushed((done) => told({ _tag: "Flush", done }))

      // Ended before the deliveries stop: what was told until then is still committed and answered (P10).
      yield* Effect.addFinalizer(() =>
        Effect.gen(function*() {
          yield* Queue.end(mailbox)
          yield* inTime(Fiber.await(loop), {
            millis: stopMillis,
            late: () => Effect.sync(() => loop.interruptUnsafe())
          })
          // Where the deliveries have died, nobody is told any more.
          yield* inTime(Effect.raceFirst(flushed(handOn), broken), { millis: stopMillis, late: () => Effect.void })
        })
      )

      const send = Effect.fn("ServerActor.send")(function*(options: SendOptions) {
        const answer = yield* Deferred.make<MessageAccepted, ChatError>()
        const requester = {
          accepted: (frame: MessageAccepted) => Deferred.doneUnsafe(answer, Effect.succeed(frame)),
          rejected: (_: string | undefined, error: ChatError) => Deferred.doneUnsafe(answer, Effect.fail(error)),
          settled: () => {},
          flush: () => {}
        }
        const id = ids.messageId(clock.currentTimeMillisUnsafe())
        yield* told(yield* saidByApp({ id: id as string as ClientId, ...options }, maxTextBytes, requester))
        return yield* Deferred.await(answer)
      })

      return ServerActor.of({
        register: (ref) => told({ _tag: "RegisterUser", ref }),
        unregister: (ref) => told({ _tag: "UnregisterUser", ref }),
        tell,
        kick: Effect.fnUntraced(function*(matches: (ref: Session) => boolean) {
          const kicked = yield* Deferred.make<number>()
          yield* told({ _tag: "Kick", matches, done: (count) => Deferred.doneUnsafe(kicked, count) })
          return yield* Deferred.await(kicked)
        }),
        send,
        registry: Ref.get(registry),
        connections: Effect.map(
          Ref.get(registry),
          (users) => HashMap.reduce(users, 0, (count, sessions) => count + sessions.length)
        ),
        events: events.stream,
        flush
      })
    })
  )
}
