/** One contract, every bus. */
import { describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { MemoryBus, MemoryHub } from "../../../src/services/cluster/MemoryBus.ts"
import { busContract } from "../../../src/testing/BusContract.ts"
import * as behind from "../../support/busProxies.ts"
import { hasPostgres } from "../../support/postgres.ts"
import { hasRedis } from "../../support/redis.ts"

class Hubs extends Context.Service<Hubs, Map<string, MemoryHub>>()("test/Hubs") {
  static readonly layer = Layer.sync(Hubs, () => new Map<string, MemoryHub>())
}

const inMemory = (channel: string) =>
  Layer.unwrap(Effect.map(Hubs, (hubs) => {
    const hub = hubs.get(channel) ?? MemoryBus.hub()
    hubs.set(channel, hub)
    return MemoryBus.layer(hub)
  }))

const members = Effect.map(Hubs, (hubs) => Array.from(hubs.values()).reduce((sum, { size }) => sum + size, 0))

describe("memory", () => {
  for (const { effect, name } of busContract({ layer: inMemory, connections: members })) {
    it.live(name, () => Effect.provide(effect, Hubs.layer))
  }
})

describe.skipIf(!hasPostgres)("postgres", () => {
  const { layer, proxy } = behind.postgres
  for (const { effect, name } of busContract({ layer, connections: behind.connections })) {
    it.live(name, () => Effect.provide(effect, proxy))
  }
})

describe.skipIf(!hasRedis)("redis", () => {
  const { layer, proxy } = behind.redis
  for (const { effect, name } of busContract({ layer, connections: behind.connections })) {
    it.live(name, () => Effect.provide(effect, proxy))
  }
})
