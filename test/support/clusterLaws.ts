/** What must be true of all servers and people once everything is well again. */
import { assert } from "@effect/vitest"
import { Context, Effect, Exit, Layer } from "effect"
import { GroupId } from "../../src/domain/Ids.ts"
import { MessageStore } from "../../src/services/storage/MessageStore.ts"
import { PostgresMessageStore } from "../../src/services/storage/PostgresMessageStore.ts"
import { check } from "./chaosLaws.ts"
import type { Person } from "./clusterPeople.ts"
import type { ClusterProcesses, NodePlace } from "./clusterProcesses.ts"
import { eventually } from "./eventually.ts"
import { connect, type TestClient } from "./TestClient.ts"

/** Generous: an idle one has 120 MB, and what leaks under talk has more soon. */
const maxRss = 400 * 1_048_576

/** A block that was made elsewhere is read from the store, which is away for so long in these stories. */
const lateMillis = 5_000

/** As another who has the database sees it. */
export const storeOf = ({ database }: ClusterProcesses) =>
  Effect.map(
    Layer.build(Layer.fresh(PostgresMessageStore.layer({ url: database, migrate: false, maxConnections: 1 }))),
    (context) => Context.get(context, MessageStore)
  )

/** Says what does not hold, if it does not within half a minute. */
const becomesTrue = (law: Effect.Effect<void>) =>
  Effect.gen(function*() {
    const held = yield* Effect.exit(eventually(Effect.map(Effect.exit(law), Exit.isSuccess)))
    if (Exit.isFailure(held)) yield* law
  })

/** Everything was stored once and came to everybody whom it is for, once and in order. */
export const logsAreRight = Effect.fnUntraced(
  function*(cluster: ClusterProcesses, people: ReadonlyArray<Person>, group: string) {
    const store = yield* storeOf(cluster)
    yield* becomesTrue(Effect.orDie(check(people, GroupId.make(group), store, lateMillis)))
  },
  Effect.scoped
)

export const serversAreWell = (cluster: ClusterProcesses) => {
  for (const node of cluster.running()) {
    assert.notMatch(node.log, /defect/i, `${node.name} made a mistake`)
    assert.isBelow(node.server.rss(), maxRss, `${node.name}'s memory`)
  }
}

/** Watches from one server whether these are there. */
export const watch = Effect.fnUntraced(function*(node: NodePlace, watcher: string, users: ReadonlyArray<string>) {
  const client = yield* connect({ port: node.port, user: watcher, level: "v1" })
  client.send({ type: "subscribe_presence", users })
  return client
})

/** As this watcher was told last. */
export const statusesOf = (client: TestClient): Record<string, string> =>
  Object.fromEntries(client.all("presence").map(({ status, user }) => [user, status]))

/** On all servers it is the same, and this. `watcher` may see them all. */
export const presenceIs = Effect.fnUntraced(
  function*(cluster: ClusterProcesses, watcher: string, expected: Record<string, "online" | "offline">) {
    const watchers = yield* Effect.forEach(
      cluster.running(),
      (node) => Effect.map(watch(node, watcher, Object.keys(expected)), (client) => [node, client] as const)
    )
    yield* becomesTrue(Effect.sync(() => {
      for (const [node, client] of watchers) assert.deepStrictEqual(statusesOf(client), expected, node.name)
    }))
  },
  Effect.scoped
)
