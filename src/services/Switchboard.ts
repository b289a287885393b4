/** The chat as one Layer: everything between a socket and the store. */
import { Layer } from "effect"
import { Admission } from "./access/Admission.ts"
import { BanList } from "./access/BanList.ts"
import { Bans } from "./access/Bans.ts"
import { Tickets } from "./access/Tickets.ts"
import * as ActorScheduler from "./ActorScheduler.ts"
import { AuditLog } from "./AuditLog.ts"
import { BlockLists } from "./Blocks.ts"
import { ChatEvents } from "./ChatEvents.ts"
import { Erasures } from "./Erasures.ts"
import { Groups } from "./Groups.ts"
import { Heartbeat } from "./Heartbeat.ts"
import { IdGenerator } from "./IdGenerator.ts"
import { LastSeen } from "./LastSeen.ts"
import { Lifeline } from "./Lifeline.ts"
import { FrameLimits } from "./limits/FrameLimits.ts"
import { Quotas } from "./limits/Quotas.ts"
import { LogClock } from "./LogClock.ts"
import { PersistenceActor } from "./PersistenceActor.ts"
import { Presence } from "./Presence.ts"
import { Readiness } from "./Readiness.ts"
import { ServerActor } from "./ServerActor.ts"
import { BoundedStore } from "./storage/BoundedStore.ts"
import { StoreHealth } from "./StoreHealth.ts"
import { Typing } from "./Typing.ts"
import { UserActor } from "./UserActor.ts"

/**
 * Needs a `MessageStore`, an `Authenticator` and `Settings`; each of them can be your own. What has a default and can be
 * provided too: `Authorization`, `AllowedOrigins`, `TrustedProxies`, `UserNames`.
 */
export const layer = Layer.mergeAll(UserActor.layer, Admission.layer, Bans.layer, Erasures.layer).pipe(
  Layer.provideMerge(ServerActor.layer),
  Layer.provideMerge(Layer.mergeAll(Groups.layer, Typing.layer)),
  Layer.provideMerge(Presence.layer),
  Layer.provideMerge(Layer.mergeAll(LastSeen.layer, Heartbeat.layer, Readiness.layer, Tickets.layer)),
  Layer.provideMerge(PersistenceActor.layer),
  Layer.provideMerge(
    Layer.mergeAll(IdGenerator.layer, ChatEvents.layer, AuditLog.layer, BanList.layer, FrameLimits.layer, Quotas.layer)
  ),
  Layer.provideMerge(BlockLists.layer),
  Layer.provideMerge(LogClock.layer),
  // Whatever store it is, and however it behaves.
  Layer.provide(BoundedStore.layer),
  Layer.provideMerge(Layer.mergeAll(StoreHealth.layer, Lifeline.layer)),
  Layer.provideMerge(ActorScheduler.layer)
)
