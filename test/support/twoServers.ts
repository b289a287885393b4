/** Stories of two servers on one store. */
import { it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import type { MemoryHub } from "../../src/services/cluster/MemoryBus.ts"
import type { Journal } from "../../src/services/storage/Journal.ts"
import type { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { hubOf, type Node, startNode } from "./nodes.ts"

export interface House {
  readonly a: Node
  readonly b: Node
  readonly hub: MemoryHub
}

/** Without a bus, what the other server said is read from the journal. */
export const ways = ["with a bus", "without a bus"] as const

export const onTwoServers =
  <R>(store: Layer.Layer<R | MessageStore | Journal, unknown>, way: typeof ways[number] = "with a bus") =>
  (
    title: string,
    body: (
      house: House
    ) => Generator<Effect.Effect<any, unknown, R | MessageStore | Journal | Scope.Scope>, void, never>
  ) =>
    it.live(title, () =>
      Effect.gen(function*() {
        const hub = hubOf()
        if (way === "without a bus") {
          hub.cut("a")
          hub.cut("b")
        }
        const house = { a: yield* startNode(hub, "a"), b: yield* startNode(hub, "b"), hub }
        yield* Effect.gen(() => body(house))
      }).pipe(Effect.scoped, Effect.provide(Layer.fresh(store))))
