/**
 * How long the bodies of requests may take. Node has one time for all of them, and a file may take longer than any other
 * body. Who is late is answered and closed as Node would.
 */
import type { IncomingMessage, ServerResponse } from "node:http"

const late = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n"

interface Expected {
  readonly response: ServerResponse
  readonly since: number
}

const hasBody = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0)

export class BodyClock {
  /** In the order in which they came. */
  readonly #expected = new Map<IncomingMessage, Expected>()
  readonly #millis: number

  /** 0 is no bound. */
  constructor(millis: number) {
    this.#millis = millis
  }

  get isIdle(): boolean {
    return this.#expected.size === 0
  }

  /** Returns whether there is a body that has to come in time. */
  watch(request: IncomingMessage, response: ServerResponse, now: number): boolean {
    if (this.#millis === 0 || !hasBody(request)) return false
    this.#expected.set(request, { response, since: now })
    request.once("close", () => this.exempt(request))
    return true
  }

  /** This one has a time of its own from now on. */
  exempt(request: IncomingMessage): void {
    this.#expected.delete(request)
  }

  /** Closes the connections of those that are late. */
  look(now: number): void {
    for (const [request, { response, since }] of this.#expected) {
      if (now - since < this.#millis) return
      this.#expected.delete(request)
      if (request.complete) continue
      const { socket } = request
      if (socket.writable && !response.headersSent) socket.write(late)
      socket.destroy()
    }
  }
}
