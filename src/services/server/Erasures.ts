/**
 * What is erased beside the server, by a command or by another server on the same store: whoever is erased is let go of at
 * once, and those who share a group with them hear of it.
 */
import { Context, Effect, Layer } from "effect"
import * as Conversation from "../../domain/Conversation.ts"
import type { ConversationId, UserId } from "../../domain/Ids.ts"
import { AuditLog } from "../access/AuditLog.ts"
import { LogSignals } from "../events/LogSignals.ts"
import { Groups } from "../group/Groups.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { Presence } from "../presence/Presence.ts"
import { sessionsIn } from "../session/Audience.ts"
import { type Erasure, MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { Router } from "./Router.ts"

/** How long an erased user may go on hearing, at most. */
export const erasureEvery = "1 second"

export class Erasures extends Context.Service<Erasures, {
  /** Looks now. */
  readonly look: Effect.Effect<void, StoreError>
}>()("switchboard/services/server/Erasures") {
  static readonly layer = Layer.effect(
    Erasures,
    Effect.gen(function*() {
      const audit = yield* AuditLog
      const groups = yield* Groups
      const presence = yield* Presence
      const router = yield* Router
      const signals = yield* LogSignals
      const store = yield* MessageStore
      /** The last that is known of; nobody was here when those before it were made. */
      let last: number | undefined

      const letGo = Effect.fnUntraced(function*(user: UserId) {
        presence.forget(user)
        const connections = yield* router.kick((ref) => {
          if (ref.user !== user) return false
          ref.erase()
          return true
        })
        yield* audit.record("Erasures.closed", { user, connections })
      })

      /** Members who are here are told what the group's log says since. */
      const tell = Effect.fnUntraced(function*(conversation: ConversationId) {
        const parsed = Conversation.parse(conversation)
        if (parsed?.kind !== "group") return
        signals.note(conversation)
        const state = yield* store.group(parsed.group)
        const registry = yield* router.registry
        for (const { user } of state?.members ?? []) {
          for (const session of sessionsIn(registry, user)) session.readAgain()
        }
      })

      const look = Effect.gen(function*() {
        if (last === undefined) {
          last = (yield* store.erasures(undefined))[0]?.id ?? 0
          return
        }
        while (true) {
          const erased: ReadonlyArray<Erasure> = yield* store.erasures(last)
          if (erased.length === 0) return
          groups.doubt()
          for (const user of new Set(erased.map(({ user }) => user))) yield* letGo(user)
          for (const { conversation } of erased) if (conversation !== undefined) yield* tell(conversation)
          last = erased.at(-1)!.id
        }
      })

      yield* look.pipe(Effect.catchTag("StoreError", () => Effect.void))
      // Also while nobody is here: whoever has the name next is not to be taken for the one who was erased.
      yield* repeatForever("Erasures", Effect.catchTag(look, "StoreError", () => Effect.void), erasureEvery).pipe(
        Effect.forkScoped
      )
      return Erasures.of({ look })
    })
  )
}
