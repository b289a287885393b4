/** The body of a web's request that may be long: what comes is read as it is asked for, and waits with its client otherwise. */
import { Cause, Effect, Pull, Stream } from "effect"
import type * as Monotonic from "../kernel/Monotonic.ts"
import { BodyError, paceOf, type RequestBody } from "./bodyPace.ts"
import type { WebRequest } from "./WebRequest.ts"

type Pieces = readonly [Uint8Array, ...Array<Uint8Array>]

const ignore = () => {}

class WebReader {
  readonly #web: WebRequest
  readonly #settled: () => void
  readonly #now: Monotonic.Now
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  #bytes = 0
  /** Time in which more was wanted than there was. */
  #waited = 0
  #since: number | undefined
  #taken: number | undefined

  constructor(web: WebRequest, now: Monotonic.Now) {
    this.#web = web
    this.#settled = web.settle()
    this.#now = now
    this.#reader = web.request.body?.getReader()
  }

  get bytes(): number {
    return this.#bytes
  }

  get progress(): { readonly waited: number; readonly silent: number; readonly idle: number } {
    const now = this.#now()
    const silent = this.#since === undefined ? 0 : now - this.#since
    return { waited: this.#waited + silent, silent, idle: this.#taken === undefined ? 0 : now - this.#taken }
  }

  readonly pull: Pull.Pull<Pieces, BodyError> = Effect.suspend(() => {
    this.#since = this.#now()
    this.#taken = undefined
    return Effect.flatMap(this.#read, ({ done, value }) => {
      this.#waited += this.#now() - this.#since!
      this.#since = undefined
      if (done) {
        this.#web.isRead = true
        return Cause.done()
      }
      this.#taken = this.#now()
      this.#bytes += value.length
      return Effect.succeed([value] as const)
    })
  })

  get #read() {
    const reader = this.#reader
    return reader === undefined
      ? Effect.succeed({ done: true, value: undefined } as const)
      : Effect.tryPromise({ try: () => reader.read(), catch: () => new BodyError({ kind: "gone" }) })
  }

  /** What is still to come is nobody's. */
  end(): void {
    this.#settled()
    if (!this.#web.isRead) this.#reader?.cancel().catch(ignore)
  }
}

/** Until its scope closes a request that is opened has a pace of its own. */
export const make = (now: Monotonic.Now, patience: number) =>
  Effect.fnUntraced(function*(web: WebRequest) {
    const reader = yield* Effect.acquireRelease(
      Effect.sync(() => {
        web.begin()
        return new WebReader(web, now)
      }),
      (reader) =>
        Effect.sync(() => {
          reader.end()
          web.end()
        })
    )
    return {
      content: Stream.fromPull(Effect.succeed(reader.pull)),
      pace: paceOf(reader, patience)
    } satisfies RequestBody
  })
