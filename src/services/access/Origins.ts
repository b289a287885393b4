/** Which web pages may use this server. Programs that are no browsers send no `Origin` and are not asked. */
import { Context } from "effect"
import { isLoopback } from "./ClientAddress.ts"

/** Exact origins such as `https://app.example.com`, beside the server's own; `*` allows all. */
export const AllowedOrigins = Context.Reference<ReadonlyArray<string>>("switchboard/services/access/AllowedOrigins", {
  defaultValue: () => []
})

export interface OriginQuestion {
  readonly origin: string | undefined
  readonly host: string | undefined
  /** Whether the client reached this server through a loopback address. */
  readonly local: boolean
}

const hostname = (host: string): string => host.replace(/:\d+$/, "")

/**
 * The server's own pages are those that were loaded from the same `Host`. A server that is reached through loopback
 * believes that only of loopback names, or else a page of a stranger whose name was pointed at 127.0.0.1 (DNS
 * rebinding) would count as its own.
 */
export const allows = (allowed: ReadonlyArray<string>, { host, local, origin }: OriginQuestion): boolean => {
  if (origin === undefined) return true
  if (allowed.includes("*") || allowed.includes(origin)) return true
  if (host === undefined || (origin !== `http://${host}` && origin !== `https://${host}`)) return false
  return !local || isLoopback(hostname(host))
}
