/** For bodies of which everything is optional: none is as good as an empty one. */
import { Schema } from "effect"

/** A request without a body comes as `null`. */
export const optionalBody = <Body extends Schema.Top>(Body: Body) => [Schema.Null, Body] as const
