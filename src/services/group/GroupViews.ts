/**
 * Whom the entries of groups are for, in the order of their logs, on one server of several: what was said elsewhere comes
 * without its audience. A group is read when the first such entry of it comes, and kept up to date by those that follow.
 */
import { Clock, Context, Effect, FiberSet, Layer, Schedule, Semaphore } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { GroupId } from "../../domain/Ids.ts"
import { GroupView, type Hearers } from "../cluster/GroupView.ts"
import { Lifeline } from "../kernel/Lifeline.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { makeTicker } from "../kernel/repeatForever.ts"
import { MessageStore } from "../storage/MessageStore.ts"
import { idleMillis } from "./ActiveGroups.ts"

/** Groups that are read at once; commits need lines to the store too. */
const readsAtOnce = 4

const retry = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")])

interface Kept {
  view: GroupView | undefined
  /** The entry for which it is being read, or was read last. */
  readFor: number
  isReading: boolean
  usedAt: number
}

const nobody: Hearers = { users: [] }

export interface GroupEntry {
  readonly group: GroupId
  readonly entry: Entry
  readonly version: number | undefined
}

export class GroupViews extends Context.Service<GroupViews, {
  /**
   * Who hears this entry, if that is known; otherwise the group is read, and `known` is called when one may ask again.
   * Entries of a group are asked about in the order of its log, the next one after this one is answered.
   */
  audience(entry: GroupEntry, known: () => void): Hearers | undefined
  /** An entry of this server has gone to those for whom it was sent. */
  passed(entry: GroupEntry): void
  /** What is known may not be so any more. */
  forgetAll(): void
  /** How many groups are known. */
  readonly size: Effect.Effect<number>
}>()("switchboard/services/group/GroupViews") {
  static readonly layer = Layer.effect(
    GroupViews,
    Effect.gen(function*() {
      const store = yield* MessageStore
      const { vital } = yield* Lifeline
      const now = Monotonic.nowOf(yield* Clock.Clock)
      const run = yield* FiberSet.makeRuntime<never>()
      const reads = yield* Semaphore.make(readsAtOnce)
      const groups = new Map<GroupId, Kept>()

      const sweep = () => {
        for (const [group, { isReading, usedAt }] of groups) {
          if (!isReading && now() - usedAt >= idleMillis) groups.delete(group)
        }
      }
      const ticker = yield* makeTicker("GroupViews", {
        turn: Effect.sync(sweep),
        pause: idleMillis / 2,
        isIdle: () => groups.size === 0
      })

      const read = ({ entry, group }: GroupEntry, kept: Kept, known: () => void) => {
        kept.isReading = true
        kept.readFor = entry.seq
        run(vital(
          "GroupViews",
          reads.withPermit(Effect.suspend(() => store.group(group))).pipe(
            // Its conversation waits, and nobody else does.
            Effect.retry(retry),
            Effect.orDie,
            Effect.map((state) => {
              kept.view = state === undefined ? undefined : new GroupView(state)
              kept.isReading = false
              // Where this throws, what waits for it would wait for ever.
              known()
            })
          )
        ))
      }

      return GroupViews.of({
        audience: (asked, known) => {
          const { entry, group, version } = asked
          let kept = groups.get(group)
          if (kept === undefined) {
            groups.set(group, kept = { view: undefined, readFor: 0, isReading: false, usedAt: 0 })
            ticker.wake()
          }
          kept.usedAt = now()
          const audience = kept.view?.audience(entry, version)
          if (audience !== undefined) return audience
          if (kept.readFor === entry.seq) {
            // Just read, and it is not there: it is nobody's by now.
            groups.delete(group)
            return nobody
          }
          read(asked, kept, known)
          return undefined
        },
        passed: ({ entry, group, version }) => {
          const kept = groups.get(group)
          // A view that cannot follow is read again when it is asked next.
          if (kept?.view !== undefined && kept.view.audience(entry, version) === undefined) kept.view = undefined
        },
        forgetAll: () => {
          for (const kept of groups.values()) kept.view = undefined
        },
        size: Effect.sync(() => groups.size)
      })
    })
  )
}
