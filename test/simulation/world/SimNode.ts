/** One run of a server: the whole Switchboard, from the door to the store, on a machine of the simulation. */
import { Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { Authenticator } from "../../../src/services/access/Authenticator.ts"
import { Cluster } from "../../../src/services/cluster/Cluster.ts"
import * as ClusterNode from "../../../src/services/cluster/ClusterNode.ts"
import * as ActorScheduler from "../../../src/services/kernel/ActorScheduler.ts"
import * as LogLimit from "../../../src/services/kernel/LogLimit.ts"
import { Readiness } from "../../../src/services/Readiness.ts"
import { Settings, type SettingValues } from "../../../src/services/Settings.ts"
import * as Switchboard from "../../../src/services/Switchboard.ts"
import { CurrentMeters, Meters } from "../../../src/services/telemetry/Meters.ts"
import { Metrics } from "../../../src/services/telemetry/Metrics.ts"
import { Gateway } from "../../../src/services/transport/Gateway.ts"
import type { Line } from "./Line.ts"
import type { Machine, Order } from "./Machine.ts"
import type { SimBus } from "./SimBus.ts"
import type { SimStore } from "./SimStore.ts"

export interface NodeOptions {
  readonly machine: Machine
  readonly store: SimStore
  /** Without one it is alone. */
  readonly bus: SimBus | undefined
  readonly settings: Partial<SettingValues>
  readonly order: Order
}

/** What is counted; nothing of the machine that the simulation itself runs on is looked at. */
const metrics = Layer.effectContext(
  Effect.sync(() =>
    Context.make(Metrics, { registry: new Map(), collect: Effect.void, text: Effect.succeed("") }).pipe(
      Context.add(CurrentMeters, new Meters())
    )
  )
)

/** In the order in which it ships its tasks are one of the machine's; otherwise each of them is drawn. */
const machinery = { fifo: Layer.merge(ActorScheduler.layer, LogLimit.layer), drawn: LogLimit.layer }

const layerOf = ({ bus, machine, order, settings, store }: NodeOptions) => {
  const stored = store.layerFor(machine)
  const server = Gateway.layer.pipe(
    Layer.provideMerge(Switchboard.layerWithoutMachinery),
    Layer.provide(Authenticator.layerPhoneHeader),
    Layer.provideMerge(Settings.layerOf(settings)),
    Layer.provideMerge(Layer.merge(metrics, machinery[order]))
  )
  const alone = Layer.provideMerge(server, stored)
  return bus === undefined ? alone : Layer.fresh(alone).pipe(
    Layer.provideMerge(ClusterNode.layer.pipe(Layer.provide(bus.layer(machine)), Layer.provide(stored)))
  )
}

/** What a stop may take beside the wait for clients (`cli/stop.ts`). */
const stopMillis = 4_000

export type NodeContext = Context.Context<Layer.Success<ReturnType<typeof layerOf>>>

export class SimNode {
  readonly machine: Machine
  readonly settings: SettingValues
  readonly lines = new Set<Line>()
  readonly #options: NodeOptions
  readonly #scope = Scope.makeUnsafe()
  #building: Fiber.Fiber<NodeContext, unknown> | undefined
  /** What was begun beside the server, and is ended before it. */
  #beside: Array<{ readonly building: Fiber.Fiber<unknown>; readonly scope: Scope.Closeable }> = []
  /** What it is made of, once it has begun. */
  context: NodeContext | undefined
  /** It could not begin, as when its store is away. */
  failure: string | undefined
  isDraining = false

  constructor(options: NodeOptions) {
    this.#options = options
    this.machine = options.machine
    this.settings = { ...Settings.defaults, ...options.settings }
  }

  /** Comes back at once; `began` is called when it listens, or cannot. */
  begin(began: (node: SimNode) => void): void {
    const { machine } = this
    machine.post(() => {
      this.#building = machine.run(
        Layer.buildWithScope(layerOf(this.#options), this.#scope) as Effect.Effect<NodeContext>
      )
      this.#building.addObserver((exit) => {
        if (Exit.isSuccess(exit)) this.context = exit.value
        else this.failure = String(exit.cause)
        began(this)
      })
    })
  }

  /** Begins something that uses the server. */
  begins(layer: Layer.Layer<never>): void {
    const scope = Scope.makeUnsafe()
    this.#beside.push({ building: this.machine.run(Layer.buildWithScope(layer, scope)), scope })
  }

  get isListening(): boolean {
    return this.context !== undefined && !this.machine.isDead
  }

  get gateway(): Gateway["Service"] {
    return Context.get(this.context!, Gateway)
  }

  get cluster() {
    return Context.get(this.context!, Cluster)
  }

  /** As `kill -9`, or as when the power fails: then nobody is told anything. */
  crash(told: boolean): void {
    this.machine.crash()
    this.#options.bus?.left(this.machine)
    for (const line of this.lines) line.serverDied(told)
    this.lines.clear()
  }

  /** As on SIGTERM. `ended` is called when its process has ended, with the lines that were not told of it. */
  stop(ended: (untold: number, lateMillis: number) => void): void {
    const { context, machine } = this
    if (context === undefined || this.isDraining) return
    this.isDraining = true
    const begun = machine.world.now
    const { pausedMillis } = machine
    const lines = Array.from(this.lines).filter((line) => line.isUntroubled)
    let longest = 0
    const stop = Effect.gen({ self: this }, function*() {
      longest = yield* this.gateway.longestDrain
      yield* Context.get(context, Readiness).stopAccepting
      yield* this.gateway.drain
      for (const { building, scope } of this.#beside) {
        yield* Fiber.interrupt(building)
        yield* Scope.close(scope, Exit.void)
      }
      yield* Scope.close(this.#scope, Exit.void)
    })
    machine.post(() => {
      machine.run(stop).addObserver((exit) => {
        if (Exit.isFailure(exit)) this.failure = `it could not stop: ${String(exit.cause)}`
        const untold = lines.filter(({ isUntoldOfStop }) => isUntoldOfStop).length
        // It waits by its own clock, and does nothing while it is paused.
        const millis = machine.world.now - begun - (machine.pausedMillis - pausedMillis)
        const lateMillis = millis * machine.rate - longest - stopMillis
        if (!machine.isDead) this.crash(true)
        ended(untold, lateMillis)
      })
    })
  }
}
