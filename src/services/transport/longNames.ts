import { Layer } from "effect"
import { HttpRouter } from "effect/http"

/** A path may name the longest file, with each byte of its name percent-encoded; others are not found. */
export const longNames = Layer.succeed(HttpRouter.RouterConfig, { maxParamLength: 2_304 })
