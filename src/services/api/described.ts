/** What the API's documentation says of an endpoint. */
import { OpenApi } from "effect/http-api"

export const described = (summary: string, description: string) => OpenApi.annotations({ summary, description })
