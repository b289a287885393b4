/**
 * Who must not come in: users, and single tokens. Kept in the store, looked up in memory, and read again now and then,
 * so that what one server was told holds on all that share the store.
 */
import { Clock, Context, Effect, FiberSet, Layer } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { BanList } from "../access/BanList.ts"
import { Cluster } from "../cluster/Cluster.ts"
import type { Note } from "../cluster/Note.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Router } from "../server/Router.ts"
import type { Session } from "../session/Session.ts"
import { LogClock } from "../storage/LogClock.ts"
import { type Ban, MessageStore, type StoreError } from "../storage/MessageStore.ts"

/**
 * How long another server on the same store may take to hear of a ban. Where nobody says anything, this is also how a
 * store that has gone is noticed.
 */
const reloadEvery = "5 seconds"

/** A user, or a token by its `jti`. */
export type Subject = Pick<Ban, "kind" | "id">

export class Bans extends Context.Service<Bans, {
  /** Ends every connection of the subject with 4503. Returns how many there were. They may come back. */
  kick(subject: Subject): Effect.Effect<number>
  /** Keeps the subject out until then, or until it is lifted, and kicks it. Known to the store before anybody goes. */
  ban(
    subject: Subject,
    options?: { readonly until?: number; readonly reason?: string }
  ): Effect.Effect<number, StoreError>
  /** Returns whether there was a ban. */
  lift(subject: Subject): Effect.Effect<boolean, StoreError>
  /** Those that are in force. */
  readonly list: Effect.Effect<ReadonlyArray<Ban>>
  /** The one of this subject that is in force. */
  of(subject: Subject): Effect.Effect<Ban | undefined>
}>()("switchboard/services/admission/Bans") {
  static readonly layer = Layer.effect(
    Bans,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const bans = yield* BanList
      const clock = yield* Clock.Clock
      const { stamp } = yield* LogClock
      const router = yield* Router
      const store = yield* MessageStore
      const cluster = yield* Cluster
      const { note } = yield* PersistenceActor
      const run = yield* FiberSet.makeRuntime<never>()

      /** Nobody waits for it: what was done here stands, and others see the bans when they read them again. */
      const tellOthers = (said: Note) => run(Effect.ignore(note(said)))

      /** On other servers; of tokens only the server that has them knows. */
      const countElsewhere = ({ id, kind }: Subject): number =>
        // The id of a subject that is a user is a user's.
        kind === "user" ? cluster?.connections(id as UserId) ?? 0 : 0

      const matching = {
        user: (id: string) => (ref: Session) => ref.user === id,
        token: (id: string) => (ref: Session) => ref.tokenId === id,
        session: (id: string) => (ref: Session) => ref.session === id
      }
      const kick = ({ id, kind }: { readonly kind: keyof typeof matching; readonly id: string }) =>
        router.kick(matching[kind](id))

      const told = (event: string, { id, kind }: Subject, more: Record<string, string | number | undefined> = {}) =>
        audit.record(event, kind === "user" ? { user: id, ...more } : { token_id: id, ...more })

      const reload = Effect.gen(function*() {
        const edits = bans.edits()
        const fresh = bans.replace(yield* store.bans, edits)
        for (const subject of fresh) yield* kick(subject)
      })
      yield* Effect.forkScoped(
        repeatForever("Bans", Effect.catchTag(reload, "StoreError", () => Effect.void), reloadEvery)
      )

      const reloadNow = () => void run(Effect.catchTag(reload, "StoreError", () => Effect.void))
      cluster?.onNote((heard) => {
        if (heard._tag === "Kick") run(Effect.asVoid(kick(heard)))
        else if (heard._tag === "Bans") reloadNow()
      })
      cluster?.onMissed(reloadNow)

      return Bans.of({
        kick: Effect.fn("Bans.kick")(function*(subject: Subject) {
          const elsewhere = countElsewhere(subject)
          tellOthers({ _tag: "Kick", ...subject })
          const connections = (yield* kick(subject)) + elsewhere
          yield* told("Bans.kicked", subject, { connections })
          return connections
        }),
        ban: Effect.fn("Bans.ban")(function*(
          subject: Subject,
          { reason, until }: { readonly until?: number; readonly reason?: string } = {}
        ) {
          const ban: Ban = {
            ...subject,
            // Whoever follows the bans takes them in the order of their times.
            at: stamp(),
            ...(until === undefined ? undefined : { until }),
            ...(reason === undefined ? undefined : { reason })
          }
          yield* store.putBan(ban)
          bans.add(ban)
          const elsewhere = countElsewhere(subject)
          tellOthers({ _tag: "Bans" })
          const connections = (yield* kick(subject)) + elsewhere
          yield* told("Bans.banned", subject, { connections, until, reason })
          return connections
        }),
        lift: Effect.fn("Bans.lift")(function*(subject: Subject) {
          const lifted = yield* store.removeBan(subject)
          bans.remove(subject)
          tellOthers({ _tag: "Bans" })
          yield* told("Bans.lifted", subject)
          return lifted
        }),
        list: Effect.sync(() => bans.list(clock.currentTimeMillisUnsafe())),
        of: (subject) => Effect.sync(() => bans.of(subject))
      })
    })
  )
}
