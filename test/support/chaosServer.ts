/** A server whose data outlives it: it can be ended and started again in the middle of a story. */
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { join } from "node:path"
import { ServerActor } from "../../src/services/server/ServerActor.ts"
import type { SettingValues } from "../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../src/services/storage/MemoryMessageStore.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { SqliteMessageStore } from "../../src/services/storage/SqliteMessageStore.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"
import { actors } from "./actors.ts"
import { temporaryDirectory } from "./stores.ts"

type Life = Context.Context<UserActors | ServerActor | MessageStore>

export interface ChaosServer {
  /** Nobody answers while the server is down. */
  readonly actor: () => UserActors["Service"] | undefined
  readonly now: () => Life
  readonly end: Effect.Effect<void>
  readonly start: Effect.Effect<void>
}

/** A store of the process's memory that several servers have one after the other, so to its clients it is a disk. */
const kept = Effect.map(
  Layer.build(Layer.fresh(MemoryMessageStore.layer())),
  (context) => Layer.succeed(MessageStore, { ...Context.get(context, MessageStore), durability: "disk" as const })
)

const onDisk = Effect.map(
  temporaryDirectory,
  (path) => Layer.orDie(Layer.fresh(SqliteMessageStore.layer({ filename: join(path, "chat.db") })))
)

export const makeServer = Effect.fnUntraced(function*(settings: Partial<SettingValues>, disk: boolean) {
  const store = yield* disk ? onDisk : kept
  let life: { readonly context: Life; readonly scope: Scope.Closeable } | undefined
  const end = Effect.suspend(() => {
    if (life === undefined) return Effect.void
    const { scope } = life
    life = undefined
    return Scope.close(scope, Exit.void)
  })
  const start = Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.build(Layer.fresh(actors(settings, store))).pipe(Scope.provide(scope))
    life = { context, scope }
  })
  yield* start
  yield* Effect.addFinalizer(() => end)
  return {
    actor: () => life === undefined ? undefined : Context.get(life.context, UserActors),
    now: () => life!.context,
    end,
    start
  } satisfies ChaosServer
})
