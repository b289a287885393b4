/** Secrets that all servers on a store share, in SQL. */
import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import type { Sql } from "./Dialect.ts"
import { ServerKeys } from "./ServerKeys.ts"
import { orStoreError } from "./sqlErrors.ts"

const bytes = 32

export const make = (sql: Sql): ServerKeys["Service"] =>
  ServerKeys.of({
    key: Effect.fn("ServerKeys.key")(function*(name) {
      const find = sql<{ readonly key: string }>`SELECT key FROM server_keys WHERE name = ${name}`
      let [row] = yield* find
      if (row === undefined) {
        // Of two servers that make one at the same time, one waits here for the other's.
        yield* sql`INSERT INTO server_keys (name, key) VALUES (${name}, ${randomBytes(bytes).toString("base64")})
          ON CONFLICT DO NOTHING`
        ;[row] = yield* find
      }
      return Redacted.make(new Uint8Array(Buffer.from(row!.key, "base64")))
    }, orStoreError)
  })
