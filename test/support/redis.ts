/** A real Redis or Valkey, for tests. */
import { Effect, Redacted } from "effect"
import { createClient } from "redis"

/** On this machine by default; `TEST_REDIS_URL` names another. */
const url = process.env["TEST_REDIS_URL"] ?? "redis://127.0.0.1:6379"

export const redisUrl = Redacted.make(url)

/** A client like any other, which ends with its scope. */
export const redisClient = Effect.acquireRelease(
  Effect.promise(() => {
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 2_000 } })
    client.on("error", () => {})
    return client.connect()
  }),
  (client) => Effect.sync(() => client.destroy())
)

const reachable = await Effect.runPromise(
  redisClient.pipe(
    Effect.flatMap((client) => Effect.promise(() => client.ping())),
    Effect.scoped,
    Effect.as(true),
    Effect.catchCause(() => Effect.succeed(false))
  )
)

if (!reachable) {
  const message = `No Redis at ${url.replace(/\/\/.*@/, "//")}: the Redis tests cannot run.`
  // CI installs one, so there its absence is a failure and not a reason to skip.
  if (process.env["CI"] !== undefined) throw new Error(message)
  process.stderr.write(`\n!!! SKIPPED: ${message}\n\n`)
}

export const hasRedis = reachable
