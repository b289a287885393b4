/**
 * One per connection: a scope, a mailbox and the fiber that drains it. It turns its client's frames into requests,
 * and writes what others deliver.
 */
import { type Cause, Clock, Context, Effect, Exit, Layer, Queue, Semaphore } from "effect"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { SessionId } from "../../domain/Ids.ts"
import { Authenticator, type Identity } from "../access/Authenticator.ts"
import { Authorization } from "../access/Authorization.ts"
import { BanList } from "../access/BanList.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { limited } from "../kernel/LogLimit.ts"
import { drain } from "../kernel/Mailbox.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { FrameLimits } from "../limits/FrameLimits.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Presence } from "../presence/Presence.ts"
import { Router } from "../server/Router.ts"
import type { Connection } from "../session/Connection.ts"
import type { Level } from "../session/Session.ts"
import type { UserMessage } from "../session/UserMessage.ts"
import { Settings } from "../Settings.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { MessageTraces } from "../telemetry/MessageTraces.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { BlockLists } from "./Blocks.ts"
import type { Backlog } from "./CatchUp.ts"
import { Heartbeat } from "./Heartbeat.ts"
import { UserActor, type UserServices } from "./UserActor.ts"
import { UserRef } from "./UserRef.ts"

/** However many come back at once, commits and questions have lines to the store, too. */
const backlogReads = 4

const fewAtOnce = (store: MessageStore["Service"]): Effect.Effect<Backlog> =>
  Effect.map(Semaphore.make(backlogReads), (reads) => ({
    behind: (options) => reads.withPermit(store.behind(options)),
    history: (options) => reads.withPermit(store.history(options)),
    membership: (conversation, user) => reads.withPermit(store.membership(conversation, user))
  }))

type Mailbox = Queue.Queue<UserMessage, Cause.Done>

const sumOf = <A>(all: Iterable<A>, of: (one: A) => number): number => {
  let sum = 0
  for (const one of all) sum += of(one)
  return sum
}

/** Messages of any kind; the bound in bytes (P6) is met long before. */
const mailboxCapacity = 16_384

export interface RunOptions {
  readonly identity: Identity
  readonly level: Level
  readonly connection: Connection
  /** The client's address as limits count it. */
  readonly address: string
  /** See `Origin`. */
  readonly order?: number | undefined
}

export class UserActors extends Context.Service<UserActors, {
  /**
   * Lives as long as the connection. However it ends, by the client, by interruption or by a defect, the user is
   * unregistered, the socket closed and nothing left behind (P7).
   */
  run(options: RunOptions): Effect.Effect<void>
}>()("switchboard/services/user/UserActors") {
  static readonly layer = Layer.effect(
    UserActors,
    Effect.gen(function*() {
      const heartbeat = yield* Heartbeat
      const ids = yield* IdGenerator
      const router = yield* Router
      const settings = yield* Settings
      const clock = yield* Clock.Clock
      const persistence = yield* PersistenceActor
      const store = yield* MessageStore
      const traces = yield* MessageTraces
      const services: UserServices = {
        router,
        settings,
        store,
        backlog: yield* fewAtOnce(store),
        authenticator: yield* Authenticator,
        bans: yield* BanList,
        policy: yield* Authorization,
        presence: yield* Presence,
        traces
      }
      const blockLists = yield* BlockLists
      const limits = yield* FrameLimits
      const now = Monotonic.nowOf(clock)
      const meters = yield* CurrentMeters
      const started = new Set<{ readonly mailbox: Mailbox; readonly ref: UserRef }>()
      meters.gauges.connections = () => started.size
      meters.gauges.outboundBytes = () => sumOf(started, ({ ref }) => ref.connection.buffered())
      meters.gauges.mailboxes.UserActors = () => sumOf(started, ({ mailbox }) => Queue.sizeUnsafe(mailbox))

      const start = Effect.fnUntraced(function*(options: RunOptions, session: SessionId) {
        const mailbox = yield* Queue.bounded<UserMessage, Cause.Done>(mailboxCapacity)
        const { address, connection, identity, level, order } = options
        const { actor, ref } = yield* Effect.acquireRelease(
          Effect.suspend(() => {
            const limit = limits.of(identity.user, address)
            const ref = new UserRef({
              ...identity,
              session,
              level,
              origin: { address, connectedAt: clock.currentTimeMillisUnsafe(), order },
              connection,
              mailbox,
              maxOutboundBytes: settings.maxOutboundBytes,
              now,
              enqueueCursors: persistence.enqueueCursors,
              limit,
              meters,
              traces
            })
            const actor = new UserActor(ref, services)
            // Before registration, so that the first frame is `welcome` whoever is talking already.
            if (level === "v1") actor.welcome(clock.currentTimeMillisUnsafe(), address)
            heartbeat.watch(ref)
            ref.blocks = blockLists.join(ref.user)
            const one = { actor, limit, mailbox, ref }
            started.add(one)
            return Effect.as(router.register(ref), one)
          }),
          (one) => {
            const { limit, ref } = one
            started.delete(one)
            heartbeat.forget(ref)
            blockLists.leave(ref.blocks)
            limit.ended()
            return router.unregister(ref)
          }
        )
        connection.listen(ref)
        return { actor, mailbox }
      })

      const stop = ({ connection, identity }: RunOptions, session: SessionId, exit: Exit.Exit<void>) => {
        if (Exit.isSuccess(exit)) return Effect.sync(() => connection.close(CloseCode.Normal))
        if (Exit.hasInterrupts(exit)) return Effect.sync(() => connection.close(CloseCode.GoingAway))
        connection.close(CloseCode.InternalError)
        return limited(
          "UserActor.defect",
          Effect.annotateLogs(Effect.logError("UserActor.defect", exit.cause), { user: identity.user, session })
        )
      }

      // Combinators, not generators: a suspended generator would be kept for as long as the connection lives.
      const live = (options: RunOptions, session: SessionId) =>
        Effect.flatMap(
          start(options, session),
          ({ actor, mailbox }) => drain(mailbox, (batch, from) => actor.handle(batch, from))
        )

      const run = (options: RunOptions) =>
        Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(ids.sessionId, (session) =>
            Effect.scoped(restore(live(options, session))).pipe(
              Effect.exit,
              Effect.flatMap((exit) => stop(options, session, exit))
            ))
        )

      return UserActors.of({ run })
    })
  )
}
