/**
 * A computer of the simulation: a clock of its own, a generator of its own, and a queue of what it has to do. A crash leaves
 * all of it where it is: nothing of a dead machine ever runs again, no finalizer either.
 */
import { Clock, Context, Duration, Effect, Logger, Random, References, Scheduler } from "effect"
import * as ActorScheduler from "../../../src/services/kernel/ActorScheduler.ts"
import { Chance } from "./Chance.ts"
import type { Runner, World } from "./World.ts"

/** How a machine takes up its tasks: in the order in which they came, or as they are drawn. */
export type Order = "fifo" | "drawn"

/** When the stories take place, in milliseconds since the epoch. */
export const epoch = 1_800_000_000_000

export interface MachineOptions {
  readonly order: Order
  /** How far the wall clock is from the true time, in milliseconds. */
  readonly offset?: number
  /** How many milliseconds its clocks go on in one of true time. */
  readonly rate?: number
  readonly log?: (line: string) => void
}

export class Machine implements Runner {
  readonly name: string
  readonly world: World
  readonly context: Context.Context<never>
  readonly scheduler: Scheduler.Scheduler
  isDead = false
  /** Of its fibers, how many wait for a time. */
  timers = 0
  #pausedAt: number | undefined
  #pausedMillis = 0
  /** What happens to it after so many more tasks. */
  #strikes: Array<{ left: number; readonly strike: () => void }> = []
  readonly #order: Order
  readonly #chance: Chance
  #tasks: Array<() => void> = []
  #isReady = false
  #offset: number
  /** How many milliseconds its clocks go on in one of true time. */
  readonly rate: number
  readonly #bootedAt: number

  constructor(name: string, world: World, options: MachineOptions) {
    this.name = name
    this.world = world
    this.#order = options.order
    this.#offset = options.offset ?? 0
    this.rate = options.rate ?? 1
    this.#bootedAt = world.now
    this.#chance = world.chance.fork()
    this.scheduler = this.#makeScheduler()
    this.context = this.#makeContext(options.log)
  }

  /** To be done by this machine, when it is its turn. */
  readonly post = (task: () => void): void => {
    if (this.isDead) return
    this.#tasks.push(task)
    if (!this.isPaused) this.#getReady()
  }

  /** The same, after so many milliseconds of true time. */
  postAfter(millis: number, task: () => void): void {
    if (millis <= 0) this.post(task)
    else this.world.after(millis, () => this.post(task))
  }

  turn(): boolean {
    if (this.isDead || this.isPaused || this.#tasks.length === 0) return this.#isReady = false
    if (this.#order === "fifo") {
      const tasks = this.#tasks
      this.#tasks = []
      let at = 0
      while (at < tasks.length && !this.isDead && !this.isPaused) this.#do(tasks[at++]!)
      // What it has not come to stands before what came meanwhile.
      if (at < tasks.length && !this.isDead) this.#tasks = [...tasks.slice(at), ...this.#tasks]
    } else {
      const at = this.#chance.below(this.#tasks.length)
      const task = this.#tasks[at]!
      this.#tasks.splice(at, 1)
      this.#do(task)
    }
    return this.#isReady = this.#tasks.length > 0 && !this.isPaused && !this.isDead
  }

  crash(): void {
    this.isDead = true
    this.#tasks = []
  }

  /** Nothing of it runs until it is resumed; what comes meanwhile waits, and its timers are late. */
  pause(): void {
    this.#pausedAt ??= this.world.now
  }

  resume(): void {
    this.#pausedMillis = this.pausedMillis
    this.#pausedAt = undefined
    if (this.#tasks.length > 0) this.#getReady()
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined
  }

  /** For how long it has been paused up to now, of true time. */
  get pausedMillis(): number {
    return this.#pausedMillis + (this.#pausedAt === undefined ? 0 : this.world.now - this.#pausedAt)
  }

  /** To be done between two of its tasks, after so many more of them. */
  afterTasks(count: number, strike: () => void): void {
    this.#strikes.push({ left: count, strike })
  }

  /** Nothing of that is to be done any more. */
  spare(): void {
    this.#strikes = []
  }

  /** Somebody sets its wall clock. */
  step(millis: number): void {
    this.#offset += millis
  }

  /** By its wall clock. */
  get date(): number {
    return Math.floor(epoch + this.#offset + this.world.now * this.rate)
  }

  run<A, E>(effect: Effect.Effect<A, E>) {
    return Effect.runForkWith(this.context)(effect)
  }

  #do(task: () => void): void {
    task()
    if (this.#strikes.length === 0) return
    for (const each of this.#strikes) each.left--
    const due = this.#strikes.filter(({ left }) => left <= 0)
    this.#strikes = this.#strikes.filter(({ left }) => left > 0)
    for (const { strike } of due) strike()
  }

  #getReady(): void {
    if (this.#isReady) return
    this.#isReady = true
    this.world.ready(this)
  }

  #makeScheduler(): Scheduler.Scheduler {
    const { executionMode, shouldYield } = new Scheduler.MixedScheduler()
    const dispatcher: Scheduler.SchedulerDispatcher = {
      scheduleTask: (task) => this.post(task),
      flush: () => {
        throw new Error("nothing of a simulation is done at once")
      }
    }
    return { executionMode, shouldYield, makeDispatcher: () => dispatcher }
  }

  #makeClock(): Clock.Clock {
    const date = () => this.date
    const nanos = () => BigInt(Math.round((this.world.now - this.#bootedAt) * this.rate * 1_000_000)) + 5_000_000_000n
    const dateNanos = () => BigInt(date()) * 1_000_000n
    return {
      currentTimeMillisUnsafe: date,
      currentTimeMillis: Effect.sync(date),
      currentTimeNanosUnsafe: dateNanos,
      currentTimeNanos: Effect.sync(dateNanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => {
        const millis = Duration.toMillis(duration)
        if (!Number.isFinite(millis)) return Effect.never
        return Effect.callback((resume) => {
          this.timers++
          let isWaiting = true
          const done = () => {
            if (isWaiting) this.timers--
            isWaiting = false
          }
          const timer = this.world.after(millis / this.rate, () =>
            this.post(() => {
              done()
              resume(Effect.void)
            }))
          return Effect.sync(() => {
            done()
            this.world.cancel(timer)
          })
        })
      }
    }
  }

  #makeContext(log: ((line: string) => void) | undefined): Context.Context<never> {
    const logger = Logger.make(({ logLevel, message, cause }) => {
      log?.(`${logLevel} ${JSON.stringify(message)}${cause.reasons.length === 0 ? "" : ` ${String(cause)}`}`)
    })
    return Context.empty().pipe(
      Context.add(Clock.Clock, this.#makeClock()),
      Context.add(Random.Random, this.#chance.fork().random),
      Context.add(Scheduler.Scheduler, this.scheduler),
      Context.add(ActorScheduler.EventLoop, { next: this.post }),
      Context.add(References.TracerEnabled, false),
      Context.add(Logger.CurrentLoggers, new Set([logger]))
    )
  }
}
