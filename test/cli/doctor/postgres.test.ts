/** Real databases: empty, in use, closed to the role, dead, silent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { postgresCheck } from "../../../src/cli/doctor/postgres.ts"
import { PostgresMessageStore } from "../../../src/services/storage/PostgresMessageStore.ts"
import { freshDatabase, freshRole, hasPostgres, runAt } from "../../support/postgres.ts"
import { tcpProxy } from "../../support/tcpProxy.ts"
import { foundBy } from "../../support/verdicts.ts"

const looked = (url: string, millis = 30_000) =>
  Effect.map(foundBy([postgresCheck(Redacted.make(url))], millis), (lines) => lines.join("\n"))

describe.skipIf(!hasPostgres)("the doctor, of a Postgres", () => {
  it.live("an empty one is well, and so is one that a server has made", () =>
    Effect.gen(function*() {
      const url = yield* freshDatabase("doctor_whole")
      const empty = yield* looked(url)
      assert.match(empty, /^ok store: The database is Postgres \d+\.\d+\.$/m)
      assert.match(empty, /^ok store: There are no tables yet; the next server brings them up to date\.$/m)
      assert.match(empty, /^ok clock: It agrees with the database to within 500 ms\.$/m)
      yield* Layer.build(PostgresMessageStore.layer({ url: Redacted.make(url) }))
      const used = yield* looked(url)
      assert.match(used, /^ok store: The role \w+ may read and write all tables, of migration \d+\.$/m)
      assert.match(used, /^(ok|warning) store: \d+ of \d+ connections of the database are in use, [1-9]/m)
      yield* runAt(url, "INSERT INTO switchboard_migrations (migration_id, name) VALUES (9999, 'later')")
      assert.match(yield* looked(url), /^failed store: The database was written by a newer Switchboard/m)
    }).pipe(Effect.scoped), 60_000)

  it.live("a role without rights, and one that takes no writes or no durability", () =>
    Effect.gen(function*() {
      const url = yield* freshDatabase("doctor_closed")
      const guest = yield* freshRole("doctor_guest", url)
      assert.match(yield* looked(guest), /^failed store: There are no tables yet, and the role doctor_guest may not/m)
      yield* Effect.scoped(Layer.build(PostgresMessageStore.layer({ url: Redacted.make(url) })))
      const closed = yield* looked(guest)
      assert.match(
        closed,
        /^failed store: The role doctor_guest may not read and write \w+, \w+, \w+ and others; GRANT/m
      )
      yield* runAt(
        url,
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO doctor_guest",
        "ALTER ROLE doctor_guest SET synchronous_commit = off",
        "ALTER ROLE doctor_guest SET default_transaction_read_only = on"
      )
      const careless = yield* looked(guest)
      assert.match(careless, /^ok store: The role doctor_guest may read and write all tables/m)
      assert.match(careless, /^failed store: The database has synchronous_commit off, so it may lose/m)
      assert.match(careless, /^failed store: The database takes no writes/m)
    }).pipe(Effect.scoped), 60_000)

  it.live(
    "one that is dead, unknown, refuses or says nothing is one sentence without the password",
    () =>
      Effect.gen(function*() {
        const url = yield* freshDatabase("doctor_dead")
        const proxy = yield* tcpProxy({ host: "127.0.0.1", port: 1 })
        const at = (port: number) => `postgres://chat:hidden@127.0.0.1:${port}/chat`
        const refused = yield* looked(at(proxy.port))
        proxy.silenceAll()
        const silent = yield* looked(at(proxy.port))
        const given = yield* looked(at(proxy.port), 100)
        const unknown = yield* looked(url.replace("doctor_dead", "doctor_nowhere"))
        const wrong = yield* looked("this is no address")
        assert.match(refused, /^failed store: The Postgres database cannot be reached/)
        assert.match(silent, /^failed store: The Postgres database cannot be reached/)
        assert.match(given, /^failed store: No answer in 0\.1 seconds/)
        assert.match(
          unknown,
          /^failed store: The Postgres database refuses: database "doctor_nowhere\w*" does not exist/
        )
        assert.match(wrong, /^failed store: /)
        for (const said of [refused, silent, given, unknown, wrong]) {
          assert.notInclude(said, "hidden")
          assert.notInclude(said, "\n")
        }
      }).pipe(Effect.scoped),
    60_000
  )
})
