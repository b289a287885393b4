/** P1, P4, P5: whatever happens to what carries the news between servers, nothing is lost, doubled or out of order. */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { createClient } from "redis"
import { Envelope } from "../../src/services/cluster/Envelope.ts"
import { hears, textsOf } from "../support/clusterPeople.ts"
import { startCluster } from "../support/clusterProcesses.ts"
import { eventually } from "../support/eventually.ts"
import { during, House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"
import { hasRedisServer } from "../support/redisServer.ts"
import { connect, TestClient } from "../support/TestClient.ts"

const options = { excludeTestServices: true, timeout: "2 minutes" } as const

/** The bound of the design is 1.2 s; this machine may do other things as well. */
const tailMillis = 15_000

describe.skipIf(!hasPostgres)("the bus of several servers", () => {
  for (const bus of ["redis", "postgres"] as const) {
    if (bus === "redis" && !hasRedisServer) continue

    layer(House.layer({ bus }), options)(bus, (it) => {
      it.effect("P5 lines that break, and are slow, cost a moment", () =>
        Effect.gen(function*() {
          const { a, allIsWell, b, c, whileTalking } = yield* House
          // One that is not there yet is not lost.
          assert.deepStrictEqual([a, b, c].map((node) => node.count("Bus.lost")), [0, 0, 0])
          const { max } = yield* whileTalking(
            `${bus}: lines cut`,
            Effect.gen(function*() {
              yield* during(300)
              c.links.bus.delay(150)
              c.links.bus.reset()
              yield* during(300)
              b.links.bus.reset()
              yield* during(1_500)
              c.links.bus.delay(0)
              c.links.bus.reset()
              yield* during(300)
            })
          )
          assert.isBelow(max, tailMillis)
          yield* allIsWell
        }))

      it.effect("P5 a bus that takes everything and tells nothing is found out, and what is said comes all the same", () =>
        Effect.gen(function*() {
          const { allIsWell, b, whileTalking } = yield* House
          const [lost, back] = [b.count("Bus.lost"), b.count("Bus.back")]
          const { max } = yield* whileTalking(
            `${bus}: takes everything and tells nothing`,
            Effect.gen(function*() {
              b.links.bus.silenceAll()
              yield* b.logs("Bus.lost", lost + 1)
              const { bus, code } = yield* b.ready
              assert.deepStrictEqual([code, bus?.status], [200, "down"])
              b.links.bus.pass()
              yield* b.logs("Bus.back", back + 1)
            }),
            50
          )
          assert.isBelow(max, tailMillis)
          yield* allIsWell
        }))

      if (bus === "postgres") return

      it.effect("P5 Redis stops and comes back: messages go on, and receipts and typing when it is back", () =>
        Effect.gen(function*() {
          const { a, alice, allIsWell, b, bob, c, cluster: { redis }, lags, say, whileTalking } = yield* House
          const all = [a, b, c]
          const lost = all.map((node) => node.count("Bus.lost"))
          const back = all.map((node) => node.count("Bus.back"))
          const { max } = yield* whileTalking(
            "redis: stopped",
            Effect.gen(function*() {
              yield* redis.stop
              for (const [i, node] of all.entries()) yield* node.logs("Bus.lost", lost[i]! + 1)
              lags.take()
              yield* during(2_000)
              // It is known by now: the journal is read more often.
              assert.isBelow(lags.take().p50, 900)
              yield* redis.start
              for (const [i, node] of all.entries()) yield* node.logs("Bus.back", back[i]! + 1)
            })
          )
          assert.isBelow(max, tailMillis)
          yield* say(bob, { recipient: "alice" }, "are you there?")
          yield* hears(alice, "are you there?")
          yield* eventually(Effect.andThen(
            bob.client.typing({ recipient: "alice" }, true),
            Effect.sync(() => alice.live.some(({ type }) => type === "typing"))
          ))
          yield* eventually(Effect.sync(() => bob.live.some(({ type }) => type === "receipt")))
          yield* allIsWell
        }))

      it.effect("P1 Redis that is emptied, and cuts its subscribers, has lost nothing", () =>
        Effect.gen(function*() {
          const { allIsWell, cluster: { redis }, whileTalking } = yield* House
          const { max } = yield* whileTalking(
            "redis: FLUSHALL, CLIENT KILL",
            Effect.gen(function*() {
              yield* during(300)
              yield* redis.command("FLUSHALL")
              yield* during(300)
              yield* redis.command("CLIENT KILL TYPE pubsub")
              yield* during(1_500)
              yield* redis.command("CLIENT KILL TYPE normal")
              yield* during(1_000)
            })
          )
          assert.isBelow(max, tailMillis)
          yield* allIsWell
        }))

      it.effect("P8 P9 a stranger on the channel is not heard, whatever they say, and nobody falls", () =>
        Effect.gen(function*() {
          const { alice, allIsWell, bob, cluster: { redis }, people, say, whileTalking } = yield* House
          const url = `redis://127.0.0.1:${redis.port}`
          const [client, listener] = yield* Effect.forEach([1, 2], () =>
            Effect.acquireRelease(
              Effect.promise(() => createClient({ url }).on("error", () => {}).connect()),
              (client) => Effect.sync(() => client.destroy())
            ))
          const [channel] = yield* Effect.promise(() => client!.pubSubChannels("sb1_*"))
          const recorded: Array<string> = []
          yield* Effect.promise(() => listener!.subscribe(channel!, (message) => void recorded.push(message)))
          const publish = (message: string) => Effect.promise(() => client!.publish(channel!, message))
          yield* whileTalking("redis: nothing but talk", during(1_500))
          const real = recorded.filter((message) => message.startsWith("="))
          assert.isAbove(real.length, 20)
          const forger = new Envelope({ key: Redacted.make(new Uint8Array(randomBytes(32))), node: "aaaaaaaaaaaa" })
          const news = (epoch: number) => ({
            _: "news",
            epoch,
            offset: 1_000_000,
            prev: 0,
            items: [{
              conversation: "direct:alice:bob",
              from: 1,
              to: 1,
              entry: { kind: "text", sender: "alice", seq: 1, text: "forged", message_id: "x", client_id: "x", at: 1 }
            }],
            notes: [{ ban: "bob" }]
          })
          yield* whileTalking(
            "redis: a stranger writes",
            Effect.gen(function*() {
              for (let epoch = 1; epoch < 10; epoch++) yield* publish(`=${forger.seal(news(epoch))}`)
              yield* publish(`=${forger.seal({ _: "bye", node: "aaaaaaaaaaaa", epoch: 1, offset: 1 })}`)
              for (const text of ["", "=", "?", "{}", "=null", `=${"x".repeat(44)}{"v":1}`, "\0", "=\uD800"]) {
                yield* publish(text)
              }
              for (let i = 0; i < 200; i++) yield* publish(randomBytes(300).toString("latin1"))
              for (const length of [1_000_000, 5_000_000]) yield* publish(`=${"x".repeat(length)}`)
              for (const message of real) yield* publish(message)
              for (const message of real) yield* publish(message.replace("alice", "carol"))
              for (const message of real.toReversed()) yield* publish(message)
              yield* during(1_000)
            })
          )
          yield* say(alice, { recipient: "bob" }, "still there?")
          yield* hears(bob, "still there?")
          for (const person of people) assert.notInclude(textsOf(person), "forged")
          yield* allIsWell
        }).pipe(Effect.scoped))

      it.effect("P8 another cluster on the same Redis neither hears nor is heard", () =>
        Effect.gen(function*() {
          const { alice, bob, cluster, say } = yield* House
          const { nodes: [other] } = yield* startCluster({ bus: cluster.redis, nodes: 1 })
          assert.deepStrictEqual((yield* other.ready).nodes, [])
          const stranger = yield* connect({ port: other.port, user: "bob", level: "v1" })
          const their = yield* connect({ port: other.port, user: "alice", level: "v1" })
          yield* their.ask({ type: "chat_message", recipient: "bob", text: "in another world" }, "message_accepted")
          yield* stranger.waitFor("incoming_message")
          yield* say(alice, { recipient: "bob" }, "in this one")
          yield* hears(bob, "in this one")
          assert.deepStrictEqual(stranger.texts, ["in another world"])
          assert.notInclude(textsOf(bob), "in another world")
          assert.strictEqual((yield* other.ready).nodes?.length, 0)
          assert.isTrue(stranger instanceof TestClient)
          yield* cluster.complete
        }).pipe(Effect.scoped))
    })
  }
})
