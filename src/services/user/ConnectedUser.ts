/** One connection from its registration to its end: its `UserRef`, its `UserActor`, and the mailbox between them. */
import { Effect, Exit, Fiber } from "effect"
import * as CloseCode from "../../domain/CloseCode.ts"
import type { SessionId } from "../../domain/Ids.ts"
import type { Identity } from "../access/Authenticator.ts"
import { IdleActor, type IdleActors } from "../kernel/IdleActor.ts"
import { limited } from "../kernel/LogLimit.ts"
import type { Waiting } from "../kernel/Mailbox.ts"
import type { FrameLimit, FrameLimits } from "../limits/FrameLimits.ts"
import type { Profiles } from "../people/Profiles.ts"
import type { Connection } from "../session/Connection.ts"
import type { Level } from "../session/Session.ts"
import type { UserMessage } from "../session/UserMessage.ts"
import type { BlockLists } from "./Blocks.ts"
import type { InBackground } from "./catchingUp.ts"
import type { Heartbeat } from "./Heartbeat.ts"
import { UserActor, type UserServices } from "./UserActor.ts"
import { UserRef } from "./UserRef.ts"
import type { RefServices } from "./UserRefOptions.ts"

export interface RunOptions {
  readonly identity: Identity
  readonly level: Level
  readonly connection: Connection
  /** The client's address as limits count it. */
  readonly address: string
  /** See `Origin`. */
  readonly order?: number | undefined
}

/** What all connections share. */
export interface House {
  readonly actors: IdleActors
  readonly all: Set<ConnectedUser>
  readonly blockLists: BlockLists["Service"]
  readonly heartbeat: Heartbeat["Service"]
  readonly limits: FrameLimits["Service"]
  readonly profiles: Profiles["Service"]
  readonly ref: RefServices
  readonly services: UserServices
  /** By the wall clock. */
  readonly date: () => number
}

export class ConnectedUser extends IdleActor<UserMessage> implements InBackground {
  readonly ref: UserRef
  readonly #house: House
  readonly #actor: UserActor
  readonly #limit: FrameLimit
  readonly #ended: (last: Effect.Effect<void>) => void
  /** What runs beside the messages. */
  #background: Set<Fiber.Fiber<void>> | undefined
  /** It waits to be registered. */
  #registering: Fiber.Fiber<void> | undefined

  /** `ended` is given the last that is to be done, once. */
  constructor(options: RunOptions, session: SessionId, house: House, ended: (last: Effect.Effect<void>) => void) {
    super(house.actors)
    const { address, connection, identity, level, order } = options
    const { all, blockLists, date, heartbeat, limits, profiles, services } = house
    this.#house = house
    this.#ended = ended
    this.#limit = limits.of(identity.user, address)
    this.ref = new UserRef({
      identity,
      session,
      level,
      origin: { address, connectedAt: date(), order },
      connection,
      mailbox: this,
      limit: this.#limit,
      services: house.ref
    })
    this.#actor = new UserActor(this.ref, services, this)
    // Before registration, so that the first frame is `welcome` whoever is talking already.
    if (level === "v1") this.#actor.welcome(date(), address)
    heartbeat.watch(this.ref)
    this.ref.blocks = blockLists.join(identity.user, this.ref)
    all.add(this)
    if (identity.profile !== undefined) profiles.claimed(identity.user, identity.profile)
    this.#register()
  }

  /** It was interrupted: whatever it is doing ends, and it is left as after any other end. */
  interrupted(): Effect.Effect<void> {
    // Whoever is being registered is unregistered after that.
    const registered = this.#registering === undefined ? Effect.void : Fiber.await(this.#registering)
    return registered.pipe(
      Effect.andThen(Effect.suspend(() => this.stop())),
      Effect.andThen(Effect.suspend(() => this.#leave(Exit.interrupt())))
    )
  }

  inBackground(effect: Effect.Effect<void>): void {
    const fiber = this.#house.actors.run(effect)
    if (fiber.pollUnsafe() !== undefined) return
    const background = this.#background ??= new Set()
    background.add(fiber)
    fiber.addObserver(() => background.delete(fiber))
  }

  protected override handle(batch: ReadonlyArray<UserMessage>, from: number): Waiting | undefined {
    return this.#actor.handle(batch, from)
  }

  protected override ended(exit: Exit.Exit<void>): void {
    this.#ended(Effect.uninterruptible(this.#leave(exit)))
  }

  #register(): void {
    const { actors, services } = this.#house
    const told = services.router.tellUnsafe({ _tag: "RegisterUser", ref: this.ref })
    if (!told) return this.ref.connection.listen(this.ref)
    this.#registering = actors.run(Effect.map(told, () => {
      this.#registering = undefined
      this.ref.connection.listen(this.ref)
    }))
  }

  /** Nothing of it stays behind, however it ended (P7). */
  #leave(exit: Exit.Exit<void>): Effect.Effect<void> {
    const { all, blockLists, heartbeat, services } = this.#house
    const { ref } = this
    all.delete(this)
    heartbeat.forget(ref)
    blockLists.leave(ref.blocks, ref)
    this.#limit.ended()
    const unregistered = services.router.tellUnsafe({ _tag: "UnregisterUser", ref })
    const stopped = this.#background === undefined ? undefined : Fiber.interruptAll(Array.from(this.#background))
    const said = this.#close(exit)
    return [unregistered, stopped, said].reduce<Effect.Effect<void>>(
      (all, effect) => effect ? Effect.andThen(all, effect) : all,
      Effect.void
    )
  }

  #close(exit: Exit.Exit<void>): Effect.Effect<void> | undefined {
    const { connection, session, user } = this.ref
    if (Exit.isSuccess(exit)) return void connection.close(CloseCode.Normal)
    if (Exit.hasInterrupts(exit)) return void connection.close(CloseCode.GoingAway)
    connection.close(CloseCode.InternalError)
    return limited(
      "UserActor.defect",
      Effect.annotateLogs(Effect.logError("UserActor.defect", exit.cause), { user, session })
    )
  }
}
