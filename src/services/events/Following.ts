/**
 * Following the log under a name: whoever has the name reads what it has not taken, and is woken when there is more. One
 * process of all that share the store has it at a time; when that is gone, another one has it within `leaseMillis`.
 */
import { Effect, Option, Random, Schedule, type Scope } from "effect"
import type { Entry } from "../../domain/Entry.ts"
import type { ConversationId } from "../../domain/Ids.ts"
import { inTime } from "../kernel/inTime.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { repeatForever } from "../kernel/repeatForever.ts"
import { makeAsking } from "../storage/asking.ts"
import { boundedSubscriptions } from "../storage/bounded.ts"
import { MessageStore, type StoreError } from "../storage/MessageStore.ts"
import { type From, Subscriptions } from "../storage/Subscriptions.ts"
import { Backlog } from "./Backlog.ts"
import { Bells } from "./Bells.ts"
import { LogSignals } from "./LogSignals.ts"
import { Progress } from "./Progress.ts"

/** Who does not keep it for so long has lost it. */
export const leaseMillis = 8_000
const renewMillis = 2_000
/** Whoever could not keep it ends before another one may begin. */
const surrenderMillis = 5_000
/** How often others ask whether it is free. */
const askMillis = 1_000

const writeMillis = 200
/** What the end of each of several followers may add to a stop, whose parts together have to be in time. */
const releaseMillis = 150
/** Entries read at once. */
const pageSize = 50
/** Conversations looked for at once. */
const behindSize = 500
/** Looks through the store, also where nobody says that it is needed. */
const lookMillis = 60_000
/** Between two steps of that, so that it is no burden. */
const restMillis = 10

export interface LogPage {
  readonly entries: ReadonlyArray<Entry>
  readonly hasMore: boolean
}

/** For as long as this process has the name. */
export interface Following {
  readonly name: string
  readonly backlog: Backlog
  /** False once it may be somebody else's: after a pause of the whole process, before anything else has noticed. */
  readonly isHeld: () => boolean
  /** Entries that were not taken, in their order. Those that were trimmed are skipped. */
  readonly read: (conversation: ConversationId) => Effect.Effect<LogPage, StoreError>
  /** Everything up to there was taken. It is written soon. */
  readonly took: (conversation: ConversationId, seq: number) => void
  /** The clock that bells and the backlog go by. */
  readonly now: Monotonic.Now
  /** Rings when there may be something to take. */
  readonly bells: Bells
}

export interface FollowOptions {
  readonly name: string
  readonly from: From
  /** Runs while the name is this process's, and is interrupted when it is not. */
  readonly run: (following: Following) => Effect.Effect<void, never, Scope.Scope>
}

/** What is asked of the store, and answered in time. */
interface Asked extends Pick<Subscriptions["Service"], "open" | "release" | "lease" | "behind" | "position" | "move"> {
  readonly history: MessageStore["Service"]["history"]
}

const bounded = Effect.gen(function*() {
  const asking = yield* makeAsking
  const store = yield* MessageStore
  const found = yield* Effect.serviceOption(Subscriptions)
  if (Option.isNone(found)) {
    return yield* Effect.die(new Error("This store has no Subscriptions, so nobody can follow its log."))
  }
  const answer: Asked = {
    ...boundedSubscriptions(asking, found.value),
    history: asking.asked((options) => store.history(options))
  }
  return answer
})

const makeHolder = Effect.map(
  Effect.all([Random.nextIntBetween(0, 36 ** 6), Random.nextIntBetween(0, 36 ** 6)]),
  (parts) => parts.map((part) => part.toString(36).padStart(6, "0")).join("")
)

/** Looks through the store whenever something may have been missed, as far as there is room for what is found. */
const looking = (
  { backlog, behind, bells, now }: {
    readonly backlog: Backlog
    readonly now: Monotonic.Now
    readonly behind: (after: ConversationId | undefined) => ReturnType<Subscriptions["Service"]["behind"]>
    readonly bells: Bells
  }
) => {
  const once = Effect.gen(function*() {
    backlog.looking()
    let after: ConversationId | undefined
    do {
      while (!backlog.hasRoom) yield* Effect.sleep(renewMillis)
      const { items, next }: Effect.Success<ReturnType<typeof behind>> = yield* behind(after)
      for (const { conversation } of items) backlog.note(conversation)
      after = next
      yield* Effect.sleep(restMillis)
    } while (after !== undefined)
  }).pipe(Effect.catchTag("StoreError", () => Effect.andThen(Effect.sync(() => backlog.missed()), Effect.sleep(1_000))))

  return Effect.gen(function*() {
    const bell = yield* bells.listen
    while (true) {
      yield* once
      const until = now() + lookMillis
      bell.reset()
      while (!backlog.isPartial && now() < until) {
        yield* bell.wait(until)
        bell.reset()
      }
    }
  })
}

export const makeFollow = Effect.gen(function*() {
  const now = yield* Monotonic.now
  const signals = yield* LogSignals
  const subscriptions = yield* bounded

  const tenure = Effect.fnUntraced(function*(holder: string, { name, run }: FollowOptions, since: number) {
    const bells = new Bells(now)
    const backlog = new Backlog(() => bells.ring())
    const progress = new Progress((taken) => subscriptions.move(name, holder, taken))
    let heldAt = since
    const following: Following = {
      name,
      isHeld: () => now() - heldAt < surrenderMillis,
      backlog,
      now,
      bells,
      took: (conversation, seq) => progress.took(conversation, seq),
      read: Effect.fnUntraced(function*(conversation) {
        const after = progress.of(conversation) ?? (yield* subscriptions.position(name, conversation))
        const { entries, hasMore, headSeq } = yield* subscriptions.history({ conversation, after, limit: pageSize })
        // All of it was trimmed.
        if (entries.length === 0 && headSeq > after) progress.took(conversation, headSeq)
        return { entries, hasMore }
      })
    }
    yield* signals.listen({ note: (each) => backlog.note(each), missed: () => backlog.missed() })
    // Also of what was taken last. Without it the name is free when its lease ends, and that much is told again.
    yield* Effect.addFinalizer(() =>
      inTime(Effect.ignore(Effect.andThen(progress.write, Effect.suspend(() => subscriptions.release(name, holder)))), {
        millis: releaseMillis,
        late: () => Effect.void
      })
    )
    const write = Effect.catchTag(progress.write, "StoreError", () => Effect.succeed(true)).pipe(
      Effect.delay(writeMillis),
      Effect.repeat({ while: (isOurs: boolean) => isOurs })
    )
    const renew = Effect.gen(function*() {
      const asked = now()
      const isOurs = yield* Effect.catchTag(
        subscriptions.lease(name, holder, leaseMillis),
        "StoreError",
        () => Effect.undefined
      )
      if (isOurs === true) heldAt = asked
      return isOurs !== false && following.isHeld()
    }).pipe(Effect.delay(renewMillis), Effect.repeat({ while: (isOurs: boolean) => isOurs }))
    const look = looking({
      backlog,
      behind: (after) => subscriptions.behind(name, { limit: behindSize, ...(after === undefined ? {} : { after }) }),
      bells,
      now
    })
    yield* Effect.raceAllFirst([
      write,
      renew,
      repeatForever(`${name}.look`, Effect.scoped(look)),
      repeatForever(name, Effect.scoped(run(following)))
    ])
  }, Effect.scoped)

  /** As long as it is run. */
  return (options: FollowOptions): Effect.Effect<never> =>
    Effect.gen(function*() {
      const { from, name } = options
      const holder = yield* makeHolder
      const turn = Effect.gen(function*() {
        const since = now()
        if (yield* subscriptions.lease(name, holder, leaseMillis)) yield* tenure(holder, options, since)
      })
      const opened = Effect.retry(subscriptions.open(name, from), { schedule: Schedule.spaced(askMillis) })
      yield* Effect.ignore(opened)
      return yield* repeatForever(name, Effect.ignore(turn), askMillis)
    })
})
