/** A WebSocket client for tests: typed frames in and out, and nothing is skipped silently. */
import { assert } from "@effect/vitest"
import { Deferred, Effect, Queue, type Scope } from "effect"
import { WebSocket } from "ws"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"

type FrameType = ServerFrame["type"]
type FrameOf<T extends FrameType> = Extract<ServerFrame, { readonly type: T }>

export interface ConnectOptions {
  readonly port: number
  /** The value of the Phone-Number header; none is sent when it is missing. */
  readonly user?: string
  readonly level?: "plain" | "v1"
  readonly device?: string
  readonly headers?: Record<string, string>
}

export interface Refusal {
  readonly _tag: "Refusal"
  readonly status: number
  readonly contentType: string | undefined
  readonly body: unknown
}

export interface TestClient {
  readonly ws: WebSocket
  /** Any value as JSON, or a string as it is. */
  readonly send: (frame: object | string | Buffer) => void
  /** The next frame of any type. Fails after five seconds. */
  readonly next: Effect.Effect<ServerFrame>
  /** The next frame, which has to be of this type. */
  readonly expect: <T extends FrameType>(type: T) => Effect.Effect<FrameOf<T>>
  /** The next frame of this type; others before it are passed over. */
  readonly waitFor: <T extends FrameType>(type: T) => Effect.Effect<FrameOf<T>>
  /** Everything that has arrived and was not taken. */
  readonly rest: Effect.Effect<ReadonlyArray<ServerFrame>>
  /** The close code; waits for it. */
  readonly closed: Effect.Effect<number>
  readonly close: () => void
}

const patience = "10 seconds"

const inTime = (what: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.timeoutOrElse(effect, {
    duration: patience,
    orElse: () => Effect.die(new Error(`waited ${patience} for ${what}`))
  })

export const open = Effect.fnUntraced(function*(
  options: ConnectOptions
): Effect.fn.Return<TestClient, Refusal, Scope.Scope> {
  const frames = yield* Queue.unbounded<ServerFrame>()
  const closed = yield* Deferred.make<number>()
  const query = options.device === undefined ? "" : `?device=${encodeURIComponent(options.device)}`
  const ws = yield* Effect.acquireRelease(
    Effect.callback<WebSocket, Refusal>((resume) => {
      const ws = new WebSocket(
        `ws://127.0.0.1:${options.port}/ws${query}`,
        options.level === "v1" ? ["switchboard.v1"] : [],
        {
          perMessageDeflate: false,
          headers: {
            ...options.headers,
            ...(options.user === undefined ? undefined : { "Phone-Number": options.user })
          }
        }
      )
      // Attached before `open`: frames may follow the handshake in the same packet.
      ws.on("message", (data: Buffer) => Queue.offerUnsafe(frames, JSON.parse(data.toString()) as ServerFrame))
      ws.on("close", (code) => Deferred.doneUnsafe(closed, Effect.succeed(code)))
      ws.on("error", () => {})
      ws.once("open", () => resume(Effect.succeed(ws)))
      ws.once("unexpected-response", (_, response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString()
          resume(Effect.fail({
            _tag: "Refusal",
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"],
            body: text.startsWith("{") ? JSON.parse(text) : text
          }))
        })
      })
    }),
    (ws) => Effect.sync(() => ws.terminate())
  ).pipe(inTime("the connection to open"))

  const next = Queue.take(frames).pipe(inTime("a frame"))
  const expect = <T extends FrameType>(type: T) =>
    Effect.map(next, (frame) => {
      assert.strictEqual(frame.type, type, JSON.stringify(frame))
      return frame as FrameOf<T>
    })
  const waitFor = <T extends FrameType>(type: T): Effect.Effect<FrameOf<T>> =>
    Effect.flatMap(next, (frame) => frame.type === type ? Effect.succeed(frame as FrameOf<T>) : waitFor(type))

  return {
    ws,
    send: (frame) => ws.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)),
    next,
    expect,
    waitFor,
    rest: Queue.clear(frames),
    closed: Deferred.await(closed).pipe(inTime("the close")),
    close: () => ws.close(1000)
  }
})

/** Opens a connection that has to be let in; at level `v1` its `welcome` is taken. */
export const connect = Effect.fnUntraced(function*(options: ConnectOptions) {
  const client = yield* open(options).pipe(
    Effect.mapError((refusal) => new Error(JSON.stringify(refusal))),
    Effect.orDie
  )
  if (options.level === "v1") yield* client.expect("welcome")
  return client
})

/** One round trip: whatever was sent before has been handled when it returns. */
export const roundTrip = Effect.fnUntraced(function*(client: TestClient) {
  client.send({ type: "ping", id: "round-trip" })
  return yield* client.waitFor("pong")
})
