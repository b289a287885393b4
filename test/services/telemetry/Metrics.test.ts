/** What a server's metrics say of what happens in it. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Metric } from "effect"
import { Authenticator } from "../../../src/services/access/Authenticator.ts"
import * as ClusterNode from "../../../src/services/cluster/ClusterNode.ts"
import { MemoryBus } from "../../../src/services/cluster/MemoryBus.ts"
import { Settings } from "../../../src/services/Settings.ts"
import { MemoryMessageStore } from "../../../src/services/storage/MemoryMessageStore.ts"
import * as Switchboard from "../../../src/services/Switchboard.ts"
import { CurrentMeters } from "../../../src/services/telemetry/Meters.ts"
import { Metrics } from "../../../src/services/telemetry/Metrics.ts"
import { UserActors } from "../../../src/services/user/UserActors.ts"
import { actors, join, pass, settle, startUser, story } from "../../support/actors.ts"
import { valueOf } from "../../support/metricsPage.ts"
import { Moody } from "../../support/moodyStore.ts"
import { until } from "../../support/until.ts"

const valuesOf = (metrics: Metrics["Service"], ...names: ReadonlyArray<string>) =>
  Effect.map(metrics.text, (page) => names.map((name) => valueOf(page, `switchboard_${name}`)))

const values = (...names: ReadonlyArray<string>) => Effect.flatMap(Metrics, (metrics) => valuesOf(metrics, ...names))

const idsIn = (registry: Metric.MetricRegistry) => Array.from(registry.values(), ({ id }) => id)

const moody = new Moody()

describe("the metrics of a server", () => {
  story("what waits, and for whom", function*() {
    const alice = yield* join("alice")
    const { connection: bob } = yield* startUser("bob", { level: "v1", stalled: true })
    yield* settle
    const [before] = yield* values("outbound_bytes")
    yield* alice.says({ type: "chat_message", recipient: "bob", text: "x".repeat(1_000) })
    const [after, connections, online] = yield* values("outbound_bytes", "connections", "users_online")
    assert.isAtLeast(after! - before!, 1_000)
    assert.deepStrictEqual([connections, online], [2, 2])
    bob.drain()
    bob.vanish()
    yield* settle
    assert.deepStrictEqual(yield* values("outbound_bytes", "connections", "users_online", "closed_total"), [0, 1, 1, 1])
  })

  story("a store that does not answer shows, and what waits for it", function*() {
    const alice = yield* join("alice")
    moody.only = new Set(["commit", "check"])
    moody.mood = "silent"
    const say = (id: string) => alice.says({ type: "chat_message", recipient: "bob", text: "hello", id })
    yield* say("1")
    yield* say("2")
    const { text } = yield* Metrics
    assert.strictEqual(valueOf(yield* text, "switchboard_mailbox_depth", { actor: "PersistenceActor" }), 1)
    assert.deepStrictEqual(yield* values("store_up", "commit_duration_seconds_count"), [1, 0])
    yield* pass("10 seconds")
    // What it took until it was given up is told like any other; the second is refused at once.
    assert.deepStrictEqual(yield* values("store_up", "commit_duration_seconds_count"), [0, 1])
    assert.isAtLeast((yield* values("commit_duration_seconds_sum"))[0]!, 10)
    assert.strictEqual(valueOf(yield* text, "switchboard_errors_total", { code: "unavailable" }), 2)
    moody.mood = "well"
    yield* moody.wake
    yield* pass("60 seconds")
    assert.deepStrictEqual(yield* values("store_up"), [1])
  }, actors({}, moody.layer))

  it.live("however often it is asked for, the page takes a fiftieth of the time", () =>
    Effect.gen(function*() {
      const { gauges } = yield* CurrentMeters
      const { text } = yield* Metrics
      let reads = 0
      gauges.usersOnline = () => {
        const begun = performance.now()
        while (performance.now() - begun < 5) reads |= 0
        return ++reads
      }
      const begun = performance.now()
      for (let i = 0; i < 200; i++) yield* text
      assert.isAtMost(reads, 1 + (performance.now() - begun) / 250)
      assert.isAtLeast(reads, 1)
    }).pipe(Effect.provide(Metrics.layer)))

  const server = Switchboard.layer.pipe(
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provideMerge(Settings.layerOf({})),
    Layer.provideMerge(MemoryMessageStore.layer())
  )
  const build = Layer.build(Layer.fresh(server))

  it.effect("two servers in one process do not mix, and none is in the registry of all", () =>
    Effect.gen(function*() {
      const [a, b] = [yield* build, yield* build]
      yield* Effect.provide(join("alice"), a)
      const read = (context: typeof a) => valuesOf(Context.get(context, Metrics), "connections")
      assert.deepStrictEqual([yield* read(a), yield* read(b)], [[1], [0]])
      assert.isEmpty(idsIn(yield* Metric.MetricRegistry).filter((id) => id.startsWith("switchboard_")))
    }).pipe(Effect.scoped))

  it.effect("an app's own registry has them beside its own metrics, until the server is gone", () =>
    Effect.gen(function*() {
      const registry = new Map()
      const inIt = Effect.provideService(Metric.MetricRegistry, registry)
      yield* inIt(Metric.update(Metric.counter("app_orders_total", { description: "Orders." }), 3))
      yield* Effect.scoped(Effect.gen(function*() {
        const { text } = Context.get(yield* inIt(build), Metrics)
        const page = yield* text
        assert.deepStrictEqual([valueOf(page, "app_orders_total"), valueOf(page, "switchboard_store_up")], [3, 1])
      }))
      assert.deepStrictEqual(idsIn(registry), ["app_orders_total"])
    }))

  it.effect("an exporter of Effect's own sees them as they are at that moment", () =>
    Effect.gen(function*() {
      const context = yield* build
      yield* Effect.provide(join("alice"), context)
      const snapshot = yield* Metric.snapshot.pipe(
        Effect.provide(Layer.provide(Metrics.layerRegistry, Layer.succeedContext(context)))
      )
      const gauge = snapshot.find(({ id }) => id === "switchboard_connections")
      assert.deepStrictEqual(gauge?.state, { value: 1 })
    }).pipe(Effect.scoped))

  it.effect("of several servers: how many there are, and whether the bus is", () =>
    Effect.gen(function*() {
      const hub = MemoryBus.hub()
      const shared = yield* Layer.build(MemoryMessageStore.layer())
      const node = (name: string) =>
        Layer.build(Layer.fresh(
          Switchboard.layer.pipe(
            Layer.provide(Layer.orDie(ClusterNode.layer).pipe(Layer.provide(MemoryBus.layer(hub, name)))),
            Layer.provide(Authenticator.layerPhoneHeader),
            Layer.provide(Settings.layerOf({})),
            Layer.provide(Layer.succeedContext(shared))
          )
        ))
      const [a, b] = [yield* node("a"), yield* node("b")]
      const seen = valuesOf(Context.get(a, Metrics), "bus_up", "nodes", "bus_gaps_total")
      yield* pass("3 seconds")
      assert.deepStrictEqual(yield* seen, [1, 2, 0])
      const at = (context: typeof a, user: string) => Effect.provide(join(user), Context.pick(UserActors)(context))
      const [alice, bob] = [yield* at(a, "alice"), yield* at(b, "bob")]
      const say = (text: string) => bob.says({ type: "chat_message", recipient: "alice", text })
      // What b says is lost once, and the next one shows that.
      hub.faults = { pick: () => 0, lost: 1_000 }
      yield* say("one")
      hub.faults = undefined
      yield* say("two")
      yield* until(Effect.map(seen, ([, , gaps]) => gaps === 1))
      yield* pass("1 second")
      yield* until(Effect.sync(() => alice.texts.length === 2))
      yield* say("three")
      yield* until(Effect.sync(() => alice.texts.length === 3))
      assert.deepStrictEqual(yield* seen, [1, 2, 1])
      hub.cut("a")
      assert.deepStrictEqual(yield* seen, [0, 2, 1])
    }).pipe(Effect.scoped))
})
