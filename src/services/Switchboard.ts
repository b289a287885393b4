/** The chat as one Layer: everything between a socket and the store. */
import { Layer } from "effect"
import * as ActorScheduler from "./ActorScheduler.ts"
import { ChatEvents } from "./ChatEvents.ts"
import { Heartbeat } from "./Heartbeat.ts"
import { IdGenerator } from "./IdGenerator.ts"
import { PersistenceActor } from "./PersistenceActor.ts"
import { Readiness } from "./Readiness.ts"
import { ServerActor } from "./ServerActor.ts"
import { UserActor } from "./UserActor.ts"

/** Needs a `MessageStore`, an `Authenticator` and `Settings`; each of them can be your own. */
export const layer = UserActor.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(ServerActor.layer, Heartbeat.layer, Readiness.layer)),
  Layer.provideMerge(PersistenceActor.layer),
  Layer.provideMerge(Layer.mergeAll(IdGenerator.layer, ChatEvents.layer)),
  Layer.provideMerge(ActorScheduler.layer)
)
