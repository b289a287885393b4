/** The answer to an upgrade that will not happen, written on the bare socket. */
import { ProblemDetails } from "effect/http"
import { STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { problemOf, type Refusal } from "../api/problem.ts"

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
