/** For bodies of which everything is optional: none is as good as an empty one. */
import { Schema } from "effect"
import { OpenApi } from "effect/http-api"

/** A request without a body comes as `null`. */
export const optionalBody = <Body extends Schema.Top>(Body: Body) => [Schema.Null, Body] as const

interface Operation {
  readonly requestBody?: object
}

/** How the description of an endpoint says so. */
export const bodyIsOptional = OpenApi.annotations({
  transform: (operation: Operation) => ({ ...operation, requestBody: { ...operation.requestBody, required: false } })
})
