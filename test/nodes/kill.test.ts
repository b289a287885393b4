/** P1, P4, P5: a server that is killed takes nothing with it that it had promised. */
import { assert, describe, layer } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { UserId } from "../../src/domain/Ids.ts"
import { statusesOf, storeOf, watch } from "../support/clusterLaws.ts"
import { hears, isReady, textsOf } from "../support/clusterPeople.ts"
import { eventually } from "../support/eventually.ts"
import { during, House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"
import { hasRedisServer } from "../support/redisServer.ts"
import { connect } from "../support/TestClient.ts"

const options = { excludeTestServices: true, timeout: "2 minutes" } as const

/** Ten seconds without a sign of life, the last of which may be a second old; grace is counted from that. And some time to look. */
const offlineMillis = 30_000

describe.skipIf(!hasPostgres || !hasRedisServer)("a server is killed", () => {
  layer(House.layer({ bus: "redis" }), options)("kill -9", (it) => {
    it.effect("P5 between commit and publish: what it had accepted is heard, and who was there is offline in time", () =>
      Effect.gen(function*() {
        const { a, alice, allIsWell, b, bob, c, cluster, group, tablet, whileTalking } = yield* House
        yield* Effect.orDie(alice.client.addMembers(group, ["dora", "wanda"]))
        const dora = yield* connect({ port: a.port, user: "dora", level: "v1" })
        const watchers = yield* Effect.forEach([b, c], (node) => watch(node, "wanda", ["dora", "alice"]))
        const are = (dora: string, alice: string) =>
          eventually(
            Effect.sync(() =>
              watchers.every((client) => statusesOf(client)["dora"] === dora && statusesOf(client)["alice"] === alice)
            )
          )
        yield* are("online", "online")
        // Whoever asked before their server had heard of somebody was told that they are away.
        const told = watchers.map((client) => client.all("presence").length)
        const lost = [b, c].map((node) => node.count("Node.lost"))
        yield* whileTalking(
          "a server killed between commit and publish",
          Effect.gen(function*() {
            yield* during(300)
            a.links.bus.silenceAll()
            yield* dora.ask({ type: "chat_message", recipient: "bob", text: "my last words" }, "message_accepted")
            yield* a.kill
            const killedAt = yield* Clock.currentTimeMillis
            yield* hears(bob, "my last words")
            assert.isBelow((yield* Clock.currentTimeMillis) - killedAt, 10_000)
            // Its other clients find others by themselves.
            for (const person of [alice, tablet]) yield* isReady(person)
            yield* are("offline", "online")
            const took = (yield* Clock.currentTimeMillis) - killedAt
            assert.isBelow(took, offlineMillis)
            assert.isAbove(took, 10_000)
            for (const [i, node] of [b, c].entries()) assert.strictEqual(node.count("Node.lost"), lost[i]! + 1)
            assert.strictEqual((yield* b.ready).nodes?.length, 1)
            for (const [i, client] of watchers.entries()) {
              const { last_seen } = client.all("presence").findLast(({ user }) => user === "dora")!
              assert.isTrue(Number.isSafeInteger(last_seen), String(last_seen))
              assert.isBelow(Math.abs(last_seen! - killedAt), 8_000)
              // Whoever came back within the grace was never away.
              assert.notInclude(
                client.all("presence").slice(told[i]).map(({ status, user }) => `${user} ${status}`),
                "alice offline"
              )
            }
          }),
          50
        )
        // One of them has written it down.
        const store = yield* storeOf(cluster)
        yield* eventually(Effect.map(Effect.orDie(store.lastSeen([UserId.make("dora")])), (seen) => seen.length === 1))
        a.links.bus.pass()
        yield* a.start
        yield* allIsWell
        assert.deepStrictEqual(textsOf(bob, "dora"), ["my last words"])
      }).pipe(Effect.scoped))
  })
})
