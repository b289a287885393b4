/** Two servers on one Postgres: one of them tells, and when it is killed the other does, without a loss. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Redacted, Scope } from "effect"
import { SqlClient } from "effect/sql"
import { eventually } from "../support/eventually.ts"
import { freshDatabase, hasPostgres } from "../support/postgres.ts"
import { type ServerProcess, startServer } from "../support/ServerProcess.ts"
import { connect } from "../support/TestClient.ts"
import { type Heard, orderProblems, startReceiver, webhookSecret } from "../support/webhookReceiver.ts"

const people = 8

/** Everybody at this server says something as soon as the last was accepted, until the scope closes. */
const talk = Effect.fnUntraced(function*({ port }: ServerProcess, name: string, accepted: { count: number }) {
  for (let i = 0; i < people; i++) {
    const client = yield* connect({ port, user: `${name}${i}`, level: "v1", device: "d" })
    let n = 0
    const say = () =>
      client.send({ type: "chat_message", id: `${name}-${n++}`, recipient: `user${(i + n) % 4}`, text: `${n}` })
    client.ws.on("message", (data: Buffer) => {
      const { type } = JSON.parse(data.toString()) as { type: string }
      if (type === "message_accepted") accepted.count++
      // A pause, because what is looked at is who tells, and not how fast.
      if (type === "message_accepted" || type === "error") setTimeout(say, 20)
    })
    say()
  }
})

const tellersOf = (heard: ReadonlyArray<Heard>) => new Set(heard.map(({ node }) => node))
const keysOf = (heard: ReadonlyArray<Heard>) => heard.map(({ data }) => `${data.conversation} ${data.seq}`)

describe.skipIf(!hasPostgres)("webhooks of two servers", () => {
  it.live(
    "each event is told by one; when that is killed, the other one goes on where it was",
    () =>
      Effect.gen(function*() {
        const database = yield* freshDatabase(`webhooks_${process.pid}`)
        const receiver = yield* startReceiver()
        const start = Effect.fnUntraced(function*(name: string) {
          const scope = yield* Scope.make()
          yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
          const server = yield* startServer(
            ["--store", "postgres", "--database-url", database, "--webhook-url", `${receiver.url}?node=${name}`].concat(
              ["--webhook-events", "message.accepted,group.changed,user.online", "--no-web"]
            ),
            { SWITCHBOARD_WEBHOOK_SECRET: webhookSecret }
          ).pipe(Scope.provide(scope))
          return { name, server }
        })
        const logged = () => receiver.heard.filter(({ type }) => type === "message.accepted")
        let teller = yield* start("a")
        let other = yield* start("b")
        const accepted = { count: 0 }
        for (let round = 0; round < 2; round++) {
          yield* Effect.scoped(Effect.gen(function*() {
            yield* talk(teller.server, `x${round}`, accepted)
            yield* talk(other.server, `y${round}`, accepted)
            const begun = receiver.heard.length
            const goal = accepted.count + 300
            yield* eventually(Effect.sync(() => accepted.count >= goal && receiver.heard.length > begun + 100))
            const whileBoth = logged().slice(-100)
            assert.deepStrictEqual(tellersOf(whileBoth), new Set([teller.name]))
            // Of what was told by one of them nothing is told twice.
            assert.strictEqual(new Set(keysOf(whileBoth)).size, whileBoth.length)
            // Who came to the other server is told by the one that tells.
            const online = receiver.heard.filter(({ data, type }) =>
              type === "user.online" && data.user?.startsWith(`y${round}`)
            )
            assert.deepStrictEqual(tellersOf(online), new Set([teller.name]))
            assert.strictEqual(new Set(online.map(({ data }) => data.user)).size, online.length)

            teller.server.kill("SIGKILL")
            yield* teller.server.exited
            const killedAt = yield* Clock.currentTimeMillis
            yield* eventually(Effect.sync(() => logged().at(-1)?.node === other.name))
            // The lease is eight seconds, and it is asked for once a second.
            assert.isBelow((yield* Clock.currentTimeMillis) - killedAt, 15_000)
          }))
          const next = yield* start(`${teller.name}${round}`)
          teller = other
          other = next
        }
        // One that stood still finds out before it tells anything that is the other's by now.
        yield* Effect.scoped(Effect.gen(function*() {
          yield* talk(other.server, "z", accepted)
          yield* eventually(Effect.sync(() => logged().at(-1)?.node === teller.name))
          teller.server.kill("SIGSTOP")
          yield* eventually(Effect.sync(() => logged().at(-1)?.node === other.name))
          const before = logged().length
          teller.server.kill("SIGCONT")
          yield* eventually(Effect.sync(() => logged().length > before + 200))
          // What was on its way when it was stopped.
          assert.isAtMost(logged().slice(before).filter(({ node }) => node === teller.name).length, 8)
        }))
        const rows = yield* Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql.unsafe<{ key: string }>("SELECT conversation || ' ' || seq AS key FROM entries")
        ).pipe(Effect.provide(PgClient.layer({ url: Redacted.make(database), maxConnections: 1 })))
        assert.isAtLeast(rows.length, accepted.count)
        yield* eventually(Effect.sync(() => {
          const heard = new Set(keysOf(receiver.heard))
          return rows.every(({ key }) => heard.has(key))
        }))
        assert.deepStrictEqual(orderProblems(logged()), [])
        assert.deepStrictEqual(receiver.wrong, [])
      }).pipe(Effect.scoped),
    240_000
  )
})
