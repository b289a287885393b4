/** How a server is, in a few numbers, for administrators. */
import { Context, Effect, Layer, Option } from "effect"
import { Cluster } from "../cluster/Cluster.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { Readiness } from "../Readiness.ts"
import { Router } from "../server/Router.ts"
import { Directory, type StoreSize } from "../storage/Directory.ts"
import type { StoreError } from "../storage/MessageStore.ts"
import { Connections } from "./Connections.ts"

/** A size stands for so many times as long as it took to find out: where that is much, it is asked for rarely. */
const sizeHolds = 20

export interface NodeStats {
  readonly node: string
  /** Whether it is the one that answers. */
  readonly self: boolean
  readonly connections: number
  readonly users: number
  readonly status: "up" | "draining"
}

export interface ServerStats {
  /** On all servers. */
  readonly connections: number
  readonly users: number
  /** By this server, since its start. */
  readonly accepted: number
  /** Missing where an app's own store does not say it. */
  readonly store?: StoreSize
  /** All servers, this one first; none where it is alone. */
  readonly nodes: ReadonlyArray<NodeStats>
  readonly uptimeMillis: number
}

export class Stats extends Context.Service<Stats, {
  readonly now: Effect.Effect<ServerStats, StoreError>
}>()("switchboard/services/admin/Stats") {
  static readonly layer = Layer.effect(
    Stats,
    Effect.gen(function*() {
      const cluster = yield* Cluster
      const connections = yield* Connections
      const directory = Option.getOrUndefined(yield* Effect.serviceOption(Directory))
      const now = yield* Monotonic.now
      const readiness = yield* Readiness
      const router = yield* Router
      const startedAt = now()
      let known: { readonly size: StoreSize; readonly until: number } | undefined

      const size = Effect.gen(function*() {
        if (directory === undefined) return undefined
        const askedAt = now()
        if (known !== undefined && askedAt < known.until) return known.size
        const size = yield* directory.size
        known = { size, until: now() + sizeHolds * (now() - askedAt) }
        return size
      })

      const nodesOf = Effect.fnUntraced(function*(here: { readonly connections: number; readonly users: number }) {
        if (cluster === undefined) return []
        const { node, nodes } = yield* cluster.status
        const status = (yield* readiness.accepting) ? "up" : "draining"
        const self: NodeStats = { node, self: true, ...here, status }
        return [
          self,
          ...nodes.map(({ connections, draining, node, users }): NodeStats => ({
            node,
            self: false,
            connections,
            users,
            status: draining ? "draining" : "up"
          }))
        ]
      })

      return Stats.of({
        now: Effect.gen(function*() {
          const { all, here } = yield* connections.counts
          const store = yield* size
          return {
            ...all,
            accepted: yield* router.accepted,
            ...(store === undefined ? undefined : { store }),
            nodes: yield* nodesOf(here),
            uptimeMillis: Math.round(now() - startedAt)
          }
        })
      })
    })
  )
}
