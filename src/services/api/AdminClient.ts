/** The admin API for programs: each endpoint of `Api` as a function with typed answers and errors. */
import { Context, Effect, Layer, type Redacted } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "./Api.ts"

export { ClientId, ConversationId, GroupId, UserId } from "../../domain/Ids.ts"
export { Refused } from "../access/Authenticator.ts"
export { ApiError } from "./ApiError.ts"
export { Api }

export interface AdminClientOptions {
  /** Where the server is, `https://chat.example.com`, with its base path if it has one; or its admin port. */
  readonly url: string | URL
  /** The server's `--admin-token`. The admin port asks for none. */
  readonly token?: string | Redacted.Redacted<string> | undefined
}

/** What endpoints say is an `ApiError` with its `code`; what stands before them, a wrong token for one, is `Refused`. */
export const make = ({ token, url }: AdminClientOptions) =>
  HttpApiClient.make(Api, {
    baseUrl: url,
    ...(token === undefined
      ? undefined
      : { transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(token)) })
  })

// What it names as a requirement is a type parameter of the functions, which comes to none.
// @effect-diagnostics-next-line leakingRequirements:off
export class AdminClient extends Context.Service<AdminClient, Effect.Success<ReturnType<typeof make>>>()(
  "switchboard/services/api/AdminClient"
) {
  /** Needs an `HttpClient`, as `FetchHttpClient.layer` is one. */
  static readonly layer = (options: AdminClientOptions): Layer.Layer<AdminClient, never, HttpClient.HttpClient> =>
    Layer.effect(AdminClient, make(options))
}
