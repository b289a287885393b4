/** A real Redis: whole, of a user who may hardly do anything, dead, silent. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { redisCheck } from "../../../src/cli/doctor/redis.ts"
import { hasRedis, redisClient, redisUrl } from "../../support/redis.ts"
import { tcpProxy } from "../../support/tcpProxy.ts"
import { foundBy } from "../../support/verdicts.ts"

const looked = (url: string, millis = 30_000) =>
  Effect.map(foundBy([redisCheck(Redacted.make(url))], millis), (lines) => lines.join("\n"))

const url = Redacted.value(redisUrl)

describe.skipIf(!hasRedis)("the doctor, of a Redis", () => {
  it.live("one that is well", () =>
    Effect.gen(function*() {
      const said = yield* looked(url)
      assert.match(said, /^(ok|warning) redis: (Redis|Valkey) \d+\.\d+\.\d+ answers in \d+\.\d ms/m)
      assert.match(said, /^ok clock: It agrees with Redis to within 500 ms\.$/m)
    }), 60_000)

  it.live("a user who may only publish and subscribe, which is enough", () =>
    Effect.gen(function*() {
      const client = yield* redisClient
      const user = ["ACL", "SETUSER", "doctor_guest", "reset", "on", ">hidden", "&*", "-@all", "+publish", "+subscribe"]
      yield* Effect.acquireRelease(
        Effect.promise(() => client.sendCommand(user)),
        () => Effect.promise(() => client.sendCommand(["ACL", "DELUSER", "doctor_guest"]))
      )
      const guest = new URL(url)
      guest.username = "doctor_guest"
      guest.password = "hidden"
      assert.match(yield* looked(guest.href), /^(ok|warning) redis: Redis answers in \d+\.\d ms[^\n]*$/)
      guest.password = "wrong"
      const refused = yield* looked(guest.href)
      assert.match(
        refused,
        /^failed redis: Redis cannot be reached \(.*\); check that it runs and what --redis-url says/
      )
      assert.notInclude(refused, "wrong;")
    }).pipe(Effect.scoped), 60_000)

  it.live("one that is dead, that says nothing, or is none", () =>
    Effect.gen(function*() {
      const proxy = yield* tcpProxy({ host: "127.0.0.1", port: 1 })
      const at = `redis://:hidden@127.0.0.1:${proxy.port}`
      const dead = yield* looked(at)
      proxy.silenceAll()
      const silent = yield* looked(at, 500)
      assert.match(dead, /^failed redis: Redis cannot be reached \(.*\)/)
      assert.match(silent, /^failed redis: No answer in 0\.5 seconds/)
      assert.match(yield* looked("nowhere"), /^failed redis: /)
      assert.match(yield* looked("http://127.0.0.1:1"), /^failed redis: /)
      assert.notInclude(dead + silent, "hidden")
    }).pipe(Effect.scoped), 60_000)
})
