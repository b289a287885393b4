/** Where on its server the chat is. */
import { Context, Layer, Schema } from "effect"

/**
 * `""` for the root, or `/chat`: the socket is then at `/chat/ws`, the page at `/chat/`, the API at `/chat/v1`. The
 * routes and the upgrades both follow it. Behind a proxy that takes the path away there is nothing to set.
 */
export const BasePath = Context.Reference<string>("switchboard/services/BasePath", { defaultValue: () => "" })

const shape = /^(\/[A-Za-z0-9_~.-]+)*$/

/** What people write for one, with or without slashes at its ends; `undefined` for what is none. */
export const parse = (written: string): string | undefined => {
  const bare = written.replaceAll(/^\/+|\/+$/g, "")
  const path = bare === "" ? "" : `/${bare}`
  return shape.test(path) && !/\/\.{1,2}(\/|$)/.test(path) ? path : undefined
}

/** The `path` cannot be one. */
export class BasePathError extends Schema.TaggedError<BasePathError>()("BasePathError", { message: Schema.String }) {}

/** `layer("/chat")`. Fails with `BasePathError` for what is no plain path. */
export const layer = (path: string): Layer.Layer<never, BasePathError> => {
  const parsed = parse(path)
  return parsed === undefined
    ? Layer.unwrap(new BasePathError({ message: `"${path}" cannot be a base path; give one such as /chat.` }))
    : Layer.succeed(BasePath, parsed)
}
