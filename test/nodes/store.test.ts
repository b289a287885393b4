/** P1, P3, P5: a server without its database keeps what it promised, says that it can promise nothing, and comes back. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { hears, textsOf } from "../support/clusterPeople.ts"
import { eventually } from "../support/eventually.ts"
import { during, House } from "../support/house.ts"
import { hasPostgres } from "../support/postgres.ts"
import { hasRedisServer } from "../support/redisServer.ts"
import { connect } from "../support/TestClient.ts"

const options = { excludeTestServices: true, timeout: "2 minutes" } as const

describe.skipIf(!hasPostgres || !hasRedisServer)("the database of several servers", () => {
  layer(House.layer({ bus: "redis" }), options)("Postgres", (it) => {
    it.effect("P1 P5 one server is cut off from it: it says so, and hears what others say all the same", () =>
      Effect.gen(function*() {
        const { a, allIsWell, bob, say, whileTalking } = yield* House
        const dora = yield* connect({ port: a.port, user: "dora", level: "v1" })
        yield* say(bob, { recipient: "dora" }, "before")
        yield* dora.waitFor("incoming_message", ({ text }) => text === "before")
        const recovered = a.count("Store.recovered")
        yield* whileTalking(
          "one server cut off from Postgres",
          Effect.gen(function*() {
            a.links.store.refuse()
            assert.strictEqual(
              yield* dora.code({ type: "chat_message", recipient: "bob", text: "not heard" }),
              "unavailable"
            )
            const { code, reason } = yield* a.ready
            assert.deepStrictEqual([code, reason], [503, "store"])
            yield* say(bob, { recipient: "dora" }, "during")
            yield* dora.waitFor("incoming_message", ({ text }) => text === "during")
            yield* during(500)
            a.links.store.pass()
            yield* a.logs("Store.recovered", recovered + 1)
            yield* eventually(Effect.map(a.ready, ({ code }) => code === 200))
            yield* dora.ask({ type: "chat_message", recipient: "bob", text: "after" }, "message_accepted")
            yield* hears(bob, "after")
          })
        )
        assert.deepStrictEqual(textsOf(bob, "dora"), ["after"])
        // What was not confirmed may be told again.
        assert.deepStrictEqual([...new Set(dora.texts)], ["before", "during"])
        yield* allIsWell
      }).pipe(Effect.scoped))

    it.effect("P3 a commit that nobody answers for is made once, whoever asks again", () =>
      Effect.gen(function*() {
        const { a, allIsWell, whileTalking } = yield* House
        const [failed, recovered] = [a.count("Store.failed"), a.count("Store.recovered")]
        yield* whileTalking(
          "Postgres silent to one server",
          Effect.gen(function*() {
            yield* during(300)
            a.links.store.silenceAll()
            yield* a.logs("Store.failed", failed + 1)
            a.links.store.pass()
            a.links.store.reset()
            yield* a.logs("Store.recovered", recovered + 1)
          })
        )
        yield* allIsWell
      }))

    it.effect("P1 P5 it is away for all, as while it is started again", () =>
      Effect.gen(function*() {
        const { a, allIsWell, b, c, whileTalking } = yield* House
        const all = [a, b, c]
        const recovered = all.map((node) => node.count("Store.recovered"))
        yield* whileTalking(
          "Postgres away for all",
          Effect.gen(function*() {
            yield* during(300)
            for (const { links } of all) links.store.refuse()
            for (const node of all) yield* eventually(Effect.map(node.ready, ({ code }) => code === 503))
            for (const { links } of all) links.store.pass()
            for (const [i, node] of all.entries()) yield* node.logs("Store.recovered", recovered[i]! + 1)
            yield* during(300)
          })
        )
        yield* allIsWell
      }))

    it.effect("P5 a server of a later version writes what this one cannot read: all is read anew", () =>
      Effect.gen(function*() {
        const { a, allIsWell, b, c, cluster: { database }, whileTalking } = yield* House
        yield* whileTalking(
          "a journal row of another version",
          Effect.gen(function*() {
            yield* during(300)
            const sql = yield* SqlClient.SqlClient
            yield* sql`WITH later AS (INSERT INTO epochs (epoch, node, beat_at)
                VALUES (nextval('epoch_numbers'), 'later', clock_timestamp()) RETURNING epoch)
              INSERT INTO journal (epoch, at_offset, body) SELECT epoch, 1, '{"v":3,"something":"else"}' FROM later`
            for (const node of [a, b, c]) yield* node.logs("Cluster.resync")
            yield* during(300)
            yield* sql`UPDATE epochs SET ended = true WHERE node = 'later'`
          }).pipe(Effect.provide(PgClient.layer({ url: database, maxConnections: 1 })), Effect.orDie)
        )
        for (const node of [a, b, c]) yield* node.logs("Node.left")
        yield* allIsWell
      }))
  })
})
