/** A client that keeps to no rule: raw bytes on a real socket, and frames that no honest stack would send. */
import { Deferred, Effect } from "effect"
import type { Socket } from "node:net"
import { socketTo } from "./overTls.ts"
import { inTime } from "./Peer.ts"

const mask = 0x5a

/** A masked frame; `first` is the byte with FIN and the opcode. */
export const frame = (payload: string | Buffer, first = 0x81): Buffer => {
  const data = Buffer.from(payload)
  for (let i = 0; i < data.length; i++) data[i]! ^= mask
  const length = data.length < 126
    ? Buffer.from([0x80 | data.length])
    : data.length < 65_536
    ? Buffer.from([0xfe, data.length >> 8, data.length & 0xff])
    : Buffer.from([0xff, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => data.length >>> shift & 0xff)])
  return Buffer.concat([Buffer.from([first]), length, Buffer.from([mask, mask, mask, mask]), data])
}

export const upgrade = (headers: Readonly<Record<string, string>>, path = "/ws"): string => {
  const all: Record<string, string> = {
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers
  }
  return `GET ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`
}

export interface HostileClient {
  readonly socket: Socket
  readonly write: (data: string | Buffer) => void
  /** All that has come so far, as Latin-1. */
  readonly received: () => string
  /** The frames that came: opcode and payload. */
  readonly frames: () => ReadonlyArray<{ readonly opcode: number; readonly payload: Buffer }>
  /** Waits until it is. */
  readonly connected: Effect.Effect<void>
  /** The status of the HTTP answer, 101 for a WebSocket; waits for it. */
  readonly status: Effect.Effect<number>
  /** The code of the close frame that came, or `undefined`; waits until the socket is gone. */
  readonly gone: Effect.Effect<number | undefined>
}

const framesIn = (data: Buffer) => {
  const frames: Array<{ opcode: number; payload: Buffer }> = []
  let at = data.indexOf("\r\n\r\n") + 4
  while (at + 2 <= data.length) {
    let length = data[at + 1]! & 0x7f
    let start = at + 2
    if (length === 126) {
      length = data.readUInt16BE(at + 2)
      start = at + 4
    }
    if (start + length > data.length) break
    frames.push({ opcode: data[at]! & 0x0f, payload: data.subarray(start, start + length) })
    at = start + length
  }
  return frames
}

/** Opens a socket to the server; gone with the scope. */
export const hostile = Effect.fnUntraced(function*(port: number, localAddress?: string) {
  const connected = yield* Deferred.make<void>()
  const answered = yield* Deferred.make<number>()
  const gone = yield* Deferred.make<void>()
  let received = Buffer.alloc(0)
  const socket = yield* Effect.acquireRelease(
    Effect.sync(() => socketTo({ port, host: "127.0.0.1", ...(localAddress === undefined ? {} : { localAddress }) })),
    (socket) => Effect.sync(() => socket.destroy())
  )
  socket.on("error", () => {})
  socket.on("connect", () => Deferred.doneUnsafe(connected, Effect.void))
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    const status = /^HTTP\/1\.1 (\d{3})/.exec(received.toString("latin1", 0, 32))
    if (status !== null) Deferred.doneUnsafe(answered, Effect.succeed(Number(status[1])))
  })
  socket.on("close", () => {
    Deferred.doneUnsafe(answered, Effect.succeed(0))
    Deferred.doneUnsafe(gone, Effect.void)
  })
  const frames = () => framesIn(received)
  const client: HostileClient = {
    socket,
    write: (data) => {
      if (socket.writable) socket.write(data)
    },
    received: () => received.toString("latin1"),
    frames,
    connected: Deferred.await(connected),
    status: Deferred.await(answered).pipe(inTime("an answer")),
    gone: Deferred.await(gone).pipe(
      inTime("the end of the socket"),
      Effect.map(() => frames().find(({ opcode }) => opcode === 8)?.payload.readUInt16BE(0))
    )
  }
  return client
})

/** Through the handshake as this user. */
export const intruder = Effect.fnUntraced(function*(port: number, user: string) {
  const client = yield* hostile(port)
  client.write(upgrade({ "Phone-Number": user }))
  const status = yield* client.status
  return { ...client, admitted: status === 101 }
})
