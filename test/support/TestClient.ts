/** WebSocket clients for tests. */
import { Deferred, Effect, type Scope } from "effect"
import { WebSocket } from "ws"
import type { ServerFrame } from "../../src/domain/ServerFrame.ts"
import { overTls, ws as protocol } from "./overTls.ts"
import { inTime, Peer } from "./Peer.ts"

export interface ConnectOptions {
  readonly port: number
  /** The value of the Phone-Number header; none is sent when it is missing. */
  readonly user?: string
  readonly level?: "plain" | "v1"
  readonly device?: string
  readonly headers?: Record<string, string>
  /** Of the URL, in place of the device. */
  readonly query?: string
  /** A certificate that is believed, of a server with TLS. */
  readonly ca?: string
}

export interface Refusal {
  readonly _tag: "Refusal"
  readonly status: number
  readonly contentType: string | undefined
  readonly body: unknown
}

/** On a real socket. */
export class TestClient extends Peer {
  readonly ws: WebSocket
  readonly user: string
  readonly #closed = Deferred.makeUnsafe<number>()
  /** The close code; waits for it. */
  readonly closed = Deferred.await(this.#closed).pipe(inTime("the close"))

  constructor(ws: WebSocket, user = "") {
    super()
    this.ws = ws
    this.user = user
    // Attached before `open`: frames may follow the handshake in the same packet.
    ws.on("message", (data: Buffer) => this.hear(JSON.parse(data.toString()) as ServerFrame))
    ws.on("close", (code) => Deferred.doneUnsafe(this.#closed, Effect.succeed(code)))
    ws.on("error", () => {})
  }

  send(frame: object | string | Buffer): void {
    this.ws.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
  }

  close(): void {
    this.ws.close(1000)
  }
}

export const open = Effect.fnUntraced(function*(
  options: ConnectOptions
): Effect.fn.Return<TestClient, Refusal, Scope.Scope> {
  const query = options.query !== undefined
    ? `?${options.query}`
    : options.device === undefined
    ? ""
    : `?device=${encodeURIComponent(options.device)}`
  return yield* Effect.acquireRelease(
    Effect.callback<TestClient, Refusal>((resume) => {
      const ws = new WebSocket(
        `${options.ca === undefined ? protocol : "wss"}://127.0.0.1:${options.port}/ws${query}`,
        options.level === "v1" ? ["switchboard.v1"] : [],
        {
          perMessageDeflate: false,
          rejectUnauthorized: overTls === undefined,
          ...(options.ca === undefined ? undefined : { ca: options.ca }),
          headers: {
            ...options.headers,
            ...(options.user === undefined ? undefined : { "Phone-Number": options.user })
          }
        }
      )
      const client = new TestClient(ws, options.user)
      ws.once("open", () => resume(Effect.succeed(client)))
      // A server that is killed may have answered with half a refusal, or with nothing.
      const broken = (error: Error) => resume(Effect.die(error))
      ws.once("error", broken)
      ws.once("unexpected-response", (_, response) => {
        const chunks: Array<Buffer> = []
        response.once("error", broken)
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
      return Effect.sync(() => ws.terminate())
    }),
    ({ ws }) => Effect.sync(() => ws.terminate()),
    // A server may stand still.
    { interruptible: true }
  ).pipe(inTime("the connection to open"))
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
