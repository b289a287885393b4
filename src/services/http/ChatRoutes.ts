/** All that a person in a browser needs beside the socket, as one Layer for an app that embeds the chat. */
import { Layer } from "effect"
import * as AdminAccess from "./AdminAccess.ts"
import * as ApiRoutes from "./ApiRoutes.ts"
import * as HealthRoutes from "./HealthRoutes.ts"
import * as WebRoutes from "./WebRoutes.ts"

/**
 * Health, the HTTP API with its tickets and no administration, its docs, and the page, all under the `BasePath`. An app
 * that has a `/` of its own sets one, or names its routes first, as the router keeps the first of two; one that wants
 * fewer takes `HealthRoutes`, `ApiRoutes` and `WebRoutes` by themselves.
 */
export const layer = Layer.mergeAll(
  HealthRoutes.layer,
  ApiRoutes.layer.pipe(Layer.provide(AdminAccess.layerOff)),
  ApiRoutes.layerDocs,
  WebRoutes.layer
)
