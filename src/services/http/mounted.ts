import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { BasePath } from "../BasePath.ts"

const routerAt = (base: string) =>
  Layer.effect(
    HttpRouter.HttpRouter,
    Effect.map(HttpRouter.HttpRouter, (router) => base === "" ? router : router.prefixed(base))
  )

/** Routes made for the base path that is set, and under it. */
export const mounted = <A, E, R>(routesOf: (base: string) => Layer.Layer<A, E, R>) =>
  Layer.unwrap(Effect.map(BasePath, (base) => Layer.provide(routesOf(base), routerAt(base))))
