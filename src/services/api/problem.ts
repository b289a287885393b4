/** What goes wrong with a request, as it travels (RFC 9457): a body for programs and, in `detail`, one sentence for people. */
import { ProblemDetails } from "effect/http"
import { STATUS_CODES } from "node:http"

export interface Refusal {
  readonly status: number
  readonly message: string
  readonly retryAfterSeconds?: number
  /** What programs go by; without it, what all of this status have. */
  readonly code?: string
}

const codes: { readonly [status: number]: string } = {
  400: "invalid_request",
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  405: "method_not_allowed",
  408: "too_slow",
  409: "conflict",
  413: "too_large",
  415: "unsupported_media_type",
  416: "range_not_satisfiable",
  422: "refused",
  429: "rate_limited",
  500: "internal",
  501: "not_available",
  503: "unavailable",
  507: "no_room"
}

export const codeOf = (status: number): string => codes[status] ?? "error"

export const problemOf = <Status extends number>({ code, message, status }: Refusal & { readonly status: Status }) => ({
  type: ProblemDetails.blankType,
  title: STATUS_CODES[status] ?? "Error",
  status,
  code: code ?? codeOf(status),
  detail: message
})
