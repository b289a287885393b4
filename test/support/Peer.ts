/** Somebody in a story, on whatever line: they say frames, and hear what the server says. Nothing is skipped silently. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"

type FrameType = ServerFrame["type"]
type FrameOf<T extends FrameType> = Extract<ServerFrame, { readonly type: T }>

const patience = "20 seconds"

export const inTime = (what: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, {
    duration: patience,
    orElse: () => Effect.die(new Error(`waited ${patience} for ${what}`))
  })

/** Whoever writes a frame is done with it before its reader goes on. */
const woken = (waiting: Array<() => void>) =>
  Effect.andThen(
    Effect.callback<void>((resume) => void waiting.push(() => resume(Effect.void))),
    Effect.yieldNow
  )

let asked = 0

export abstract class Peer {
  /** Every frame that came, taken or not, the oldest first. */
  readonly heard: Array<ServerFrame> = []
  #taken = 0
  readonly #waiting: Array<() => void> = []

  /** Any value as JSON, or a string as it is. */
  abstract send(frame: object | string): void

  protected hear(frame: ServerFrame): void {
    this.heard.push(frame)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The first frame from this place on that is like this; waits for it, and passes over others before it. */
  #find(from: () => number, matches: (frame: ServerFrame) => boolean): Effect.Effect<ServerFrame> {
    return Effect.gen({ self: this }, function*() {
      for (let at = from();; at++) {
        while (at >= this.heard.length) yield* woken(this.#waiting)
        if (!matches(this.heard[at]!)) continue
        this.#taken = Math.max(this.#taken, at + 1)
        return this.heard[at]!
      }
    }).pipe(inTime("a frame"))
  }

  /** The next frame of any type; waits for it. */
  readonly next: Effect.Effect<ServerFrame> = this.#find(() => this.#taken, () => true)

  /** The next frame, which has to be of this type. */
  expect<T extends FrameType>(type: T): Effect.Effect<FrameOf<T>> {
    return Effect.map(this.next, (frame) => {
      assert.strictEqual(frame.type, type, JSON.stringify(frame))
      return frame as FrameOf<T>
    })
  }

  /** The next frame of this type, and like this; others before it are passed over. */
  waitFor<T extends FrameType>(type: T, matches: (frame: FrameOf<T>) => boolean = () => true) {
    return this.#find(
      () => this.#taken,
      (frame) => frame.type === type && matches(frame as FrameOf<T>)
    ) as Effect.Effect<FrameOf<T>>
  }

  /** Says it with an id, and waits for what carries it back, of this type; others before it are passed over. */
  ask(frame: object): Effect.Effect<ServerFrame>
  ask<T extends FrameType>(frame: object, type: T): Effect.Effect<FrameOf<T>>
  ask(frame: object, type?: FrameType): Effect.Effect<ServerFrame> {
    return Effect.suspend(() => {
      const question = { id: `ask-${asked++}`, ...frame }
      const from = this.heard.length
      this.send(question)
      return Effect.map(
        this.#find(() => from, (answer) => "id" in answer && answer.id === question.id),
        (answer) => {
          if (type !== undefined) assert.strictEqual(answer.type, type, JSON.stringify(answer))
          return answer
        }
      )
    })
  }

  /** The type of the answer, or the code of the error. */
  code(frame: object): Effect.Effect<string> {
    return Effect.map(this.ask(frame), (answer) => answer.type === "error" ? answer.code : answer.type)
  }

  /** Whatever of this type ever came. */
  all<T extends FrameType>(type: T): ReadonlyArray<FrameOf<T>> {
    return this.heard.filter((frame): frame is FrameOf<T> => frame.type === type)
  }

  /** The places and the words of the messages that ever came. */
  get seqs(): ReadonlyArray<number> {
    return this.all("incoming_message").map(({ seq }) => seq)
  }
  get texts(): ReadonlyArray<string> {
    return this.all("incoming_message").map(({ text }) => text)
  }

  /** Takes what has come and was not taken. */
  take(): ReadonlyArray<ServerFrame> {
    const rest = this.heard.slice(this.#taken)
    this.#taken = this.heard.length
    return rest
  }
}
