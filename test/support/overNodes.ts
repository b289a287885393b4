/**
 * The same actors, on two servers that share a store and a bus: who comes next is on the other one. A story knows nothing
 * of it; `TEST_NODES=2` tells it so (`vitest.config.ts`).
 */
import { Context, Effect, Layer, Option } from "effect"
import * as ClusterNode from "../../src/services/cluster/ClusterNode.ts"
import { MemoryBus } from "../../src/services/cluster/MemoryBus.ts"
import { Journal } from "../../src/services/storage/Journal.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"

export const isOverNodes = process.env["TEST_NODES"] === "2"

/** `server` is one of them, which finds the store in its context. A store without a journal is one server's. */
export const overNodes = <A, E, R>(server: Layer.Layer<A | UserActors, E, R>, store: Layer.Layer<MessageStore, E>) =>
  Layer.effectContext(Effect.gen(function*() {
    const shared = yield* Layer.build(store)
    const journal = Context.getOption(shared as Context.Context<MessageStore | Journal>, Journal)
    const stored = Layer.succeedContext(shared)
    if (Option.isNone(journal)) return yield* Layer.build(Layer.provideMerge(server, stored))
    const hub = MemoryBus.hub()
    const node = (name: string) =>
      Layer.build(Layer.fresh(
        server.pipe(
          Layer.provide(
            Layer.orDie(ClusterNode.layer).pipe(
              Layer.provide(MemoryBus.layer(hub, name)),
              Layer.provide(Layer.succeed(Journal, journal.value))
            )
          ),
          Layer.provideMerge(stored)
        )
      ))
    const [a, b] = [yield* node("a"), yield* node("b")]
    let next = 0
    return Context.add(
      a,
      UserActors,
      UserActors.of({
        run: (options) => Effect.suspend(() => Context.get(next++ % 2 === 0 ? a : b, UserActors).run(options)),
        sessions: Effect.map(
          Effect.all([a, b].map((each) => Context.get(each, UserActors).sessions)),
          (all) => all.flat()
        )
      })
    )
  }))
