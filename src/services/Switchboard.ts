/** The chat as one Layer: everything between a socket and the store. */
import { Layer } from "effect"
import { AuditLog } from "./access/AuditLog.ts"
import { BanList } from "./access/BanList.ts"
import { Connections } from "./admin/Connections.ts"
import { GroupAdmin } from "./admin/GroupAdmin.ts"
import { InviteAdmin } from "./admin/InviteAdmin.ts"
import { MessageAdmin } from "./admin/MessageAdmin.ts"
import { ReportAdmin } from "./admin/ReportAdmin.ts"
import { SearchAdmin } from "./admin/SearchAdmin.ts"
import { Stats } from "./admin/Stats.ts"
import { Users } from "./admin/Users.ts"
import { Admission } from "./admission/Admission.ts"
import { Bans } from "./admission/Bans.ts"
import { Tickets } from "./admission/Tickets.ts"
import { LogSignals } from "./events/LogSignals.ts"
import { FileLinks } from "./files/FileLinks.ts"
import { Files } from "./files/Files.ts"
import { ShownPeople } from "./files/ShownPeople.ts"
import { Groups } from "./group/Groups.ts"
import { GroupViews } from "./group/GroupViews.ts"
import { Joins } from "./group/Joins.ts"
import * as ActorScheduler from "./kernel/ActorScheduler.ts"
import { IdGenerator } from "./kernel/IdGenerator.ts"
import { Lifeline } from "./kernel/Lifeline.ts"
import * as LogLimit from "./kernel/LogLimit.ts"
import { FrameLimits } from "./limits/FrameLimits.ts"
import { Quotas } from "./limits/Quotas.ts"
import { ProfileNews } from "./people/ProfileNews.ts"
import { Profiles } from "./people/Profiles.ts"
import { PersistenceActor } from "./persistence/PersistenceActor.ts"
import { PersonalData } from "./personal/PersonalData.ts"
import { OwnChanges } from "./preferences/OwnChanges.ts"
import { LastSeen } from "./presence/LastSeen.ts"
import { Presence } from "./presence/Presence.ts"
import { Typing } from "./presence/Typing.ts"
import { Push } from "./push/Push.ts"
import { Readiness } from "./Readiness.ts"
import * as Requests from "./requests/Requests.ts"
import { Searches } from "./search/Searches.ts"
import { ChatEvents } from "./server/ChatEvents.ts"
import { Erasures } from "./server/Erasures.ts"
import { ServerActor } from "./server/ServerActor.ts"
import { BoundedStore } from "./storage/BoundedStore.ts"
import { LogClock } from "./storage/LogClock.ts"
import { SearchFill } from "./storage/SearchFill.ts"
import { StoreHealth } from "./storage/StoreHealth.ts"
import { Metrics } from "./telemetry/Metrics.ts"
import { BlockLists } from "./user/Blocks.ts"
import { Heartbeat } from "./user/Heartbeat.ts"
import { UserActors } from "./user/UserActors.ts"

/** All of it but what it runs on, which a simulation has of its own. */
export const layerWithoutMachinery = Layer.mergeAll(
  UserActors.layer,
  Admission.layer,
  Erasures.layer,
  Layer.provideMerge(InviteAdmin.layer, GroupAdmin.layer),
  ReportAdmin.layer,
  MessageAdmin.layer,
  SearchAdmin.layer,
  Users.layer,
  Stats.layer,
  Files.layer,
  SearchFill.layer
).pipe(
  Layer.provide(Layer.mergeAll(PersonalData.layer, Requests.layer, Joins.layer)),
  Layer.provideMerge(Profiles.layer),
  Layer.provide(ProfileNews.layer),
  Layer.provideMerge(Layer.mergeAll(Bans.layer, Connections.layer)),
  Layer.provideMerge(ServerActor.layer),
  Layer.provideMerge(Layer.mergeAll(Groups.layer, GroupViews.layer, Typing.layer)),
  Layer.provideMerge(ShownPeople.layer),
  Layer.provideMerge(Presence.layer),
  Layer.provideMerge(Layer.mergeAll(LastSeen.layer, Heartbeat.layer, Readiness.layer, Tickets.layer)),
  Layer.provideMerge(Layer.mergeAll(OwnChanges.layer, Push.layer)),
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
  Layer.provideMerge(Layer.mergeAll(BlockLists.layer, Searches.layer)),
  // Whoever shows entries asks for it, searches as well.
  Layer.provideMerge(FileLinks.layer),
  Layer.provideMerge(LogClock.layer),
  // Whatever store it is, and however it behaves.
  Layer.provide(BoundedStore.layer),
  Layer.provideMerge(Layer.mergeAll(StoreHealth.layer, Lifeline.layer))
)

/**
 * Needs a `MessageStore`, an `Authenticator` and `Settings`; each of them can be your own. What has a default and can be
 * provided too: `Authorization`, `AllowedOrigins`, `TrustedProxies`, `OtherServers`, `UserNames`, `MessageTraces`,
 * `PeopleDirectory`.
 */
export const layer = Layer.provideMerge(
  layerWithoutMachinery,
  Layer.mergeAll(ActorScheduler.layer, LogLimit.layer, Metrics.layer)
)
