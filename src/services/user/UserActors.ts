/** One actor per connection. It turns its client's frames into requests, and writes what others deliver. */
import { Clock, Context, Effect, Layer, Option, Semaphore } from "effect"
import { Authenticator } from "../access/Authenticator.ts"
import { Authorization } from "../access/Authorization.ts"
import { BanList } from "../access/BanList.ts"
import { ShownPeople } from "../files/ShownPeople.ts"
import { signedReads, signing } from "../files/signing.ts"
import { Joins } from "../group/Joins.ts"
import * as ActorScheduler from "../kernel/ActorScheduler.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import { IdleActors } from "../kernel/IdleActor.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { FrameLimits } from "../limits/FrameLimits.ts"
import { makePace } from "../limits/pace.ts"
import { dataCheck } from "../MessageDataSchema.ts"
import { Profiles } from "../people/Profiles.ts"
import { PeopleDirectory } from "../PeopleDirectory.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Presence } from "../presence/Presence.ts"
import { Push } from "../push/Push.ts"
import { Searches } from "../search/Searches.ts"
import { Router } from "../server/Router.ts"
import { Requests } from "../session/Requests.ts"
import type { Session } from "../session/Session.ts"
import { Settings } from "../Settings.ts"
import { Directory } from "../storage/Directory.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { MessageTraces } from "../telemetry/MessageTraces.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { BlockLists } from "./Blocks.ts"
import type { Backlog } from "./CatchUp.ts"
import { ConnectedUser, type House, type RunOptions } from "./ConnectedUser.ts"
import { Heartbeat } from "./Heartbeat.ts"
import type { UserServices } from "./UserActor.ts"

/** However many come back at once, commits and questions have lines to the store, too. */
const backlogReads = 4

/**
 * Looks at a user's conversations after the first one of each connection: on SQLite a thousand conversations and a
 * millisecond of everybody's time. Five devices of somebody with a hundred thousand look at all of them at once.
 */
const looks = { perSecond: 25, burst: 500 }

const backlogOf = Effect.fnUntraced(function*(store: MessageStore["Service"]): Effect.fn.Return<Backlog> {
  const reads = yield* Semaphore.make(backlogReads)
  const pace = yield* makePace(looks)
  return {
    behind: (options) => reads.withPermit(store.behind(options)),
    history: (options) => reads.withPermit(store.history(options)),
    membership: (conversation, user) => reads.withPermit(store.membership(conversation, user)),
    turn: (user) => Effect.andThen(ActorScheduler.nextTurn, pace(user))
  }
})

const sumOf = <A>(all: Iterable<A>, of: (one: A) => number): number => {
  let sum = 0
  for (const one of all) sum += of(one)
  return sum
}

/** Messages of any kind; the bound in bytes (P6) is met long before. */
const mailboxCapacity = 16_384

const userServices = Effect.gen(function*() {
  const asked = yield* MessageStore
  const store = { ...asked, ...signedReads(asked, yield* signing) }
  const services: UserServices = {
    router: yield* Router,
    settings: yield* Settings,
    store,
    backlog: yield* backlogOf(store),
    authenticator: yield* Authenticator,
    bans: yield* BanList,
    policy: yield* Authorization,
    presence: yield* Presence,
    searches: yield* Searches,
    requests: yield* Requests,
    joins: yield* Joins,
    push: (yield* Push).service !== undefined,
    people: yield* ShownPeople,
    directory: Option.isSome(yield* Effect.serviceOption(Directory)) ? yield* PeopleDirectory : "off",
    traces: yield* MessageTraces,
    dataCheck: yield* dataCheck
  }
  return services
})

export class UserActors extends Context.Service<UserActors, {
  /**
   * Lives as long as the connection. However it ends, by the client, by interruption or by a defect, the user is
   * unregistered, the socket closed and nothing left behind (P7).
   */
  run(options: RunOptions): Effect.Effect<void>
  /** All connections that there are, also those that are not registered yet. */
  readonly sessions: Effect.Effect<ReadonlyArray<Session>>
}>()("switchboard/services/user/UserActors") {
  static readonly layer = Layer.effect(
    UserActors,
    Effect.gen(function*() {
      const ids = yield* IdGenerator
      const clock = yield* Clock.Clock
      const persistence = yield* PersistenceActor
      const services = yield* userServices
      const meters = yield* CurrentMeters
      const all = new Set<ConnectedUser>()
      const house: House = {
        actors: yield* IdleActors.make(mailboxCapacity),
        all,
        blockLists: yield* BlockLists,
        heartbeat: yield* Heartbeat,
        limits: yield* FrameLimits,
        profiles: yield* Profiles,
        ref: {
          maxOutboundBytes: services.settings.maxOutboundBytes,
          now: Monotonic.nowOf(clock),
          enqueueCursors: persistence.enqueueCursors,
          settleCursors: persistence.settle,
          meters,
          traces: services.traces
        },
        services,
        date: () => clock.currentTimeMillisUnsafe()
      }
      meters.gauges.connections = () => all.size
      meters.gauges.outboundBytes = () => sumOf(all, ({ ref }) => ref.connection.buffered())
      meters.gauges.mailboxes.UserActors = () => sumOf(all, ({ waiting }) => waiting)

      // All that waits for its end is this fiber with one callback, and it is a good part of what an idle connection keeps.
      const run = (options: RunOptions) =>
        Effect.callback<void>((resume) => {
          const user = new ConnectedUser(options, ids.sessionId(), house, resume)
          return Effect.suspend(() => user.interrupted())
        })

      return UserActors.of({ run, sessions: Effect.sync(() => Array.from(all, ({ ref }) => ref)) })
    })
  )
}
