/** The admin API as scripts and apps call it: plain requests, and a typed client. */
import { Effect, Redacted } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { AdminAccess, Api } from "../../src/index.ts"

export const adminToken = "a-token-of-administrators"

export const access = AdminAccess.layerToken(Redacted.make(adminToken))

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Of JSON; `undefined` for anything else. */
  readonly body: any
}

const bytesOf = (body: unknown): string | Uint8Array<ArrayBuffer> =>
  typeof body === "string" ? body : Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body)

/** `path` stands after `/v1/admin`. A body that is a string, or bytes, is sent as it is. */
export const admin = Effect.fnUntraced(function*(
  port: number,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${adminToken}` }
): Effect.fn.Return<Answer> {
  return yield* Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/v1/admin${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: bytesOf(body) })
    })
    const text = await response.text()
    const isJson = /[/+]json$/.test(response.headers.get("content-type") ?? "")
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined }
  })
})

/** The typed client, which has the token. */
export const adminClient = (port: number) =>
  HttpApiClient.make(Api, {
    baseUrl: `http://127.0.0.1:${port}`,
    transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(adminToken))
  }).pipe(Effect.provide(FetchHttpClient.layer))

/** The verbs at one server. */
export const adminAt = (port: number) => {
  const call = (method: string, path: string, body?: object | string) =>
    Effect.map(admin(port, method, path, body), (answer) => ({ ...answer, type: answer.headers.get("content-type") }))
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
