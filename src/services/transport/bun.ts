/** What is used of Bun. Its own types would say that all of Node's world is Bun's. */

/** A WebSocket of `Bun.serve`; `data` is what it was given at the upgrade. */
export interface BunSocket<Data> {
  readonly data: Data
  /** 1 is open. */
  readonly readyState: number
  /** Bytes; 0 where it was dropped, -1 where it waits. */
  readonly sendText: (text: string) => number
  readonly cork: (write: () => void) => void
  readonly ping: (data?: string) => number
  /** Begins no handshake: a close frame, the end of what is sent, and the `close` handler is called before it returns. */
  readonly close: (code: number, reason: string) => void
  readonly terminate: () => void
  readonly getBufferedAmount: () => number
  /** What was read already is handed over all the same. */
  readonly pause: () => void
  readonly resume: () => void
}

export interface BunHandlers<Data> {
  /** Called before `upgrade` returns. */
  readonly open: (ws: BunSocket<Data>) => void
  readonly message: (ws: BunSocket<Data>, message: string | Uint8Array) => void
  /** Has its pong already. */
  readonly ping: (ws: BunSocket<Data>) => void
  readonly pong: (ws: BunSocket<Data>, data: Uint8Array) => void
  readonly drain: (ws: BunSocket<Data>) => void
  readonly close: (ws: BunSocket<Data>, code: number, reason: string) => void
  readonly maxPayloadLength: number
  readonly idleTimeout: number
  readonly sendPings: boolean
  readonly perMessageDeflate: boolean
  readonly backpressureLimit: number
  readonly closeOnBackpressureLimit: boolean
}

export interface BunListener<Data> {
  readonly address: { readonly address: string } | null
  readonly port: number | undefined
  /** Nothing once the request's connection is gone. */
  readonly requestIP: (request: Request) => { readonly address: string; readonly port: number } | null
  /** In seconds, from now on; 0 is no bound. */
  readonly timeout: (request: Request, seconds: number) => void
  readonly upgrade: (
    request: Request,
    options: { readonly data: Data; readonly headers: Readonly<Record<string, string>> }
  ) => boolean
  /** Listens no more; with `true` the connections end, too. */
  readonly stop: (closeActive?: boolean) => Promise<void>
}

export interface BunOptions<Data> {
  readonly port?: number
  readonly hostname?: string
  readonly unix?: string
  readonly tls?: { readonly cert: string; readonly key: string }
  /** In seconds, at most 255: how long a connection may be silent, and a body may take. */
  readonly idleTimeout: number
  readonly maxRequestBodySize: number
  readonly development: boolean
  readonly fetch: (request: Request, server: BunListener<Data>) => Promise<Response | undefined>
  readonly error: (error: unknown) => Response
  readonly websocket: BunHandlers<Data>
}

interface BunRuntime {
  readonly serve: <Data>(options: BunOptions<Data>) => BunListener<Data>
}

/** Nothing on Node. */
export const bun = (globalThis as { readonly Bun?: BunRuntime }).Bun

/** A module that only Bun has. */
export const builtin = <Module>(name: string): Module | undefined =>
  // Its types are none of Node's.
  bun === undefined ? undefined : process.getBuiltinModule(name) as Module | undefined
