/** A request as the web's standards have it, and what its server knows of it beside that. On Node there are none. */
import type { HttpServerRequest } from "effect/http"
import type { ConnectRequest } from "../access/Authenticator.ts"
import { clientAddress, type ProxyTrust } from "../access/ClientAddress.ts"
import { isLoopback } from "../kernel/addresses.ts"

const noQuery = new URLSearchParams()

/** Path and query, of an address with or without a host. */
export const targetOf = (url: string): string => {
  if (url.startsWith("/")) return url
  const path = url.indexOf("/", url.indexOf("//") + 2)
  return path === -1 ? "/" : url.slice(path)
}

const queryOf = (url: string): URLSearchParams => {
  const mark = url.indexOf("?")
  return mark === -1 ? noQuery : new URLSearchParams(url.slice(mark + 1))
}

const known = new WeakMap<object, WebRequest>()

export interface WebRequestOptions {
  readonly remoteAddress: string
  readonly secure: boolean
  readonly proxies: ProxyTrust
  /** Its connection may be silent for this many seconds from now on; 0 is no bound. */
  readonly mayBeSilent: (seconds: number) => void
  /** How long it may be where nobody is at work on it. */
  readonly silentFor: number
  /** Its connection is none that is pending, until what comes back is called. */
  readonly settle: () => () => void
}

export class WebRequest {
  readonly request: Request
  readonly #options: WebRequestOptions
  /** Whether all of its body was read, as far as that was told. */
  isRead: boolean
  /** Whether its answer may take its time. */
  mayWait = true
  #asked: ConnectRequest | undefined

  constructor(request: Request, options: WebRequestOptions) {
    this.request = request
    this.#options = options
    this.isRead = !this.hasBody
    known.set(request, this)
  }

  get hasBody(): boolean {
    const { headers } = this.request
    return headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0
  }

  get asked(): ConnectRequest {
    return this.#asked ??= this.#ask()
  }

  #ask(): ConnectRequest {
    const { proxies, remoteAddress, secure } = this.#options
    const headers: Record<string, string> = {}
    this.request.headers.forEach((value, name) => {
      headers[name] = value
    })
    return {
      headers,
      query: queryOf(this.request.url),
      remoteAddress,
      secure,
      address: clientAddress(remoteAddress, headers["x-forwarded-for"], proxies),
      // Nobody says by which address it came; what comes from a loopback address came to one.
      local: isLoopback(remoteAddress)
    }
  }

  /** Its connection has no bound of its own, for as long as somebody is at work on it. */
  begin(): void {
    this.#options.mayBeSilent(0)
  }

  end(): void {
    this.#options.mayBeSilent(this.#options.silentFor)
  }

  settle(): () => void {
    return this.#options.settle()
  }
}

/** Nothing where it is one of Node's. */
export const webRequestOf = ({ source }: HttpServerRequest.HttpServerRequest): WebRequest | undefined =>
  known.get(source)
