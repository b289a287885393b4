/**
 * What a user changed of their own, for the user's other connections: at once on this server, by a note on others. Where
 * it is lost, a client finds it with the next list of its conversations.
 */
import { Context, Effect, FiberSet, HashMap, Layer } from "effect"
import type { SessionId, UserId } from "../../domain/Ids.ts"
import { Cluster } from "../cluster/Cluster.ts"
import type { OwnChange } from "../cluster/Note.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { type Registry, sessionsIn } from "../session/Audience.ts"
import { EncodedFrame } from "../session/EncodedFrame.ts"

export class OwnChanges extends Context.Service<OwnChanges, {
  /** Waits for nothing but the connections of this server. */
  tell(user: UserId, frame: OwnChange, except: SessionId): Effect.Effect<void>
  /** For the `ServerActor`, which knows who is connected. */
  connect(registry: () => Registry): void
}>()("switchboard/services/preferences/OwnChanges") {
  static readonly layer = Layer.effect(
    OwnChanges,
    Effect.gen(function*() {
      const persistence = yield* PersistenceActor
      let registry: () => Registry = HashMap.empty
      const run = yield* FiberSet.makeRuntime<never>()

      const tellHere = (user: UserId, frame: OwnChange, except?: SessionId) =>
        Effect.sync(() => {
          let encoded: EncodedFrame | undefined
          for (const session of sessionsIn(registry(), user)) {
            if (session.level === "plain" || session.session === except) continue
            encoded ??= new EncodedFrame(frame)
            session.push(encoded)
            session.flush()
          }
        })

      const cluster = yield* Cluster
      cluster?.onNote((note) => {
        if (note._tag === "OwnChange") run(tellHere(note.user, note.frame))
      })

      return OwnChanges.of({
        connect: (connected) => void (registry = connected),
        tell: (user, frame, except) =>
          Effect.map(tellHere(user, frame, except), () => {
            if (cluster !== undefined) run(Effect.ignore(persistence.note({ _tag: "OwnChange", user, frame })))
          })
      })
    })
  )
}
