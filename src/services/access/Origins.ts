/** Which web pages may use this server. Programs that are no browsers send no `Origin` and are not asked. */
import { Context } from "effect"
import { isLoopback } from "../kernel/addresses.ts"
import type { ConnectRequest } from "./Authenticator.ts"

/** Exact origins such as `https://app.example.com`, beside the server's own; `*` allows all. */
export const AllowedOrigins = Context.Reference<ReadonlyArray<string>>("switchboard/services/access/AllowedOrigins", {
  defaultValue: () => []
})

interface OriginQuestion {
  readonly origin: string | undefined
  readonly host: string | undefined
  /** Whether the client reached this server through a loopback address. */
  readonly local: boolean
  /** Whether it did so over TLS. */
  readonly secure?: boolean
}

/** Of a `Host` header: without the port. */
export const hostname = (host: string): string => host.replace(/:\d+$/, "")

/**
 * The server's own pages are those that were loaded from the same `Host`. A server that is reached through loopback
 * believes that only of loopback names, or else a page of a stranger whose name was pointed at 127.0.0.1 (DNS
 * rebinding) would count as its own.
 */
export const allows = (
  allowed: ReadonlyArray<string>,
  { host, local, origin, secure = false }: OriginQuestion
): boolean => {
  if (origin === undefined) return true
  if (allowed.includes("*") || allowed.includes(origin)) return true
  if (host === undefined) return false
  // Behind a proxy it is not known how the page came. With TLS it is, and a page without may be anybody's on the way.
  if (origin !== `https://${host}` && (secure || origin !== `http://${host}`)) return false
  return !local || isLoopback(hostname(host))
}

const first = (value: string | ReadonlyArray<string> | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0]

export const originQuestion = (
  { headers, local, secure = false }: Pick<ConnectRequest, "headers" | "local" | "secure">
): OriginQuestion => ({
  origin: first(headers["origin"]),
  host: first(headers["host"]),
  local,
  secure
})

/** What tells a browser that a page may read the answer; nothing of it for pages that may not. Cookies never count. */
export const corsHeaders = (allowed: ReadonlyArray<string>, question: OriginQuestion): Record<string, string> => ({
  vary: "origin",
  ...(question.origin !== undefined && allows(allowed, question)
    ? { "access-control-allow-origin": question.origin, "access-control-expose-headers": "retry-after" }
    : undefined)
})

/** How long a browser may remember what it was allowed, in seconds. */
const preflightSeconds = 600

/** The answer to a browser that asks before it sends: custom authenticators have headers of their own, so all may come. */
export const preflightHeaders = (
  methods: ReadonlyArray<string>,
  asked: string | undefined
): Record<string, string> => ({
  "access-control-allow-methods": methods.join(", "),
  ...(asked === undefined ? undefined : { "access-control-allow-headers": asked }),
  "access-control-max-age": String(preflightSeconds)
})
