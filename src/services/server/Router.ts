/** How the parts of the server reach the `ServerActor`. An app that embeds it uses `ServerActor`. */
import { Context, type Effect } from "effect"
import type { Registry } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"
import type { ServerMessage } from "./ServerMessage.ts"

/** Both are made by `ServerActor.layer`. */
export class Router extends Context.Service<Router, {
  /** Sends `RegisterUser`; the user's mailbox gets `Registered` once what is committed is delivered to it too (P5). */
  register(ref: Session): Effect.Effect<void>
  /** Sends `UnregisterUser`. */
  unregister(ref: Session): Effect.Effect<void>
  /** Sends any message. There is something to wait for only while the mailbox is full. */
  tellUnsafe(message: ServerMessage): Effect.Effect<void> | undefined
  /** Ends the connections of those who match with 4503, at once. Returns how many there were. */
  kick(matches: (ref: Session) => boolean): Effect.Effect<number>
  /** Who is connected to this server. */
  readonly registry: Effect.Effect<Registry>
  /** How many entries this server has accepted since its start, whoever said them; retries do not count. */
  readonly accepted: Effect.Effect<number>
}>()("switchboard/services/server/Router") {}
