/** The admin API over plain HTTP, as a script of an operator would use it. */
import { Effect, Redacted } from "effect"
import { AdminAccess } from "../../src/index.ts"

export const adminToken = "a-token-of-administrators"

/** For `testServer`. */
export const access = AdminAccess.layerToken(Redacted.make(adminToken))

export interface Answer {
  readonly status: number
  readonly type: string | null
  /** What is asserted of it is the test's business. */
  readonly body: any
}

/** `path` begins after `/v1/admin`; a string as body is sent as it is. */
export const adminAt = (port: number) => {
  const call = (method: string, path: string, body?: object | string): Effect.Effect<Answer> =>
    Effect.promise(async () => {
      const response = await fetch(`http://127.0.0.1:${port}/v1/admin${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        headers: {
          authorization: `Bearer ${adminToken}`,
          ...(body === undefined ? {} : { "content-type": "application/json" })
        }
      })
      const text = await response.text()
      return {
        status: response.status,
        type: response.headers.get("content-type"),
        body: text === "" ? undefined : JSON.parse(text)
      }
    })
  return {
    get: (path: string) => call("GET", path),
    post: (path: string, body: object | string) => call("POST", path, body),
    put: (path: string, body?: object | string) => call("PUT", path, body),
    patch: (path: string, body: object | string) => call("PATCH", path, body),
    delete: (path: string, body?: object | string) => call("DELETE", path, body)
  }
}

/** How a conversation stands in a path. */
export const pathOf = (conversation: string) => `/conversations/${encodeURIComponent(conversation)}/messages`
