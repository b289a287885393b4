/** How a client reaches its server: a service, so that tests and other sockets can take its place. */
import { Array, Context, Effect, Schema, type Scope } from "effect"
import * as Socket from "effect/socket/Socket"

/** The level at which this client talks. */
export const subprotocol = "switchboard.v1"

/** What to open. Headers are possible only where a WebSocket can have some, so not in browsers. */
export interface OpenRequest {
  readonly url: string
  readonly protocols: ReadonlyArray<string>
  readonly headers: Readonly<Record<string, string>>
}

/** The connection ended with this code; 1006 when there was none. */
export class LinkClosed extends Schema.TaggedError<LinkClosed>()("LinkClosed", {
  code: Schema.Int,
  reason: Schema.String
}) {}

/** The connection did not come about. */
export class OpenFailed extends Schema.TaggedError<OpenFailed>()("OpenFailed", {
  message: Schema.String,
  /** Whether trying again in the same way is pointless. */
  permanent: Schema.Boolean,
  /** The HTTP status, where it can be seen. */
  status: Schema.optionalKey(Schema.Int),
  retryAfterMillis: Schema.optionalKey(Schema.Int)
}) {}

/** One open connection. Closing its scope abandons it at once, whatever the other side does. */
export interface Link {
  readonly send: (texts: Array.NonEmptyReadonlyArray<string>) => Effect.Effect<void, LinkClosed>
  /** The text frames that have come; waits for one. */
  readonly receive: Effect.Effect<ReadonlyArray<string>, LinkClosed>
}

export interface TransportService {
  readonly open: (request: OpenRequest) => Effect.Effect<Link, OpenFailed | LinkClosed, Scope.Scope>
}

const openTimeout = "10 seconds"

const closedBy = (error: Socket.SocketError): LinkClosed =>
  error.reason._tag === "SocketCloseError"
    ? new LinkClosed({ code: error.reason.code, reason: error.reason.closeReason ?? "" })
    : new LinkClosed({ code: 1006, reason: "the connection broke" })

const isText = (frame: Uint8Array | string): frame is string => typeof frame === "string"

/** A link over one WebSocket. `refusal` tells more about a failure than a WebSocket does, where that is known. */
export const linkOver = Effect.fnUntraced(function*<WS extends Socket.WebSocketLike>(
  acquire: Effect.Effect<WS, OpenFailed, Scope.Scope>,
  refusal: () => OpenFailed | undefined = () => undefined
): Effect.fn.Return<Link, OpenFailed | LinkClosed, Scope.Scope> {
  let failure: OpenFailed | undefined
  // Inside, so that the listeners are there before the event loop can turn.
  const socket = yield* Socket.fromWebSocket(
    Effect.mapError(acquire, (error) => {
      failure = error
      return new Socket.SocketError({ reason: new Socket.SocketOpenError({ kind: "Unknown", cause: error }) })
    }),
    { openTimeout }
  )
  const { pull } = yield* socket.reader.pipe(
    Effect.mapError((error) =>
      failure ?? refusal() ?? (error.reason._tag === "SocketCloseError" ? closedBy(error) : new OpenFailed({
        message: "the server cannot be reached",
        permanent: false
      }))
    )
  )
  const writer = yield* socket.writer
  return {
    send: (texts) => Effect.mapError(writer.writeAll(texts), closedBy),
    receive: pull.pipe(Effect.map(Array.filter(isText)), Effect.mapError(closedBy))
  }
})

/** Node's: a browser's types know no such options. */
type WithHeaders = new(url: string, options: Pick<OpenRequest, "headers" | "protocols">) => WebSocket

/** `globalThis.WebSocket`: browsers, and Node, where it takes headers as well. */
const makeGlobal = ({ headers, protocols, url }: OpenRequest): WebSocket =>
  Object.keys(headers).length === 0
    ? new globalThis.WebSocket(url, [...protocols])
    // Browsers know no such options and throw, which `openGlobal` turns into words.
    : new (globalThis.WebSocket as unknown as WithHeaders)(url, { protocols: [...protocols], headers: { ...headers } })

const acquireGlobal = (request: OpenRequest) =>
  Effect.acquireRelease(
    Effect.try({
      try: () => makeGlobal(request),
      catch: () =>
        new OpenFailed({
          message: Object.keys(request.headers).length === 0
            ? `${request.url.split("?")[0]} is not the address of a WebSocket`
            : "a browser's WebSocket has no headers; use a ticket or a token",
          permanent: true
        })
    }),
    // Nobody waits for the close handshake: on a dead line it would take minutes.
    (ws) => Effect.sync(() => ws.close(1000))
  )

/** Opens connections with the platform's own WebSocket, unless another layer is provided. */
export const Transport = Context.Reference<TransportService>("switchboard/client/Transport", {
  defaultValue: () => ({ open: (request) => linkOver(acquireGlobal(request)) })
})
