/** The chat as one Layer: everything between a socket and the store. */
import { Layer } from "effect"
import { AuditLog } from "./access/AuditLog.ts"
import { BanList } from "./access/BanList.ts"
import { Connections } from "./admin/Connections.ts"
import { GroupAdmin } from "./admin/GroupAdmin.ts"
import { MessageAdmin } from "./admin/MessageAdmin.ts"
import { Stats } from "./admin/Stats.ts"
import { Users } from "./admin/Users.ts"
import { Admission } from "./admission/Admission.ts"
import { Bans } from "./admission/Bans.ts"
import { Tickets } from "./admission/Tickets.ts"
import { LogSignals } from "./events/LogSignals.ts"
import { Groups } from "./group/Groups.ts"
import { GroupViews } from "./group/GroupViews.ts"
import * as ActorScheduler from "./kernel/ActorScheduler.ts"
import { IdGenerator } from "./kernel/IdGenerator.ts"
import { Lifeline } from "./kernel/Lifeline.ts"
import * as LogLimit from "./kernel/LogLimit.ts"
import { FrameLimits } from "./limits/FrameLimits.ts"
import { Quotas } from "./limits/Quotas.ts"
import { PersistenceActor } from "./persistence/PersistenceActor.ts"
import { LastSeen } from "./presence/LastSeen.ts"
import { Presence } from "./presence/Presence.ts"
import { Typing } from "./presence/Typing.ts"
import { Readiness } from "./Readiness.ts"
import { ChatEvents } from "./server/ChatEvents.ts"
import { Erasures } from "./server/Erasures.ts"
import { ServerActor } from "./server/ServerActor.ts"
import { BoundedStore } from "./storage/BoundedStore.ts"
import { LogClock } from "./storage/LogClock.ts"
import { PersonalData } from "./storage/PersonalData.ts"
import { StoreHealth } from "./storage/StoreHealth.ts"
import { Metrics } from "./telemetry/Metrics.ts"
import { BlockLists } from "./user/Blocks.ts"
import { Heartbeat } from "./user/Heartbeat.ts"
import { UserActors } from "./user/UserActors.ts"

/**
 * Needs a `MessageStore`, an `Authenticator` and `Settings`; each of them can be your own. What has a default and can be
 * provided too: `Authorization`, `AllowedOrigins`, `TrustedProxies`, `OtherServers`, `UserNames`, `MessageTraces`.
 */
export const layer = Layer.mergeAll(
  UserActors.layer,
  Admission.layer,
  Erasures.layer,
  GroupAdmin.layer,
  MessageAdmin.layer,
  Users.layer,
  Stats.layer
).pipe(
  Layer.provide(PersonalData.layer),
  Layer.provideMerge(Layer.mergeAll(Bans.layer, Connections.layer)),
  Layer.provideMerge(ServerActor.layer),
  Layer.provideMerge(Layer.mergeAll(Groups.layer, GroupViews.layer, Typing.layer)),
  Layer.provideMerge(Presence.layer),
  Layer.provideMerge(Layer.mergeAll(LastSeen.layer, Heartbeat.layer, Readiness.layer, Tickets.layer)),
  Layer.provideMerge(PersistenceActor.layer),
  Layer.provideMerge(
    Layer.mergeAll(
      IdGenerator.layer,
      ChatEvents.layer,
      LogSignals.layer,
      AuditLog.layer,
      BanList.layer,
      FrameLimits.layer,
      Quotas.layer
    )
  ),
  Layer.provideMerge(BlockLists.layer),
  Layer.provideMerge(LogClock.layer),
  // Whatever store it is, and however it behaves.
  Layer.provide(BoundedStore.layer),
  Layer.provideMerge(Layer.mergeAll(StoreHealth.layer, Lifeline.layer)),
  Layer.provideMerge(Layer.mergeAll(ActorScheduler.layer, LogLimit.layer, Metrics.layer))
)
