/** The GroupActors: started by the first message to their group, stopped when nobody has used it for a while. */
import { Clock, Context, Effect, FiberSet, Layer } from "effect"
import type { GroupId } from "../../domain/Ids.ts"
import { Authorization } from "../access/Authorization.ts"
import { ShownPeople } from "../files/ShownPeople.ts"
import { IdGenerator } from "../kernel/IdGenerator.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { makeTurns } from "../kernel/Turns.ts"
import { Quotas } from "../limits/Quotas.ts"
import { PersistenceActor } from "../persistence/PersistenceActor.ts"
import { Presence } from "../presence/Presence.ts"
import type { GroupAudience } from "../session/Audience.ts"
import { Settings } from "../Settings.ts"
import { LogClock } from "../storage/LogClock.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { CurrentMeters } from "../telemetry/Meters.ts"
import { ActiveGroups, idleMillis } from "./ActiveGroups.ts"
import type { GroupMessage } from "./GroupMessage.ts"

export class Groups extends Context.Service<Groups, {
  /** Never waits. */
  tell(group: GroupId, message: GroupMessage): void
  /** The members of a group that is active here. */
  peek(group: GroupId): GroupAudience | undefined
  /** What is known of the members may not be so any more; each group is read again before it goes on. */
  doubt(): void
  /** The same of one group. */
  doubtOne(group: GroupId): void
  /** Calls back once everything told before has been handed on. */
  flush(done: () => void): void
  /** How many groups are active. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/group/Groups") {
  static readonly layer = Layer.effect(
    Groups,
    Effect.gen(function*() {
      const presence = yield* Presence
      const groups: ActiveGroups = new ActiveGroups({
        store: yield* MessageStore,
        people: yield* ShownPeople,
        persistence: yield* PersistenceActor,
        ids: yield* IdGenerator,
        policy: yield* Authorization,
        stamp: (yield* LogClock).stamp,
        monotonic: Monotonic.nowOf(yield* Clock.Clock),
        maxMembers: (yield* Settings).maxGroupMembers,
        quotas: yield* Quotas,
        changed: (users) => presence.recheck(users),
        turns: yield* makeTurns,
        run: yield* FiberSet.makeRuntime<never>(),
        runSync: Effect.runSyncWith(yield* Effect.context<never>()),
        used: () => ticker.wake()
      })
      const { gauges } = yield* CurrentMeters
      gauges.groupsActive = () => groups.size
      gauges.mailboxes.GroupActors = () => groups.waiting
      const ticker = yield* makeTicker("Groups", {
        turn: Effect.sync(() => groups.sweep()),
        pause: idleMillis / 2,
        isIdle: () => groups.isIdle
      })

      return Groups.of({
        tell: (group, message) => groups.tell(group, message),
        peek: (group) => groups.peek(group),
        doubt: () => groups.doubt(),
        doubtOne: (group) => groups.doubtOne(group),
        flush: (done) => groups.flush(done),
        size: Effect.sync(() => groups.size)
      })
    })
  )
}
