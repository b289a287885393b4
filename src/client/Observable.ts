/** A value that can be looked at and listened to, in and outside of Effect. */
import { Effect, Queue, Stream } from "effect"

export class Observable<A> {
  #value: A
  readonly #listeners = new Set<(value: A) => void>()

  constructor(value: A) {
    this.#value = value
  }

  get value(): A {
    return this.#value
  }

  set(value: A): void {
    this.#value = value
    for (const listener of Array.from(this.#listeners)) listener(value)
  }

  /** Called with each new value. Returns the way to stop. */
  listen(listener: (value: A) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The present value, then each new one. */
  readonly stream: Stream.Stream<A> = Stream.callback<A>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        Queue.offerUnsafe(queue, this.#value)
        return this.listen((value) => void Queue.offerUnsafe(queue, value))
      }),
      (stop) => Effect.sync(stop)
    ), { bufferSize: 64, strategy: "sliding" })
}
