/** Why a request was not carried out, with a stable `code` for programs. */
import { ErrorReporter, Schema } from "effect"
import { ProblemDetails } from "effect/http"
import { HttpApiSchema } from "effect/http-api"
import type { ChatError, ErrorCode } from "../../domain/Errors.ts"
import { Refused } from "../access/Authenticator.ts"
import { codeOf, problemOf, type Refusal } from "./problem.ts"

/** `message` is one sentence for the person who tries. */
export class ApiError extends Schema.TaggedError<ApiError>()("ApiError", {
  status: Schema.Literals([400, 401, 403, 404, 408, 409, 413, 415, 416, 422, 429, 501, 503, 507]),
  code: Schema.String,
  message: Schema.String,
  retryAfterSeconds: Schema.optionalKey(Schema.Int)
}) {
  override readonly [ErrorReporter.ignore] = true
}

type Status = ApiError["status"]

/** Of this status travels as a problem, and says when to ask again. One of another status finds its own schema. */
const travels = <Status extends number>(status: Status) => ({
  body: Schema.Struct({
    type: Schema.String,
    title: Schema.String,
    status: Schema.Literal(status),
    code: Schema.String,
    detail: Schema.String
  }).pipe(
    HttpApiSchema.asJson({ contentType: ProblemDetails.contentType }),
    HttpApiSchema.status(status)
  ),
  headers: { "retry-after": Schema.optional(Schema.Int) }
})

const after = (seconds: number | undefined) => seconds === undefined ? {} : { retryAfterSeconds: seconds }

const encode = <S extends number>(error: Refusal & { readonly status: S }) => ({
  body: problemOf(error),
  headers: { "retry-after": error.retryAfterSeconds }
})

const refusalsOf = (statuses: ReadonlyArray<Refused["status"]>) =>
  statuses.map((status) =>
    Refused.pipe(HttpApiSchema.encodeToWithHeaders(travels(status), {
      decode: ({ body, headers }) => new Refused({ status, message: body.detail, ...after(headers["retry-after"]) }),
      encode
    }))
  )

/** For what stands before the endpoints. */
export const refusals = refusalsOf([400, 401, 403, 413, 429, 503])

/** Where a body is read as JSON, and nothing else. */
export const bodyRefusals = refusalsOf(Refused.fields.status.literals)

const errorsOf = (statuses: ReadonlyArray<Status>) =>
  statuses.map((status) =>
    ApiError.pipe(HttpApiSchema.encodeToWithHeaders(travels(status), {
      decode: ({ body, headers }) =>
        new ApiError({ status, code: body.code, message: body.detail, ...after(headers["retry-after"]) }),
      encode
    }))
  )

/** For what endpoints say. */
export const apiErrors = errorsOf([400, 403, 404, 409, 413, 429, 503])

/** For what those of files say, of whoever asks as well. */
export const fileErrors = errorsOf([400, 401, 403, 404, 408, 413, 416, 422, 429, 501, 503, 507])

export const apiError = (status: Status, message: string, code: string = codeOf(status)) =>
  new ApiError({ status, code, message })

/** What the door says, for endpoints that ask it themselves. */
export const ofRefused = ({ message, retryAfterSeconds, status }: Refused): ApiError =>
  new ApiError({ status, code: codeOf(status), message, ...after(retryAfterSeconds) })

export const storeIsDown = () =>
  new ApiError({
    status: 503,
    code: codeOf(503),
    message: "The store does not answer; try again later.",
    retryAfterSeconds: 1
  })

const statuses: { readonly [Code in ErrorCode]: Status } = {
  invalid_frame: 400,
  unknown_type: 400,
  text_too_long: 400,
  invalid_target: 400,
  not_found: 404,
  not_a_member: 403,
  forbidden: 403,
  id_conflict: 409,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
  unauthenticated: 403
}

/** What the chat says of a request is what the API says of it, with the same code. */
export const ofChatError = ({ code, message, retry_after_ms }: ChatError): ApiError =>
  new ApiError({
    status: statuses[code],
    code,
    message,
    ...after(retry_after_ms === undefined ? undefined : Math.max(1, Math.ceil(retry_after_ms / 1_000)))
  })
