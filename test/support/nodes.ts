/** Several servers in one process, on one store and one bus: whole Switchboards with connections in memory. */
import { Context, Effect, Layer, Option } from "effect"
import { Cluster } from "../../src/services/cluster/Cluster.ts"
import * as ClusterNode from "../../src/services/cluster/ClusterNode.ts"
import type { BusFaults, MemoryHub } from "../../src/services/cluster/MemoryBus.ts"
import { MemoryBus } from "../../src/services/cluster/MemoryBus.ts"
import type { Level } from "../../src/services/session/Session.ts"
import type { SettingValues } from "../../src/services/Settings.ts"
import { Directory } from "../../src/services/storage/Directory.ts"
import { Invites } from "../../src/services/storage/Invites.ts"
import { Journal } from "../../src/services/storage/Journal.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { Preferences } from "../../src/services/storage/Preferences.ts"
import { PushRecords } from "../../src/services/storage/PushRecords.ts"
import { Reports } from "../../src/services/storage/Reports.ts"
import { ServerKeys } from "../../src/services/storage/ServerKeys.ts"
import { UserActors } from "../../src/services/user/UserActors.ts"
import { actors, identity } from "./actors.ts"
import { MemoryConnection } from "./MemoryConnection.ts"

export interface JoinOptions {
  readonly level?: Level
  readonly device?: string
  /** As the door would have it of the store. */
  readonly order?: number
}

/** One that a store may have beside messages, where this one has it. */
const found = <I, S>(service: Context.Service<I, S>) =>
  Layer.unwrap(Effect.map(
    Effect.serviceOption(service),
    Option.match({ onNone: () => Layer.empty, onSome: (it) => Layer.succeed(service, it) })
  ))

const beside = Layer.mergeAll(
  found(Directory),
  found(Invites),
  found(Reports),
  found(Preferences),
  found(PushRecords),
  found(ServerKeys)
)

/** Another server on the store of the context; ends with the scope. `name` is what the bus knows it by. */
export const startNode = Effect.fnUntraced(function*(
  hub: MemoryHub,
  name: string,
  settings: Partial<SettingValues> = {}
) {
  const shared = Layer.mergeAll(
    Layer.succeed(MessageStore, yield* MessageStore),
    Layer.succeed(Journal, yield* Journal),
    beside
  )
  const cluster = ClusterNode.layer.pipe(Layer.provide(MemoryBus.layer(hub, name)), Layer.provide(shared))
  const context = yield* Layer.build(
    Layer.fresh(actors(settings, shared).pipe(Layer.provideMerge(cluster)))
  )
  const users = Context.get(context, UserActors)
  return {
    name,
    context,
    cluster: Context.get(context, Cluster)!,
    /** Somebody who is there, with their `welcome` taken. */
    join: Effect.fnUntraced(function*(user: string, { device, level = "v1", order }: JoinOptions = {}) {
      const connection = new MemoryConnection()
      yield* Effect.forkScoped(
        users.run({ identity: identity(user, device), level, connection, address: "127.0.0.1", order })
      )
      if (level === "v1") yield* connection.expect("welcome")
      return connection
    })
  }
})

export type Node = Effect.Success<ReturnType<typeof startNode>>

export const hubOf = (faults?: BusFaults) => MemoryBus.hub(faults)
