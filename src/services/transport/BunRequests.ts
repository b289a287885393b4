/** The HTTP requests of a server of Bun, through Effect's side of them. */
import { Effect, FiberSet } from "effect"
import { HttpEffect, type HttpMiddleware, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import { TrustedProxies } from "../access/ClientAddress.ts"
import type { BunListener } from "./bun.ts"
import type { BunConnection } from "./BunConnection.ts"
import type { Settle } from "./BunPending.ts"
import * as RequestRate from "./RequestRate.ts"
import { refusalOf } from "./webAnswers.ts"
import { WebRequest } from "./WebRequest.ts"

export type Handler = (web: WebRequest) => Promise<Response>

interface Options {
  readonly secure: boolean
  /** In seconds. */
  readonly idleTimeout: number
}

const answers = new WeakMap<object, (response: Response) => void>()

/** What the handler made of it, for whoever waits for it. */
const respond = (request: HttpServerRequest.HttpServerRequest, response: HttpServerResponse.HttpServerResponse) =>
  Effect.map(Effect.context<never>(), (context) => {
    const withoutBody = request.method === "HEAD"
    const whole = withoutBody ? response : HttpEffect.scopeTransferToStream(response)
    // The source of all requests here.
    const source = request.source as Request
    answers.get(source)?.(HttpServerResponse.toWeb(whole, { withoutBody, context, signal: source.signal }))
  })

export const make = Effect.fnUntraced(function*({ idleTimeout, secure }: Options) {
  const proxies = yield* TrustedProxies
  const rate = yield* RequestRate.make

  return {
    known: (request: Request, server: BunListener<BunConnection>, settle: Settle): WebRequest => {
      const peer = server.requestIP(request)
      return new WebRequest(request, {
        remoteAddress: peer?.address ?? "",
        secure,
        proxies,
        mayBeSilent: (seconds) => server.timeout(request, seconds),
        silentFor: idleTimeout,
        settle: () => settle(peer)
      })
    },

    /** The answer to somebody who asks too often. */
    tooOften: (web: WebRequest): Response | undefined => {
      const { asked } = web
      const wait = rate.waitOf(asked.remoteAddress, asked.headers["x-forwarded-for"])
      if (wait === 0) return undefined
      const { body, headers, status } = rate.answer(asked, wait)
      return new Response(body, { status, headers })
    },

    /** Requests end with the scope. */
    handlerOf: Effect.fnUntraced(function*<E, R>(
      httpApp: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
      middleware: HttpMiddleware.HttpMiddleware | undefined
    ) {
      const run = yield* FiberSet.makeRuntime<never>()
      const handled = HttpEffect.toHandled(httpApp, respond, middleware)

      return (web: WebRequest) =>
        new Promise<Response>((resolve) => {
          const { request } = web
          const answer = (response: Response) => {
            web.end()
            resolve(response)
          }
          answers.set(request, answer)
          // A body has to come in time; whoever has said all may wait.
          if (web.isRead && web.mayWait) web.begin()
          const served = HttpServerRequest.fromWeb(request)
          // The runtime has all services of who serves, and the app's are among them (`R`); its type names none.
          const fiber = run(Effect.provideService(handled, HttpServerRequest.HttpServerRequest, served) as never)
          if (fiber.pollUnsafe() !== undefined) return
          const { signal } = request
          const onAbort = () => fiber.interruptUnsafe(undefined, HttpServerError.ClientAbort.annotation)
          signal.addEventListener("abort", onAbort, { once: true })
          fiber.addObserver(() => {
            signal.removeEventListener("abort", onAbort)
            answer(refusalOf({ status: 503, message: "The server is stopping; ask again.", retryAfterSeconds: 1 }))
          })
        })
    })
  }
})
