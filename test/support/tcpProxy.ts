/** Between a server and its database, or its clients: passes everything on, until the test says otherwise. */
import { Effect } from "effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"

export interface TcpProxy {
  readonly port: number
  /** Lines that are open. */
  readonly open: () => number
  /** The lines that are open now stay open, and nothing comes through them any more. */
  readonly silence: () => void
  /** So are new ones, until `pass`. */
  readonly silenceAll: () => void
  /** Cuts all lines; new ones are cut at once, until `pass`. */
  readonly refuse: () => void
  readonly reset: () => void
  /** New lines work. */
  readonly pass: () => void
  /** So does the next line on which a client says this, before it has passed it on. */
  readonly silenceBefore: (word: string) => void
  /** Each line on which a client says this is cut, and the word is not passed on; `undefined` ends that. */
  readonly cutBefore: (word: string | undefined) => void
  /** How many were cut so. */
  readonly cuts: () => number
  /** What new lines pass on is this late, in milliseconds. */
  readonly delay: (millis: number) => void
}

interface LineOptions {
  readonly delay: number
  /** Whether nothing comes through from here on. */
  readonly isLast: (said: Buffer) => boolean
  /** Whether it is cut here. */
  readonly isCut: (said: Buffer) => boolean
  readonly onEnd: () => void
}

class Line {
  readonly #sockets: ReadonlyArray<Socket>
  silent = false

  constructor(client: Socket, server: Socket, { delay, isCut, isLast, onEnd }: LineOptions) {
    this.#sockets = [client, server]
    const forward = (from: Socket, to: Socket) => {
      from.on("data", (chunk: Buffer) => {
        if (from === client && isCut(chunk)) return this.reset()
        if (from === client && isLast(chunk)) this.silent = true
        if (this.silent) return
        if (delay === 0) to.write(chunk)
        else setTimeout(() => to.write(chunk), delay)
      })
      from.on("close", () => {
        onEnd()
        if (!this.silent) to.destroy()
      })
      from.on("error", () => {})
    }
    forward(client, server)
    forward(server, client)
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}

export interface Address {
  readonly host: string
  readonly port: number
}

/** Where new lines lead may be another place each time. */
export const tcpProxy = (to: Address | (() => Address)) =>
  Effect.acquireRelease(
    Effect.callback<TcpProxy & { readonly end: () => void }>((resume) => {
      const lines = new Set<Line>()
      let mode: "pass" | "silent" | "refuse" = "pass"
      let delay = 0
      let lastWord: string | undefined
      let cutting: string | undefined
      let cuts = 0
      const isCut = (said: Buffer) => {
        if (cutting === undefined || !said.includes(cutting)) return false
        cuts++
        return true
      }
      const isLast = (said: Buffer) => {
        if (lastWord === undefined || !said.includes(lastWord)) return false
        lastWord = undefined
        return true
      }
      const server = createServer((client) => {
        client.on("error", () => {})
        if (mode === "refuse") return void client.resetAndDestroy()
        const onEnd = () => lines.delete(line)
        const line = new Line(client, connect(typeof to === "function" ? to() : to), { delay, isCut, isLast, onEnd })
        line.silent = mode === "silent"
        lines.add(line)
      })
      const silence = () => {
        for (const line of lines) line.silent = true
      }
      const reset = () => {
        for (const line of lines) line.reset()
      }
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({
          port: (server.address() as AddressInfo).port,
          open: () => lines.size,
          silence,
          silenceAll: () => {
            mode = "silent"
            silence()
          },
          refuse: () => {
            mode = "refuse"
            reset()
          },
          reset,
          pass: () => {
            mode = "pass"
          },
          silenceBefore: (word) => {
            lastWord = word
          },
          cutBefore: (word) => {
            cutting = word
          },
          cuts: () => cuts,
          delay: (millis) => {
            delay = millis
          },
          end: () => {
            reset()
            server.close()
          }
        })))
    }),
    ({ end }) => Effect.sync(end)
  )
