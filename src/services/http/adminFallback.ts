/** What is asked under `/v1/admin` and is not there: which methods there are instead, or nothing. */
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { Api } from "../api/Api.ts"
import { problem } from "./problem.ts"

const under = "/v1/admin"

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const

const patternOf = (path: string) =>
  new RegExp(`^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/:[^/]+/g, "[^/]+")}$`)

const endpoints = Object.values(Api.groups)
  .flatMap(({ endpoints }) => Object.values<{ readonly path: string; readonly method: string }>(endpoints))
  .filter(({ path }) => path.startsWith(`${under}/`))
  .map(({ method, path }) => ({ method, pattern: patternOf(path) }))

const nothing = problem({
  status: 404,
  message: "There is nothing at this path of the admin API; GET /docs says what there is."
})

const answer = (method: string, path: string): HttpServerResponse.HttpServerResponse => {
  const allowed = endpoints.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
  // One that is allowed would have been answered, but for a name that is longer than any.
  if (allowed.length === 0 || allowed.some((each) => each === method)) return nothing
  const list = Array.from(new Set(allowed)).sort().join(", ")
  return HttpServerResponse.setHeader(
    problem({ status: 405, message: `This path takes ${list} only; use one of them.` }),
    "allow",
    list
  )
}

/** At `base`. Without HEAD, which the router answers as it would a GET. */
export const adminFallback = (base: string) =>
  HttpRouter.addAll(
    methods.map((method) =>
      HttpRouter.route(method, `${under}/*`, ({ url }) => {
        const path = url.split("?", 1)[0] ?? ""
        return Effect.succeed(answer(method, path.startsWith(base) ? path.slice(base.length) : path))
      })
    )
  )
