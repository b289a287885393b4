/** `busContract` catches who breaks a law, and waits for it by the test's clock. */
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { MemoryBus, type MemoryHub } from "../../src/services/cluster/MemoryBus.ts"
import { busContract } from "../../src/testing/index.ts"
import { catches } from "./caught.ts"
import { type BusLayer, type BusMutant, busMutants } from "./mutants/bus.ts"

class Hubs extends Context.Service<Hubs, Map<string, MemoryHub>>()("test/testing/Hubs") {}

const inMemory: BusLayer<Hubs> = (channel) =>
  Layer.unwrap(Effect.map(Hubs, (hubs) => {
    const hub = hubs.get(channel) ?? MemoryBus.hub()
    hubs.set(channel, hub)
    return MemoryBus.layer(hub)
  }))

const connections = Effect.map(Hubs, (hubs) => Array.from(hubs.values()).reduce((sum, { size }) => sum + size, 0))

const casesOf = (mutant: BusMutant = (layer) => layer) => busContract({ layer: mutant(inMemory), connections })

const turn = Effect.callback<void>((resume) => void setImmediate(() => resume(Effect.void)))

/** Time passes whenever everybody has had their turn. */
const inPassingTime = Effect.fnUntraced(function*<E, R>(effect: Effect.Effect<void, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  while (fiber.pollUnsafe() === undefined) {
    for (let turns = 0; turns < 5; turns++) yield* turn
    yield* TestClock.adjust("50 millis")
  }
  yield* Fiber.join(fiber)
})

catches<BusMutant>("busContract", {
  laws: casesOf().map(({ name }) => name),
  mutants: busMutants,
  run: (law, mutant) =>
    inPassingTime(casesOf(mutant).find(({ name }) => name === law)!.effect).pipe(
      Effect.provideService(Hubs, new Map())
    )
})
