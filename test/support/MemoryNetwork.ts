/** Lines in memory between clients and the server's actors, and everything that can happen to a line. */
import { Cause, Effect, FiberSet, Queue, type Scope } from "effect"
import { LinkClosed, OpenFailed, type OpenRequest, type TransportService } from "../../src/client/Transport.ts"
import type { CloseCode } from "../../src/domain/CloseCode.ts"
import type { Ending } from "../../src/services/session/Connection.ts"
import type { EncodedFrame } from "../../src/services/session/EncodedFrame.ts"
import type { UserActors } from "../../src/services/user/UserActors.ts"
import { identity } from "./actors.ts"
import { MemoryConnection } from "./MemoryConnection.ts"

/** What happens to one line, decided when it is opened. */
export interface Fate {
  /** Milliseconds until it is open; `refused` never is. */
  readonly openAfter: number | "refused"
  /** Milliseconds that each frame is under way. */
  readonly latency: number
  /** Milliseconds after which the line is cut, and who is told of it; a side that is not told has to find out. */
  readonly cut?: { readonly after: number; readonly tellClient: boolean; readonly tellServer: boolean }
  /** What becomes of a frame that the server pushes; the line itself stays. */
  readonly push?: (json: string) => ReadonlyArray<string>
}

export const goodFate: Fate = { openAfter: 0, latency: 0 }

type Forker = (effect: Effect.Effect<void>) => void

/** The server's end of a line is a `MemoryConnection`, the client's end a queue of texts. */
export class Line extends MemoryConnection {
  readonly toClient: Queue.Queue<string, LinkClosed | Cause.Done>
  readonly request: OpenRequest
  readonly #fate: Fate
  readonly #fork: Forker
  isCut = false

  constructor(
    request: OpenRequest,
    fate: Fate,
    toClient: Queue.Queue<string, LinkClosed | Cause.Done>,
    fork: Forker
  ) {
    super()
    this.request = request
    this.#fate = fate
    this.toClient = toClient
    this.#fork = fork
  }

  override write(frames: ReadonlyArray<EncodedFrame>): boolean {
    if (!super.write(frames)) return false
    const texts = frames.flatMap(({ text }) => this.#fate.push?.(text) ?? [text])
    this.#later(() => {
      for (const text of texts) Queue.offerUnsafe(this.toClient, text)
    })
    return true
  }

  /** The client's WebSocket stack answers by itself. */
  override ping(): void {
    super.ping()
    this.#later(() => this.pong())
  }

  protected override end(code: CloseCode, ending: Ending): void {
    const ended = this.closedWith !== undefined
    super.end(code, ending)
    if (!ended) this.#later(() => this.endClient(code.code, code.reason))
  }

  say(texts: ReadonlyArray<string>): void {
    this.#later(() => {
      for (const text of texts) if (this.closedWith === undefined) this.send(text)
    })
  }

  /** The client says goodbye, and is gone a round trip later; the server hears of it unless the line is cut. */
  override leave(): void {
    this.#later(() => {
      this.hangUp()
      this.#later(() => this.#later(() => super.leave()))
    })
  }

  /** What is under way is lost. */
  cut(tellClient: boolean, tellServer: boolean): void {
    this.isCut = true
    if (tellClient) this.endClient(1006, "")
    if (tellServer && this.closedWith === undefined) this.vanish()
  }

  endClient(code: number, reason: string): void {
    Queue.failCauseUnsafe(this.toClient, Cause.fail(new LinkClosed({ code, reason })))
  }

  #later(f: () => void): void {
    const unlessCut = () => {
      if (!this.isCut) f()
    }
    if (this.#fate.latency === 0) unlessCut()
    else this.#fork(Effect.andThen(Effect.sleep(this.#fate.latency), Effect.sync(unlessCut)))
  }
}

export interface Network {
  readonly transport: TransportService
  /** Every line that was asked for, the newest last. */
  readonly lines: ReadonlyArray<Line>
}

/** `fateOf` decides what happens to the next line, `actorOf` names the server that it leads to, if there is one. */
export const makeNetwork = Effect.fnUntraced(function*(
  fateOf: (request: OpenRequest) => Fate,
  actorOf: () => UserActors["Service"] | undefined
): Effect.fn.Return<Network, never, Scope.Scope> {
  const run = yield* FiberSet.makeRuntime<never, void>()
  const fork: Forker = (effect) => void run(effect)
  const lines: Array<Line> = []

  const open: TransportService["open"] = Effect.fnUntraced(function*(request) {
    const fate = fateOf(request)
    if (fate.openAfter === "refused") {
      return yield* new OpenFailed({ message: "the server cannot be reached", permanent: false })
    }
    const line = new Line(request, fate, yield* Queue.unbounded<string, LinkClosed | Cause.Done>(), fork)
    lines.push(line)
    const device = new URL(request.url).searchParams.get("device") ?? undefined
    const live = Effect.suspend(() => {
      const actor = actorOf()
      if (actor === undefined) line.cut(true, true)
      if (line.isCut || actor === undefined) return Effect.void
      if (fate.cut !== undefined) {
        const { after, tellClient, tellServer } = fate.cut
        fork(Effect.andThen(Effect.sleep(after), Effect.sync(() => line.cut(tellClient, tellServer))))
      }
      return actor.run({
        identity: identity(request.headers["Phone-Number"]!, device),
        level: "v1",
        connection: line,
        address: "127.0.0.1"
      })
    })
    // However long the client waits, what it asked for gets to the server.
    fork(fate.openAfter === 0 ? live : Effect.andThen(Effect.sleep(fate.openAfter), live))
    yield* Effect.addFinalizer(() => Effect.sync(() => line.leave()))
    yield* Effect.sleep(fate.openAfter)
    return {
      send: (texts) => Effect.sync(() => line.say(texts)),
      receive: Queue.takeAll(line.toClient).pipe(
        Effect.catchTag("Done", () => Effect.fail(new LinkClosed({ code: 1006, reason: "" })))
      )
    }
  })

  return { transport: { open }, lines }
})
