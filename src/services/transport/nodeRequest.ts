/** Node's own view of a request. The server speaks HTTP/1.1 alone, so nothing here is a stream of HTTP/2. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type { HttpServerRequest } from "effect/http"
import type { IncomingMessage, ServerResponse } from "node:http"

export const incomingOf = (served: HttpServerRequest.HttpServerRequest): IncomingMessage =>
  NodeHttpServerRequest.toIncomingMessage(served) as IncomingMessage

export const responseOf = (served: HttpServerRequest.HttpServerRequest): ServerResponse =>
  NodeHttpServerRequest.toServerResponse(served) as ServerResponse
