/** Who is connected to this server, and what follows when somebody comes or goes. */
import { Effect, HashMap, Ref } from "effect"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { UserId } from "../../domain/Ids.ts"
import type { Presence } from "../presence/Presence.ts"
import type { Typing } from "../presence/Typing.ts"
import { type Registry, sessionsIn } from "../session/Audience.ts"
import type { Session } from "../session/Session.ts"
import { Registered } from "../session/UserMessage.ts"
import type { Attendances } from "./Attendances.ts"
import type { ChatEvent } from "./ChatEvents.ts"

export interface RegistrationsOptions {
  readonly presence: Presence["Service"]
  readonly typing: Typing["Service"]
  readonly publish: (event: () => ChatEvent) => void
  /** Where this is one server of several. */
  readonly attendances: ((sessionsOf: (user: UserId) => ReadonlyArray<Session>) => Attendances) | undefined
}

/** Changed by the `ServerActor` alone. */
export class Registrations {
  readonly registry: Ref.Ref<Registry> = Ref.makeUnsafe<Registry>(HashMap.empty())
  readonly #options: RegistrationsOptions
  readonly #attendances: Attendances | undefined

  constructor(options: RegistrationsOptions) {
    this.#options = options
    this.#attendances = options.attendances?.((user) => sessionsIn(this.connected, user))
  }

  get connected(): Registry {
    return Ref.getUnsafe(this.registry)
  }

  get sessions(): ReadonlyArray<Session> {
    return Array.from(HashMap.values(this.connected)).flat()
  }

  /** A named device takes the place of its own older connection. */
  readonly register = Effect.fnUntraced({ self: this }, function*(ref: Session) {
    const others = sessionsIn(this.connected, ref.user)
    const replaced = ref.named ? others.filter((other) => other.named && other.device === ref.device) : []
    for (const other of replaced) other.tell({ _tag: "Close", code: CloseCode.Replaced })
    yield* this.#set(ref.user, [...others.filter((other) => !replaced.includes(other)), ref])
    this.#options.presence.connected(ref)
    this.#attendances?.arrived(ref)
    ref.tell(Registered)
    this.#announce("Connected", ref)
  })

  readonly unregister = Effect.fnUntraced({ self: this }, function*(ref: Session) {
    const sessions = sessionsIn(this.connected, ref.user)
    this.#options.presence.disconnected(ref)
    this.#options.typing.disconnected(ref)
    if (sessions.includes(ref)) yield* this.#set(ref.user, sessions.filter((other) => other !== ref))
    this.#attendances?.left(ref)
    this.#announce("Disconnected", ref)
  })

  /** Returns how many there were. */
  kick(matches: (ref: Session) => boolean): number {
    const matching = this.sessions.filter(matches)
    for (const ref of matching) ref.closeNow(CloseCode.Kicked)
    return matching.length
  }

  #set(user: UserId, sessions: ReadonlyArray<Session>): Effect.Effect<void> {
    return Ref.update(
      this.registry,
      (users) => sessions.length === 0 ? HashMap.remove(users, user) : HashMap.set(users, user, sessions)
    )
  }

  #announce(_tag: "Connected" | "Disconnected", { device, session, user }: Session): void {
    this.#options.publish(() => ({ _tag, user, device, session }))
  }
}
