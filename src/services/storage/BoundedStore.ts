/**
 * Any store, as the server uses it: every question is answered in time, whatever the store does, and what it throws is
 * a `StoreError`. A store that answers at once is asked as if this were not there.
 */
import { Cause, Effect, Exit, Layer } from "effect"
import { exitInTime } from "../kernel/inTime.ts"
import { Hanging } from "./Hanging.ts"
import { MessageStore, type StoreError } from "./MessageStore.ts"
import { askMillis, maxHanging } from "./storeBounds.ts"
import { noAnswer, storeBroke, StoreHealth } from "./StoreHealth.ts"

type Store = MessageStore["Service"]
type Call<A> = Effect.Effect<A, StoreError>

const make = Effect.gen(function*() {
  const store = yield* MessageStore
  const health = yield* StoreHealth
  const hanging = new Hanging(maxHanging.asks)

  const broken = Effect.fnUntraced(function*<A>(exit: Exit.Failure<A, StoreError>) {
    const error = Cause.findErrorOption(exit.cause)
    if (error._tag === "None") yield* Effect.logError("Store.broke", exit.cause)
    yield* health.suspect
    return yield* error._tag === "Some" ? error.value : storeBroke(Cause.squash(exit.cause))
  })

  const ask = <A>(call: Call<A>): Call<A> =>
    Effect.suspend(() => {
      if (hanging.isFull || health.silent()) return Effect.fail(noAnswer())
      return Effect.flatMap(exitInTime(call, askMillis), (answer): Call<A> => {
        if (Exit.isExit(answer)) return Exit.isSuccess(answer) ? answer : broken(answer)
        hanging.giveUp(answer)
        return Effect.andThen(health.suspect, Effect.fail(noAnswer()))
      })
    })

  /** What the store throws before there is an effect is caught too. */
  const asked = <Args extends ReadonlyArray<never>, A>(call: (...args: Args) => Call<A>) => (...args: Args): Call<A> =>
    ask(Effect.suspend(() => call(...args)))

  const bounded: Store = {
    durability: store.durability,
    // The PersistenceActor bounds it, because it has to hear what became of a late one.
    commit: (appends, moves) => store.commit(appends, moves),
    history: asked((options) => store.history(options)),
    conversations: asked((options) => store.conversations(options)),
    recent: asked((options) => store.recent(options)),
    behind: asked((options) => store.behind(options)),
    membership: asked((conversation, user) => store.membership(conversation, user)),
    group: asked((group) => store.group(group)),
    groupHead: asked((group) => store.groupHead(group)),
    wasMember: asked((conversation, user) => store.wasMember(conversation, user)),
    positions: asked((conversation, reader) => store.positions(conversation, reader)),
    setBlock: asked((user, blocked, on, at) => store.setBlock(user, blocked, on, at)),
    blocks: asked((user) => store.blocks(user)),
    visibleTo: asked((user, others) => store.visibleTo(user, others)),
    blockedEitherWay: asked((user, others) => store.blockedEitherWay(user, others)),
    putLastSeen: asked((seen) => store.putLastSeen(seen)),
    lastSeen: asked((users) => store.lastSeen(users)),
    putBan: asked((ban) => store.putBan(ban)),
    removeBan: asked((subject) => store.removeBan(subject)),
    bans: ask(Effect.suspend(() => store.bans)),
    erasures: asked((after) => store.erasures(after)),
    latest: asked((now) => store.latest(now)),
    check: ask(Effect.suspend(() => store.check)),
    // Work for minutes, that no client waits for.
    trim: (options) => store.trim(options),
    exportUser: (user) => store.exportUser(user),
    ownEntries: (options) => store.ownEntries(options),
    eraseUser: (user, pause) => store.eraseUser(user, pause)
  }
  return MessageStore.of(bounded)
})

export const BoundedStore = { layer: Layer.effect(MessageStore, make) }
