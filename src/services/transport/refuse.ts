/** The answer to an upgrade that will not happen, written on the bare socket. */
import { ProblemDetails } from "effect/http"
import { STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"

export interface Refusal {
  readonly status: number
  readonly message: string
  readonly retryAfterSeconds?: number
}

/** RFC 9457: a body for programs and, in `detail`, one sentence for people. */
export const problemOf = <Status extends number>({ message, status }: Refusal & { readonly status: Status }) => ({
  type: ProblemDetails.blankType,
  title: STATUS_CODES[status] ?? "Error",
  status,
  detail: message
})

export const refuse = (socket: Duplex, refusal: Refusal): void => {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = JSON.stringify(problemOf(refusal))
  const headers = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Error"}`,
    "Connection: close",
    `Content-Type: ${ProblemDetails.contentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(refusal.retryAfterSeconds === undefined ? [] : [`Retry-After: ${refusal.retryAfterSeconds}`])
  ]
  // Destroyed once written: a client that never closes its side must not keep the socket.
  socket.end(`${headers.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy())
}
