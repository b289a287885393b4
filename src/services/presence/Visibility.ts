/**
 * Whether those who watch somebody may: asked when they begin, and again when something has changed. However much that
 * is, a few are asked in a turn, and who comes and goes is told in time.
 */
import { Effect, type Scope } from "effect"
import type { UserId } from "../../domain/Ids.ts"
import { type AuthorizationPolicy, decide } from "../access/Authorization.ts"
import { limited } from "../kernel/LogLimit.ts"
import type { MessageStore, StoreError } from "../storage/MessageStore.ts"
import type { PresenceSubscriptions, Subscription } from "./PresenceSubscriptions.ts"

/** Subscriptions that are looked at again in one turn; the others wait for the next. */
const rechecksPerTurn = 256
/** Watchers asked about side by side, so that none waits for one who takes long. */
const rechecksAtOnce = 8

export interface VisibilityOptions {
  readonly store: MessageStore["Service"]
  readonly policy: AuthorizationPolicy
  readonly subscriptions: PresenceSubscriptions
  /** What those who watch this user see may be another thing now. */
  readonly changed: (user: UserId) => void
  /** There is something to ask again in the next turn. */
  readonly wake: () => void
  readonly scope: Scope.Scope
}

export class Visibility {
  readonly #options: VisibilityOptions
  readonly #users = new Set<UserId>()
  /** Of pairs, which come before the subscriptions of whole users. */
  readonly #pairs = new Set<Subscription>()
  readonly #due = new Set<Subscription>()
  #isRechecking = false

  constructor(options: VisibilityOptions) {
    this.#options = options
  }

  get isSettled(): boolean {
    return this.#pairs.size === 0 && this.#due.size === 0 && this.#users.size === 0
  }

  /** What these users may see of others, and others of them, may have changed. */
  recheck(users: ReadonlyArray<UserId>): void {
    for (const user of users) if (this.#options.subscriptions.concerns(user)) this.#users.add(user)
  }

  recheckPair(a: UserId, b: UserId): void {
    const { subscriptions } = this.#options
    for (const each of subscriptions.between(a, b)) this.#pairs.add(each)
    for (const each of subscriptions.between(b, a)) this.#pairs.add(each)
  }

  /** Which of these subscriptions, all of one user, may see something. */
  readonly look = Effect.fnUntraced(
    { self: this },
    function*(watcher: UserId, subscriptions: ReadonlyArray<Subscription>): Effect.fn.Return<void, StoreError> {
      const { changed, policy, store } = this.#options
      const users = Array.from(new Set(subscriptions.map(({ user }) => user)))
      const questions = subscriptions.map((each) => ++each.asked)
      const visible = new Set(yield* store.visibleTo(watcher, users.filter((user) => user !== watcher)))
      for (const [i, each] of subscriptions.entries()) {
        const { user } = each
        const may = user === watcher || (visible.has(user) && (yield* decide(policy.seePresence(watcher, user))))
        if (each.asked !== questions[i]) continue
        each.visible = may
        changed(user)
      }
    }
  )

  /** On a fiber of its own. */
  readonly turn = Effect.suspend(() => {
    if (this.#isRechecking || this.isSettled) return Effect.void
    this.#isRechecking = true
    return Effect.forEach(this.#take(), ([watcher, subscriptions]) => this.#lookAgain(watcher, subscriptions), {
      concurrency: rechecksAtOnce,
      discard: true
    }).pipe(
      Effect.ensuring(Effect.sync(() => {
        this.#isRechecking = false
      })),
      Effect.forkIn(this.#options.scope),
      Effect.asVoid
    )
  })

  #lookAgain(watcher: UserId, subscriptions: ReadonlyArray<Subscription>): Effect.Effect<void> {
    const { changed, scope, wake } = this.#options
    const again = Effect.sync(() => {
      for (const each of subscriptions) this.#due.add(each)
      wake()
    })
    return this.look(watcher, subscriptions).pipe(
      Effect.catchTag("StoreError", () => again),
      // Nobody sees what nobody could decide.
      Effect.catchDefect((defect) => {
        for (const each of subscriptions) {
          each.visible = false
          changed(each.user)
        }
        // Asked again, but not so fast that the log is full of it.
        return Effect.andThen(
          limited("Presence.defect", Effect.logError("Presence.defect", defect)),
          Effect.forkIn(Effect.delay(again, "1 second"), scope)
        )
      })
    )
  }

  #take(): ReadonlyMap<UserId, ReadonlyArray<Subscription>> {
    const { subscriptions } = this.#options
    const taken = new Map<UserId, Array<Subscription>>()
    let left = rechecksPerTurn
    const takeFrom = (some: Set<Subscription>) => {
      for (const each of some) {
        if (left-- <= 0) return
        some.delete(each)
        if (!subscriptions.has(each)) continue
        const ofWatcher = taken.get(each.ref.user)
        if (ofWatcher === undefined) taken.set(each.ref.user, [each])
        else ofWatcher.push(each)
      }
    }
    takeFrom(this.#pairs)
    for (const user of this.#users) {
      if (this.#due.size >= left) break
      this.#users.delete(user)
      for (const each of subscriptions.by(user)) this.#due.add(each)
      for (const each of subscriptions.of(user)) this.#due.add(each)
    }
    takeFrom(this.#due)
    return taken
  }
}
