/** P4, P10: servers that are stopped one after the other send their clients on, and nobody misses a word. */
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { statusesOf, watch } from "../support/clusterLaws.ts"
import { eventually } from "../support/eventually.ts"
import { during, House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"

const options = { excludeTestServices: true, timeout: "2 minutes" } as const

/** The design's bound for the longest pause of a client is 3 s; a machine that tests other things beside is slower, and what hangs takes longer still. */
const pauseMillis = 20_000

describe.skipIf(!hasPostgres)("servers are stopped", () => {
  layer(House.layer({ bus: "postgres" }), options)("SIGTERM", (it) => {
    it.effect("P10 one of them, under talk: nothing is lost or doubled, and nobody seems to go", () =>
      Effect.gen(function*() {
        const { a, allIsWell, b, c, whileTalking } = yield* House
        const watchers = yield* Effect.forEach([b, c], (node) => watch(node, "wanda", ["alice", "bob", "carol"]))
        yield* eventually(Effect.sync(() =>
          watchers.every((client) => {
            const statuses = Object.values(statusesOf(client))
            return statuses.length === 3 && statuses.every((status) => status === "online")
          })
        ))
        const left = [b, c].map((node) => node.count("Node.left"))
        // Whoever asked before their server had heard of somebody was told that they are away.
        const told = watchers.map((client) => client.all("presence").length)
        const { max } = yield* whileTalking(
          "one server is stopped",
          Effect.gen(function*() {
            yield* during(300)
            assert.strictEqual(yield* a.drain, 0)
            for (const [i, node] of [b, c].entries()) yield* node.logs("Node.left", left[i]! + 1)
            yield* during(500)
          })
        )
        yield* a.start
        assert.isBelow(max, pauseMillis)
        for (const [i, client] of watchers.entries()) {
          assert.isFalse(client.all("presence").slice(told[i]).some(({ status }) => status === "offline"))
        }
        for (const node of [b, c]) assert.strictEqual(node.count("Node.lost"), 0)
        yield* allIsWell
      }).pipe(Effect.scoped))

    it.effect("P10 all of them, one after the other, under talk", () =>
      Effect.gen(function*() {
        const { a, allIsWell, b, c, cluster, people, whileTalking } = yield* House
        for (const { door } of people) door.pin(undefined)
        const { max } = yield* whileTalking(
          "all servers are restarted, one after the other",
          Effect.gen(function*() {
            for (const node of [a, b, c]) {
              assert.strictEqual(yield* node.drain, 0)
              yield* node.start
              yield* cluster.complete
            }
          })
        )
        assert.isBelow(max, pauseMillis)
        yield* allIsWell
      }))
  })
})
