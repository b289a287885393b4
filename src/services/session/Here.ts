/** Who is connected to this server, for those who push something to them. Made by `ServerActor.layer`. */
import { Context, type Effect } from "effect"
import type { Registry } from "./Audience.ts"

export class Here extends Context.Service<Here, { readonly registry: Effect.Effect<Registry> }>()(
  "switchboard/services/session/Here"
) {}
