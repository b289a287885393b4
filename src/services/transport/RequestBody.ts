/**
 * The body of a request that may be long: read as fast as it is wanted, and given up when it comes too slowly. Only the
 * time in which more is wanted counts; a store that is slow costs its client nothing.
 */
import { Cause, Effect, Pull, type Scope, Stream } from "effect"
import type { HttpServerRequest } from "effect/http"
import type { IncomingMessage } from "node:http"
import { lend } from "../kernel/lent.ts"
import * as Monotonic from "../kernel/Monotonic.ts"
import { Settings } from "../Settings.ts"
import { BodyError, paceOf, type RequestBody } from "./bodyPace.ts"
import { incomingOf, responseOf } from "./nodeRequest.ts"
import { type RequestTurns, turnsOf } from "./RequestTurns.ts"
import { isHeldBack } from "./Transfers.ts"
import * as WebBody from "./WebBody.ts"
import { webRequestOf } from "./WebRequest.ts"

/** As much as may be here and not yet asked for, in bytes; the request holds as much again. */
const heldBytes = 65_536

/** Past so many pieces they are made one: what follows works by the piece. */
const manyPieces = 16

type Pieces = readonly [Uint8Array, ...Array<Uint8Array>]

const piecesOf = (held: ReadonlyArray<Uint8Array>): Pieces =>
  held.length > manyPieces ? [Buffer.concat(held)] : held as Pieces

class Reader {
  readonly #request: IncomingMessage
  readonly #turns: RequestTurns | undefined
  readonly #now: Monotonic.Now
  #held: Array<Uint8Array> = []
  #heldBytes = 0
  #bytes = 0
  /** Time in which more was wanted than there was. */
  #waited = 0
  #since: number | undefined
  /** When the last of it was taken, where more was not asked for since. */
  #taken: number | undefined
  #resume: ((answer: Pull.Pull<Pieces, BodyError>) => void) | undefined

  constructor(request: IncomingMessage, turns: RequestTurns | undefined, now: Monotonic.Now) {
    this.#request = request
    this.#turns = turns
    this.#now = now
  }

  /** Waited for more in all, and at this moment, in milliseconds; how long nobody has asked for more. */
  get progress(): { readonly waited: number; readonly silent: number; readonly idle: number } {
    const now = this.#now()
    const silent = this.#since === undefined ? 0 : now - this.#since
    return { waited: this.#waited + silent, silent, idle: this.#taken === undefined ? 0 : now - this.#taken }
  }

  begin(): void {
    this.#request.on("data", this.#take)
    for (const event of ["end", "error", "close"]) this.#request.on(event, this.#look)
  }

  /** What is still to come stays where it is. */
  end(): void {
    this.#request.off("data", this.#take)
    for (const event of ["end", "error", "close"]) this.#request.off(event, this.#look)
    this.#request.pause()
  }

  get bytes(): number {
    return this.#bytes
  }

  get wants(): boolean {
    return this.#resume !== undefined || this.#heldBytes < heldBytes
  }

  /** What went past the request. */
  readonly take = (pieces: ReadonlyArray<Buffer>): void => {
    for (const piece of pieces) {
      lend(piece)
      this.#bytes += piece.length
      this.#heldBytes += piece.length
      this.#held.push(piece)
    }
    this.#look()
  }

  readonly #take = (chunk: Buffer): void => {
    this.take([chunk])
    if (!this.wants) this.#request.pause()
  }

  readonly #look = (): void => {
    if (this.#resume === undefined) return
    const answer = this.#answer()
    if (answer === undefined) return
    const resume = this.#resume
    this.#waited += this.#now() - this.#since!
    this.#since = undefined
    this.#resume = undefined
    resume(answer)
  }

  /** What there is to say at this moment. */
  #answer(): Pull.Pull<Pieces, BodyError> | undefined {
    if (this.#held.length > 0) {
      const pieces = piecesOf(this.#held)
      this.#held = []
      this.#heldBytes = 0
      this.#taken = this.#now()
      this.#turns?.wanted()
      return Effect.succeed(pieces)
    }
    this.#taken = undefined
    if (this.#request.readableEnded) return Cause.done()
    return this.#request.destroyed ? new BodyError({ kind: "gone" }) : undefined
  }

  readonly pull: Pull.Pull<Pieces, BodyError> = Effect.suspend(() => this.#answer() ?? this.#next)

  readonly #next: Pull.Pull<Pieces, BodyError> = Effect.callback((resume) => {
    this.#resume = resume
    this.#since = this.#now()
    this.#request.resume()
    this.#turns?.wanted()
    return Effect.sync(() => {
      this.#resume = undefined
      this.#since = undefined
    })
  })
}

/** Until its scope closes a request that is opened has a pace of its own. A client that waits is asked to go on. */
export const make = Effect.gen(function*() {
  const { handshakeMillis } = yield* Settings
  const now = yield* Monotonic.now

  const openNodes = Effect.fnUntraced(function*(served: HttpServerRequest.HttpServerRequest) {
    const request = incomingOf(served)
    const response = responseOf(served)
    const turns = turnsOf(request.socket)
    const reader = new Reader(request, turns, now)
    yield* Effect.acquireRelease(
      Effect.sync(() => turns?.beginUpload(request, reader)),
      () => Effect.sync(() => turns?.endTransfer())
    )
    if (isHeldBack(request)) response.writeContinue()
    yield* Effect.acquireRelease(Effect.sync(() => reader.begin()), () => Effect.sync(() => reader.end()))
    return {
      content: Stream.fromPull(Effect.succeed(reader.pull)),
      pace: paceOf(reader, handshakeMillis)
    } satisfies RequestBody
  })

  const openWebs = WebBody.make(now, handshakeMillis)

  return (served: HttpServerRequest.HttpServerRequest): Effect.Effect<RequestBody, never, Scope.Scope> => {
    const web = webRequestOf(served)
    return web === undefined ? openNodes(served) : openWebs(web)
  }
})

/** Whether there is more of it: whoever is answered before the end has to come again. */
export const isUnfinished = (served: HttpServerRequest.HttpServerRequest): boolean =>
  !(webRequestOf(served)?.isRead ?? incomingOf(served).complete)
