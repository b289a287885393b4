/**
 * An actor of a kind of which there are many, each with nothing to do for most of the time. A fiber that waits at a queue
 * is half of what an idle connection keeps in memory, and to wake it the dearest part of a message
 * (`bench/results/2026-11-26-connections.md`). So these have a fiber only while they wait for an effect.
 */
import { type Context, Effect, Exit, Fiber, Result, Scheduler } from "effect"
import type { Waiting } from "./Mailbox.ts"

/** What all actors of a kind share: whose turn it is next, and where their effects run. */
export class IdleActors {
  readonly #dispatcher: Scheduler.SchedulerDispatcher
  readonly run: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  #ready: Array<{ readonly step: () => void }> = []

  /** How many messages may wait for each. */
  readonly capacity: number

  private constructor(
    capacity: number,
    scheduler: Scheduler.Scheduler,
    run: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  ) {
    this.capacity = capacity
    this.#dispatcher = scheduler.makeDispatcher()
    this.run = run
  }

  /** Their effects run with the services that are there. */
  static readonly make = (capacity: number): Effect.Effect<IdleActors> =>
    Effect.contextWith((context: Context.Context<never>) =>
      Effect.map(Scheduler.Scheduler, (scheduler) => new IdleActors(capacity, scheduler, Effect.runForkWith(context)))
    )

  /** Takes its step when those before it have taken theirs. */
  schedule(actor: { readonly step: () => void }): void {
    if (this.#ready.push(actor) === 1) this.#dispatcher.scheduleTask(this.#stepAll, 0)
  }

  readonly #stepAll = (): void => {
    const ready = this.#ready
    this.#ready = []
    for (const actor of ready) actor.step()
  }
}

/** Whatever has gathered in its bounded mailbox is one step, until the mailbox has ended and is empty. */
export abstract class IdleActor<A> {
  readonly #actors: IdleActors
  #mailbox: Array<A> | undefined
  #isBusy = false
  #isEnding = false
  #isOver = false
  /** In it runs what a message has to wait for. */
  #fiber: Fiber.Fiber<void> | undefined

  constructor(actors: IdleActors) {
    this.#actors = actors
  }

  /** See `Mailbox.drain`. */
  protected abstract handle(batch: ReadonlyArray<A>, from: number): Waiting | undefined

  /** Called once: the mailbox has ended and is empty, or something died. */
  protected abstract ended(exit: Exit.Exit<void>): void

  /** How many messages wait. */
  get waiting(): number {
    return this.#mailbox?.length ?? 0
  }

  /** Returns false when the mailbox is full or has ended. */
  offer(message: A): boolean {
    if (this.#isEnding || this.#isOver) return false
    if (this.#mailbox === undefined) this.#mailbox = [message]
    else if (this.#mailbox.length >= this.#actors.capacity) return false
    else this.#mailbox.push(message)
    this.#wake()
    return true
  }

  /** What waits is still carried out. */
  end(): void {
    this.#isEnding = true
    this.#wake()
  }

  /** What waits is not carried out. Returns once nothing of it runs any more; `ended` is not called. */
  stop(): Effect.Effect<void> {
    this.#isOver = true
    this.#mailbox = undefined
    return this.#fiber === undefined ? Effect.void : Fiber.interrupt(this.#fiber)
  }

  /** For `IdleActors`. */
  step(): void {
    while (!this.#isOver) {
      const batch = this.#mailbox
      if (batch === undefined) {
        this.#isBusy = false
        if (this.#isEnding) this.#over(Exit.void)
        return
      }
      this.#mailbox = undefined
      if (!this.#go(batch, 0)) return
    }
  }

  #wake(): void {
    if (this.#isBusy || this.#isOver) return
    this.#isBusy = true
    this.#actors.schedule(this)
  }

  /** Returns whether the batch is done with. */
  #go(batch: ReadonlyArray<A>, from: number): boolean {
    let next = from
    while (!this.#isOver) {
      const handled = Result.try(() => this.handle(batch, next))
      if (Result.isFailure(handled)) {
        this.#over(Exit.die(handled.failure))
        return false
      }
      if (handled.success === undefined) return true
      next = handled.success.next
      const fiber = this.#actors.run(handled.success.effect)
      const exit = fiber.pollUnsafe()
      if (exit === undefined) {
        this.#wait(fiber, batch, next)
        return false
      }
      if (Exit.isFailure(exit)) {
        this.#over(exit)
        return false
      }
    }
    return false
  }

  #wait(fiber: Fiber.Fiber<void>, batch: ReadonlyArray<A>, next: number): void {
    this.#fiber = fiber
    fiber.addObserver((exit) => {
      this.#fiber = undefined
      if (this.#isOver) return
      if (Exit.isFailure(exit)) this.#over(exit)
      else if (this.#go(batch, next)) this.step()
    })
  }

  #over(exit: Exit.Exit<void>): void {
    this.#isOver = true
    this.#mailbox = undefined
    this.ended(exit)
  }
}
